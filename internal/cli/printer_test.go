package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/terminal"
)

var _ component.Emitter = (*printer)(nil)

type masked struct{}

func (masked) Mask(json.RawMessage) json.RawMessage { return json.RawMessage(`{"a":"***"}`) }

func TestPrinter(t *testing.T) {
	secret := json.RawMessage(`{"a":"secret"}`)
	known := component.Errorf(component.Unavailable, "throttled")
	for _, test := range []struct {
		name   string
		emit   func(component.Emitter) error
		json   string
		text   string
		shown  string // with secrets
		failed bool
	}{
		{
			"data", func(e component.Emitter) error { return e.Data(t.Context(), component.NewMessage(secret)) },
			`{"body":{"a":"***"},"emit":"data"}`, "{\n  \"a\": \"***\"\n}", `{"body":{"a":"secret"},"emit":"data"}`, false,
		},
		{
			"snapshot", func(e component.Emitter) error { return e.Snapshot(t.Context(), secret) },
			`{"emit":"snapshot","snapshot":"***"}`, `"***"`, `{"emit":"snapshot","snapshot":{"a":"secret"}}`, false,
		},
		{
			"updateSnapshot", func(e component.Emitter) error { return e.UpdateSnapshot(t.Context(), secret) },
			`{"changes":"***","emit":"updateSnapshot"}`, `"***"`, `{"changes":{"a":"secret"},"emit":"updateSnapshot"}`, false,
		},
		{
			"httpReply", func(e component.Emitter) error { return e.HTTPReply(t.Context(), component.HTTPReply{Body: secret}) },
			`{"body":"***","emit":"httpReply"}`, `"***"`, `{"body":{"a":"secret"},"emit":"httpReply"}`, false,
		},
		{
			"updateKeys", func(e component.Emitter) error { return e.UpdateKeys(t.Context(), secret) },
			`{"emit":"updateKeys","keys":"***"}`, `"***"`, `{"emit":"updateKeys","keys":{"a":"secret"}}`, false,
		},
		{
			"error", func(e component.Emitter) error { return e.Error(t.Context(), fmt.Errorf("it failed: %w", known)) },
			`{"emit":"error","message":"it failed: throttled","name":"Unavailable"}`, "Unavailable\nit failed: throttled",
			`{"emit":"error","message":"it failed: throttled","name":"Unavailable"}`, true,
		},
		{
			"error", func(e component.Emitter) error { return e.Error(t.Context(), errors.New("no name")) },
			`{"emit":"error","message":"no name","name":"Error"}`, "Error\nno name",
			`{"emit":"error","message":"no name","name":"Error"}`, true,
		},
		{
			"rebound", func(e component.Emitter) error {
				return e.Error(t.Context(), &component.Rebound{Reason: "throttled", Err: known})
			},
			`{"emit":"rebound","message":"throttled","name":"Unavailable"}`, "Unavailable\nthrottled",
			`{"emit":"rebound","message":"throttled","name":"Unavailable"}`, true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var asJSON, asText, shown bytes.Buffer
			for _, p := range []*printer{
				{w: &asJSON, out: masked{}, json: true},
				{w: &asText, out: masked{}},
				{w: &shown, out: masked{}, json: true, Style: terminal.Style{ShowSecrets: true}},
			} {
				require.NoError(t, test.emit(p))
				assert.Equal(t, test.failed, p.failed)
			}
			assert.Equal(t, test.json+"\n", asJSON.String())
			assert.Regexp(t, "^● "+test.name+` \d\d:\d\d:\d\d\n`, asText.String())
			_, text, _ := strings.Cut(asText.String(), "\n")
			assert.Equal(t, test.text+"\n", text)
			assert.Equal(t, test.shown+"\n", shown.String())
		})
	}
}

func TestPrinterAtOnce(t *testing.T) {
	var out bytes.Buffer
	p := &printer{w: &out, out: masked{}, json: true}
	var emits sync.WaitGroup
	for range 20 {
		emits.Go(func() { assert.NoError(t, p.Data(t.Context(), component.NewMessage(json.RawMessage(`{}`)))) })
		emits.Go(func() { assert.NoError(t, p.Error(t.Context(), errors.New("it broke"))) })
	}
	emits.Wait()
	assert.True(t, p.failed)
	assert.Equal(t, 40, strings.Count(out.String(), "\n"))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestPrinterCannotPrint(t *testing.T) {
	for _, asJSON := range []bool{true, false} {
		p := &printer{w: full{}, out: masked{}, json: asJSON}
		require.EqualError(t, p.Data(t.Context(), component.NewMessage(json.RawMessage(`{}`))), "no space left")
		require.EqualError(t, p.Error(t.Context(), errors.New("it broke")), "no space left")
		assert.True(t, p.failed)
	}
}
