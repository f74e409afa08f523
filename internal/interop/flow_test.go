//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/testkit"
)

// flow is a step of Node.js, then GetRandomPassword of the real program, then a
// step of Node.js that tells what it got.
type flow struct {
	*side
	settings  map[string]string // of all steps
	connector *testkit.Process
	node      []*testkit.Process
}

// The ids of the flow's steps. The last one handles what the second one fails
// at, where it runs.
const first, second, third, handler = "first", "second", "third", "handler"

const passwordLength = 20

// newFlow starts the first three steps. config is that of the third.
func newFlow(ctx context.Context, t *testing.T, connector string, passthrough bool, config string, settings map[string]string) *flow {
	t.Helper()
	aws := listen(ctx, t, emulator.New(emulator.Options{
		Credentials: map[string]emulator.Credential{"AKIAEXAMPLE": {SecretKey: component.NewSecret("secretkey")}},
	}))
	steps := map[string]string{}
	for id, config := range map[string]string{
		first: `{}`, third: config, handler: `{}`,
		second: `{"accessKeyId": "AKIAEXAMPLE", "accessKeySecret": "secretkey", "region": "eu-central-1", "endpoint": "` + aws + `"}`,
	} {
		steps[id] = fmt.Sprintf(`{"id": %q, "config": %s, "snapshot": {}, "is_passthrough": %t}`, id, config, passthrough)
	}
	f := &flow{side: newSide(ctx, t, "flow", &platformAPI{steps: steps}), settings: settings}
	topology := broker.Topology{Exchange: f.exchange}
	for _, id := range []string{second, third, handler} {
		topology.Queues = append(topology.Queues, broker.Queue{Name: f.queue(id), RoutingKeys: []string{id}})
	}
	require.NoError(t, f.admin.Declare(ctx, topology))
	t.Cleanup(func() { assert.NoError(t, f.admin.Delete(context.WithoutCancel(ctx), topology)) })

	f.startNode(ctx, t, map[string]string{"STEP_ID": first, "DATA_ROUTING_KEY": second})
	f.connector = f.start(ctx, t, program{path: connector}, f.with(map[string]string{
		"STEP_ID": second, "FUNCTION": "GetRandomPassword", "LISTEN_MESSAGES_ON": f.queue(second),
		"DATA_ROUTING_KEY": third, "ERROR_ROUTING_KEY": handler,
	}))
	f.startNode(ctx, t, map[string]string{"STEP_ID": third, "LISTEN_MESSAGES_ON": f.queue(third)})
	return f
}

func (f *flow) queue(id string) string { return f.exchange + "." + id }

func (f *flow) with(own map[string]string) map[string]string {
	all := maps.Clone(own)
	maps.Copy(all, f.settings)
	return all
}

func (f *flow) startNode(ctx context.Context, t *testing.T, own map[string]string) {
	t.Helper()
	f.node = append(f.node, f.start(ctx, t, programs(t)[reference], f.with(own)))
}

// stop ends all steps, which have nothing to do any more.
func (f *flow) stop(t *testing.T) {
	t.Helper()
	for _, p := range append(f.node, f.connector) {
		p.Stop(t)
	}
}

// next waits for what comes out of the flow, and decrypts it.
func (f *flow) next(ctx context.Context, t *testing.T) (broker.Delivery, any) {
	t.Helper()
	d := f.receive(ctx, t, f.connector)
	return d, f.content(t, d)
}

// ask sends the first step what it shall ask of the second.
func (f *flow) ask(ctx context.Context, t *testing.T, name, body string, protocol int, headers map[string]any) {
	t.Helper()
	f.send(ctx, t, input{
		name: name, message: do(`{"data": {"headers": {"h": "of first"}, "body": ` + body + `}}`), raw: protocol >= envelope.Raw, headers: headers,
	})
}

// arrived is the message that a step of Node.js has got, as its echo tells.
type arrived struct {
	Headers     map[string]any
	Body        map[string]any
	Passthrough map[string]struct{ Headers, Body map[string]any }
}

func echoOf(t *testing.T, content any) arrived {
	t.Helper()
	text, err := json.Marshal(content)
	require.NoError(t, err)
	var got struct{ Body struct{ Message arrived } }
	require.NoError(t, json.Unmarshal(text, &got))
	return got.Body.Message
}

func TestFlow(t *testing.T) {
	requireReference(t)
	connector, err := testkit.BuildComponent(t.TempDir())
	require.NoError(t, err)
	for _, protocol := range []int{envelope.Base64, envelope.Raw} {
		for _, form := range []string{"no passthrough", "passthrough", "NO_SELF_PASSTRHOUGH"} {
			for _, lightweight := range []bool{false, true} {
				t.Run(fmt.Sprintf("protocol %d, %s, lightweight %t", protocol, form, lightweight), func(t *testing.T) {
					testFlow(t, connector, protocol, form, lightweight)
				})
			}
		}
	}
	t.Run("answers", func(t *testing.T) { testAnswers(t, connector) })
}

func testFlow(t *testing.T, connector string, protocol int, form string, lightweight bool) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	settings := map[string]string{"PROTOCOL_VERSION": strconv.Itoa(protocol)}
	if form == "NO_SELF_PASSTRHOUGH" {
		settings[form] = "true"
	}
	if lightweight {
		settings["EMIT_LIGHTWEIGHT_MESSAGE"], settings["OBJECT_STORAGE_SIZE_THRESHOLD"] = "true", "1"
	}
	f := newFlow(ctx, t, connector, form != "no passthrough", `{}`, settings)
	f.ask(ctx, t, "flow", `{"PasswordLength": 20}`, protocol, header{"X-EIO-Meta-Who": "me"})

	d, content := f.next(ctx, t)
	assert.Equal(t, "data", d.RoutingKey)
	assert.Equal(t, int64(protocol), d.Headers["protocolVersion"])
	assert.Equal(t, "thread", d.Headers["threadId"])
	assert.Equal(t, "me", d.Headers["x-eio-meta-who"])
	if lightweight {
		f.resolve(t, content)
		assert.Greater(t, f.storage.Requests().Get, 0)
	}
	got := echoOf(t, content)
	assert.Len(t, got.Body["RandomPassword"], passwordLength)
	bodies := map[string]any{}
	for id, entry := range got.Passthrough {
		bodies[id] = entry.Body
	}
	asked := map[string]any{"PasswordLength": float64(passwordLength)}
	switch form {
	case "passthrough":
		assert.Equal(t, map[string]any{first: asked, second: got.Body}, bodies)
		assert.Equal(t, "of first", got.Passthrough[first].Headers["h"])
	case "NO_SELF_PASSTRHOUGH":
		assert.Equal(t, map[string]any{first: asked}, bodies)
		assert.Equal(t, "of first", got.Passthrough[first].Headers["h"])
	default:
		assert.Empty(t, bodies)
	}
	f.stop(t)
}

// resolve gives a message the body that it refers to.
func (f *flow) resolve(t *testing.T, content any) {
	t.Helper()
	message := content.(map[string]any)
	assert.Equal(t, map[string]any{}, message["body"])
	id, ok := message["headers"].(map[string]any)[objectHeader].(string)
	require.True(t, ok, "reference to the body")
	object, ok := f.storage.Object(id)
	require.True(t, ok, "object")
	message["body"] = f.decrypted(t, object, envelope.Raw)
}

// testAnswers has an HTTP caller wait for the flow.
func testAnswers(t *testing.T, connector string) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	f := newFlow(ctx, t, connector, false, `{"do": [{"replyWithEcho": true}]}`, nil)
	f.startNode(ctx, t, map[string]string{"STEP_ID": handler, "LISTEN_MESSAGES_ON": f.queue(handler), "INPUT_FORMAT": "error"})
	waiting := header{"reply_to": "reply"}

	t.Run("by the step after ours", func(t *testing.T) {
		f.ask(ctx, t, "good", `{"PasswordLength": 20}`, envelope.Base64, waiting)
		d, content := f.next(ctx, t)
		assert.Equal(t, "reply", d.RoutingKey)
		assert.Equal(t, third, d.Headers["stepId"])
		got := echoOf(t, content)
		assert.Len(t, got.Body["RandomPassword"], passwordLength)
		assert.Equal(t, "reply", got.Headers["reply_to"])
	})
	t.Run("by an error of ours, which a step of Node.js handles", func(t *testing.T) {
		f.ask(ctx, t, "bad", `{"PasswordLength": "many"}`, envelope.Raw, waiting)
		answers := map[string]any{}
		for range 2 { // in any order
			d, content := f.next(ctx, t)
			answers[d.RoutingKey] = content
		}
		failure, ok := answers["reply"].(map[string]any)
		require.True(t, ok, "reply")
		assert.Equal(t, component.InvalidInput, failure["name"])
		assert.Contains(t, failure["message"], "PasswordLength")
		handled := echoOf(t, answers["data"])
		assert.Equal(t, second, handled.Headers["stepId"])
		assert.Equal(t, failure, handled.Body["error"])
		assert.Equal(t, map[string]any{"PasswordLength": "many"}, handled.Body["errorInput"].(map[string]any)["body"])
	})
	f.stop(t)
}
