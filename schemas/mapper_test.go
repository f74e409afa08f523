package schemas

import (
	"encoding/json"
	"os"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhatTheMapperMakes sends what JSONata, the platform's mapper, really made
// of expressions, recorded in testdata/mapper.json by scripts/record-mapper.mjs.
func TestWhatTheMapperMakes(t *testing.T) {
	var recorded struct {
		Cases []struct {
			Name, Function, Expression string
			Mapped, Want               json.RawMessage
			Error                      string
		}
	}
	raw, err := os.ReadFile("testdata/mapper.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &recorded))
	understood, refused := map[string]bool{}, map[string]bool{}
	for _, c := range recorded.Cases {
		understood[c.Function] = understood[c.Function] || c.Error == ""
		refused[c.Function] = refused[c.Function] || c.Error != ""
		t.Run(c.Function+"/"+c.Name, func(t *testing.T) {
			in, _, err := Load(c.Function)
			require.NoError(t, err)
			got, err := in.Check(c.Mapped)
			if c.Error != "" {
				require.EqualError(t, err, c.Error)
				return
			}
			require.NoError(t, err, c.Expression)
			assert.JSONEq(t, string(c.Want), string(got))
			again, err := in.Check(got)
			require.NoError(t, err)
			assert.Equal(t, string(got), string(again))
		})
	}
	for _, name := range functions(t) {
		if isAction := unicode.IsUpper(rune(name[0])); isAction { // triggers have no mapper before them
			assert.True(t, understood[name], "%s has no case that is understood; scripts/record-mapper.mjs makes them", name)
			assert.True(t, refused[name], "%s has no case that is refused", name)
		}
	}
}

// Digits, order and Unicode of a value stay as they came; JavaScript, which made
// the recorded ones, has no number of so many digits.
func TestObjectsBecomeTextAsTheyCame(t *testing.T) {
	in, _, err := Load("PutSecretValue")
	require.NoError(t, err)
	got, err := in.Check(json.RawMessage(`{"SecretString": {"z": 12345678901234567890.10, "a": "ü<&>\u00fc", "m": {"b": 1e5, "a": []}}, "SecretId": "s"}`))
	require.NoError(t, err)
	var body struct{ SecretString string }
	require.NoError(t, json.Unmarshal(got, &body))
	assert.Equal(t, `{"z":12345678901234567890.10,"a":"ü<&>\u00fc","m":{"b":1e5,"a":[]}}`, body.SecretString)

	_, err = in.Check(json.RawMessage(`{"SecretId": "s", "SecretString": {"s3cret": "s3cret", "s3cret": 1}}`))
	require.Error(t, err, "a name given twice has no one value")
	assert.NotContains(t, err.Error(), "s3cret")
}

// Nor do objects change that are stored as they are, beside what the mapper made.
func TestObjectsStayAsTheyCame(t *testing.T) {
	const object = `{"z":12345678901234567890.10,"a":{"Name":null,"Tags":"true","\u00fc":"ü<&>"},"b":[7.0,"7"]}`
	for function, body := range map[string]string{
		"CreateSecret": `{"Name":"s","Tags":{"Key":"k"},"Secret":`, "PutSecretValue": `{"SecretId":"s","VersionStages":"a","Secret":`,
		"UpdateSecret": `{"SecretId":"s","Type":null,"Secret":`, "SetSecretKeys": `{"SecretId":"s","Remove":"x","Set":`,
	} {
		in, _, err := Load(function)
		require.NoError(t, err)
		got, err := in.Check(json.RawMessage(body + object + "}"))
		require.NoError(t, err, function)
		assert.NotEqual(t, body+object+"}", string(got), "the rest is converted")
		assert.Contains(t, string(got), object)
	}
}
