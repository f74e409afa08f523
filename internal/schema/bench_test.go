package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkFastPath checks documents of some 1 KB with and without the fast
// path.
func BenchmarkFastPath(b *testing.B) {
	s := compiled(b, sampleFast)
	for name, doc := range map[string]string{
		"text":      `{"Name":"ab","Secret":"` + strings.Repeat("0123456789", 100) + `"}`,
		"escaped":   `{"Name":"ab","Secret":"` + strings.Repeat(`\"1234567\n`, 100) + `"}`,
		"structure": `{"Name":"ab","Entries":[` + strings.TrimSuffix(strings.Repeat(`{"Key":"k"},`, 80), ",") + `]}`,
	} {
		for way, check := range map[string]func([]byte) error{
			"fast path": func(doc []byte) error { _, err := s.Check(doc); return err },
			"validator": func(doc []byte) error { _, err := s.validate(doc); return err },
		} {
			b.Run(name+"/"+way, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(doc)))
				for b.Loop() {
					require.NoError(b, check([]byte(doc)))
				}
			})
		}
	}
}
