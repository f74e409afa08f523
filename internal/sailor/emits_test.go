package sailor

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

func TestUpdateSnapshot(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		if err := out.UpdateSnapshot(ctx, req.Message.Body); err != nil {
			return err
		}
		return out.Snapshot(ctx, req.Snapshot) // shows what it was before
	})
	r.step.Snapshot = json.RawMessage(`{"a": 1, "Name": "old"}`)
	stop := r.start()
	r.send(`{"Name": "new"}`, map[string]any{"messageId": "m1"})
	d := r.receive()
	assert.Equal(t, "snapshot", d.RoutingKey)
	assert.Equal(t, "updateSnapshot", d.Headers["snapshotEvent"])
	assert.NotContains(t, d.Headers, "end")
	assert.JSONEq(t, `{"Name": "new"}`, string(d.Body))
	assert.JSONEq(t, `{"a": 1, "Name": "old"}`, string(r.receive().Body))
	r.requireDrained(stop)
}

func TestMergeSnapshot(t *testing.T) {
	s := &snapshot{value: json.RawMessage(`{"a": 1, "b": {"x": 1}}`)}
	require.NoError(t, s.merge(json.RawMessage(`{"b": {"y": 2}, "c": null}`)))
	assert.JSONEq(t, `{"a": 1, "b": {"y": 2}, "c": null}`, string(s.current()))
	for name, changes := range map[string]string{
		"a text": `"planted"`, "null": `null`, "a list": `[1]`, "no JSON": `{`, "$set": `{"$set": {"a": 2}}`,
	} {
		t.Run(name, func(t *testing.T) {
			err := s.merge(json.RawMessage(changes))
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "planted")
			assert.JSONEq(t, `{"a": 1, "b": {"y": 2}, "c": null}`, string(s.current()))
		})
	}
}

func TestHTTPReply(t *testing.T) {
	handle := func(ctx context.Context, req component.Request, out component.Emitter) error {
		return out.HTTPReply(ctx, component.HTTPReply{StatusCode: 201, Headers: map[string]any{"x": "y"}, Body: req.Message.Body})
	}
	t.Run("goes to who waits, in protocol 1", func(t *testing.T) {
		r := newHarness(t, handle)
		r.env["PROTOCOL_VERSION"] = "2"
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1", "reply_to": "reply"})
		d := r.receive()
		assert.Equal(t, "reply", d.RoutingKey)
		assert.Equal(t, int64(1), d.Headers["protocolVersion"])
		assert.NotContains(t, d.Headers, "end")
		plain, err := r.cipher.Decode(d.Body, envelope.Base64)
		require.NoError(t, err)
		assert.JSONEq(t, `{"statusCode": 201, "headers": {"x": "y"}, "body": {"Name": "n"}}`, string(plain))
		r.requireDrained(stop)
	})
	t.Run("is an error when nobody waits", func(t *testing.T) {
		r := newHarness(t, handle)
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
		_, failure, _ := r.receiveError()
		assert.Contains(t, failure.Message, "reply_to")
		r.requireDrained(stop)
		assert.Equal(t, 1, r.rejected())
	})
}

func TestUpdateKeys(t *testing.T) {
	handle := func(ctx context.Context, _ component.Request, out component.Emitter) error {
		return out.UpdateKeys(ctx, json.RawMessage(`{"token":"new"}`))
	}
	t.Run("stores them in the step's account", func(t *testing.T) {
		r := newHarness(t, handle)
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
		require.Eventually(t, func() bool { return contains(r.log, "message done") }, testTimeout, poll)
		r.requireDrained(stop)
		assert.Contains(t, r.notes(), `update account {"token":"new"}`)
	})
	t.Run("a refusal is an error", func(t *testing.T) {
		r := newHarness(t, handle)
		r.keysErr = errTest
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
		_, failure, _ := r.receiveError()
		assert.Equal(t, "something failed", failure.Message)
		r.requireDrained(stop)
	})
	t.Run("and so is a step without an account", func(t *testing.T) {
		r := newHarness(t, handle)
		r.step.Config = json.RawMessage(`{}`)
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
		_, failure, _ := r.receiveError()
		assert.Contains(t, failure.Message, "no account")
		r.requireDrained(stop)
	})
}

func TestErrorInput(t *testing.T) {
	got := make(chan component.Message, 1)
	r := newHarness(t, func(ctx context.Context, req component.Request, _ component.Emitter) error {
		got <- req.Message
		return nil
	})
	r.env["INPUT_FORMAT"] = "error"
	r.schema = `{"type": "object"}`
	stop := r.start()
	failure := envelope.EncodeError(r.cipher, envelope.Failure{Name: "Error", Message: "it failed"})
	input := r.cipher.Encode([]byte(`{"body": {"n": 1}}`), envelope.Base64)
	r.sendRaw(envelope.ErrorPayload(failure, input, envelope.Base64), map[string]any{"messageId": "m1", "reply_to": "reply"})
	msg := <-got
	assert.JSONEq(t, `{"error": {"name": "Error", "message": "it failed", "stack": ""}, "errorInput": {"body": {"n": 1}}}`, string(msg.Body))
	assert.Equal(t, map[string]any{"messageId": "m1", "reply_to": "reply"}, msg.Headers)
	r.requireDrained(stop)
}
