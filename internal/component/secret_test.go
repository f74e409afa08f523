package component_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

const planted = "pl4nted-value"

// printed returns what every way of printing makes of v.
func printed(t *testing.T, v any) map[string]string {
	t.Helper()
	ways := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10.3v"} {
		ways[verb] = fmt.Sprintf(verb, v)
	}
	ways["error"] = fmt.Errorf("wrapped: %w, %v", errors.New("x"), v).Error()

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).With("with", v).Info("message", "v", v, slog.Group("g", "v", v))
	}
	ways["slog"] = log.String()
	return ways
}

func TestSecretDoesNotPrint(t *testing.T) {
	type exported struct{ S component.Secret }
	type unexported struct{ s component.Secret }
	secret := component.NewSecret(planted)
	for name, v := range map[string]any{
		"value":            secret,
		"pointer":          &secret,
		"exported field":   exported{secret},
		"unexported field": unexported{secret},
		"pointer to both":  &struct{ A, b any }{exported{secret}, &unexported{secret}},
		"slice":            []component.Secret{secret},
		"map":              map[string]component.Secret{"k": secret},
		"map key":          map[component.Secret]int{secret: 1},
		"inside an any":    []any{secret, unexported{secret}},
	} {
		t.Run(name, func(t *testing.T) {
			for way, text := range printed(t, v) {
				assert.NotContains(t, text, planted, way)
				assert.NotContains(t, text, fmt.Sprintf("%x", planted), way)
			}
		})
	}
	assert.Equal(t, "***", secret.String())
	assert.Equal(t, "***", fmt.Sprintf("%#v", secret))
}

func TestSecretInJSON(t *testing.T) {
	var read struct{ Key component.Secret }
	require.NoError(t, json.Unmarshal([]byte(`{"Key":"`+planted+`"}`), &read))
	assert.Equal(t, planted, read.Key.Reveal())

	written, err := json.Marshal(read)
	require.NoError(t, err)
	assert.Equal(t, `{"Key":"***"}`, string(written))
}

func TestSecretsCompareByValue(t *testing.T) {
	one, same, other := component.NewSecret(planted), component.NewSecret(planted), component.NewSecret("another")
	assert.True(t, one == same)
	assert.False(t, one == other)
	assert.Equal(t, component.Secret{}, component.NewSecret(""))
}

func TestEmptySecret(t *testing.T) {
	assert.True(t, component.Secret{}.IsZero())
	assert.True(t, component.NewSecret("").IsZero())
	assert.False(t, component.NewSecret(planted).IsZero())
	assert.Empty(t, component.Secret{}.Reveal())
	assert.Equal(t, "***", component.Secret{}.String(), "nobody shall see whether it is empty")

	filled := component.NewSecret(planted)
	require.NoError(t, filled.UnmarshalText(nil))
	assert.True(t, filled.IsZero())
}
