package emulator

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBelowHasNoBias: what lies over the last whole multiple is thrown away.
func TestBelowHasNoBias(t *testing.T) {
	for name, tt := range map[string]struct {
		n     int
		draws []uint32
		want  int
	}{
		"first":                   {10, []uint32{0}, 0},
		"remainder":               {10, []uint32{25}, 5},
		"last of the multiple":    {10, []uint32{4294967289}, 9},
		"first over the multiple": {10, []uint32{4294967290, 3}, 3},
		"several over it":         {10, []uint32{math.MaxUint32, math.MaxUint32, 7}, 7},
		"power of two has none":   {16, []uint32{math.MaxUint32}, 15},
		"one":                     {1, []uint32{math.MaxUint32}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var b []byte
			for _, d := range tt.draws {
				b = binary.BigEndian.AppendUint32(b, d)
			}
			s := &source{r: bytes.NewReader(b)}
			got, err := s.below(tt.n)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			_, err = s.below(tt.n)
			require.Error(t, err, "every draw was used")
		})
	}
}
