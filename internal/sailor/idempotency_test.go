package sailor

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/settings"
)

func TestIdempotencyToken(t *testing.T) {
	base := settings.Settings{
		FlowID: "flow", StepID: "step", MessageCryptoPassword: component.NewSecret("password"), ContainerID: "one",
	}
	token := func(change func(*settings.Settings), messageID, input string) string {
		set := base
		change(&set)
		ids, err := newIdentifiers(set)
		require.NoError(t, err)
		return ids.token(messageID, []byte(input))
	}
	same := func(*settings.Settings) {}
	first := token(same, "message", "input")
	// Fixed: work that is in flight during an update would be repeated if it changed.
	assert.Equal(t, "13a9ad76-d9c7-8724-9cfe-27c935ad3ee7", first)
	assert.Equal(t, first, token(func(s *settings.Settings) { s.ContainerID, s.ExecID = "two", "two" }, "message", "input"), "in another container")
	assert.NotEqual(t, first, token(same, "other", "input"))
	assert.NotEqual(t, first, token(same, "message", "other"))
	assert.NotEqual(t, first, token(func(s *settings.Settings) { s.FlowID = "other" }, "message", "input"))
	assert.NotEqual(t, first, token(func(s *settings.Settings) { s.StepID = "other" }, "message", "input"))
	assert.NotEqual(t, first, token(func(s *settings.Settings) { s.MessageCryptoPassword = component.NewSecret("other") }, "message", "input"),
		"who does not know the password must not be able to test guesses of the input")
}

// Each harness is a container of its own.
func TestTheSameEmitHasTheSameMessageID(t *testing.T) {
	type message struct {
		id, body string
		rebounds int64
	}
	emitted := func(t *testing.T, in message, change func(*harness), emits ...string) (ids []string) {
		t.Helper()
		r := newHarness(t, func(ctx context.Context, _ component.Request, out component.Emitter) error {
			for _, emit := range emits {
				if err := out.Data(ctx, component.NewMessage(json.RawMessage(emit))); err != nil {
					return err
				}
			}
			return errTest
		})
		if change != nil {
			change(r)
		}
		stop := r.start()
		headers := map[string]any{"reboundIteration": in.rebounds}
		if in.id != "" {
			headers["messageId"] = in.id
		}
		r.send(in.body, headers)
		for range len(emits) + 1 { // and the error
			d := r.receive()
			ids = append(ids, d.Headers["messageId"].(string))
		}
		r.requireDrained(stop)
		return ids
	}
	base := message{id: "m", body: `{"Name": "n"}`}
	want := emitted(t, base, nil, "{}", "{}", `{"a": 1}`)
	for i, id := range want {
		assert.Equal(t, uuid.Version(8), uuid.MustParse(id).Version())
		assert.NotContains(t, want[:i], id, "emits of one call differ, also those with the same content")
	}
	assert.Equal(t, want, emitted(t, base, nil, "{}", "{}", `{"a": 1}`))
	assert.Equal(t, want, emitted(t, base, func(r *harness) { r.env["CONTAINER_ID"], r.env["EXEC_ID"] = "other", "other" }, "{}", "{}", `{"a": 1}`))
	assert.Equal(t, want, emitted(t, message{id: base.id, body: base.body, rebounds: 1}, nil, "{}", "{}", `{"a": 1}`),
		"a message that was emitted for, came again and rebounded is done once by the next step")

	for name, other := range map[string][]string{
		"another message":                 emitted(t, message{id: "other", body: base.body}, nil, "{}", "{}"),
		"another message of the same id":  emitted(t, message{id: base.id, body: `{"Name": "other"}`}, nil, "{}", "{}"),
		"another flow":                    emitted(t, base, func(r *harness) { r.env["FLOW_ID"] = "other" }, "{}", "{}"),
		"another step":                    emitted(t, base, func(r *harness) { r.env["STEP_ID"] = "other" }, "{}", "{}"),
		"another content, in other order": emitted(t, base, nil, `{"a": 1}`, "{}"),
	} {
		for i, id := range other[:2] {
			if name != "another content, in other order" || i == 0 {
				assert.NotContains(t, want, id, name)
			}
		}
	}
	without := message{body: base.body}
	for i, id := range emitted(t, without, nil, "{}", "{}") {
		assert.Contains(t, id, "new-", "emit %d of a message without id", i)
	}
}

// The content is what was emitted, not the reference that stands for it: each
// upload makes another one.
func TestTheSameEmitByReferenceHasTheSameMessageID(t *testing.T) {
	emitted := func() (id, objectID any) {
		r := newHarness(t, echo)
		r.schema = `{"type": "object"}`
		withStorage(r)
		r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
		r.env["OBJECT_STORAGE_SIZE_THRESHOLD"] = "10"
		stop := r.start()
		r.send(`{"Name": "longer than the threshold"}`, map[string]any{"messageId": "m"})
		d, msg := r.receiveData()
		r.requireDrained(stop)
		return d.Headers["messageId"], msg.Headers[objectIDHeader]
	}
	firstID, firstObject := emitted()
	secondID, secondObject := emitted()
	assert.NotEqual(t, firstObject, secondObject)
	assert.Equal(t, firstID, secondID)
}
