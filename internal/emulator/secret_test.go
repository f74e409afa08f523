package emulator

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTypesDoNotPrintValues prints whatever holds a value, in every way.
func TestTypesDoNotPrintValues(t *testing.T) {
	planted := secretText("hush-hush")
	binary := secretBinary(planted)
	val := value{&planted, binary}
	v := &version{id: "v", value: val}
	s := &secret{content: &content{versions: []*version{v}}, arn: "arn"}
	for name, held := range map[string]any{
		"text": planted, "text pointer": &planted, "binary": binary, "value": val, "value pointer": &val,
		"version": v, "secret": s, "secrets": []*secret{s},
		"input":    createSecretInput{newValue: newValue{&planted, binary}},
		"output":   &secretValue{SecretString: &planted, SecretBinary: binary},
		"batch":    batchOutput{SecretValues: []*secretValue{{SecretString: &planted, SecretBinary: binary}}},
		"password": randomPasswordOutput{planted},
		"seed":     seed{Secrets: []seedSecret{{Name: "a", SecretString: []byte(`"hush-hush"`), SecretBinary: binary}}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				fmt.Fprintf(&out, verb+"\n", held)
			}
			slog.New(slog.NewTextHandler(&out, nil)).Info("print", "it", held)
			for _, shown := range []string{"hush", "687573682d68757368", "104 117 115 104"} {
				require.NotContains(t, out.String(), shown)
			}
		})
	}
}
