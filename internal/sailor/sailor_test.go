package sailor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/platform"
)

func TestDataEmit(t *testing.T) {
	r := newHarness(t, echo)
	r.env["PROTOCOL_VERSION"] = "2"
	r.env["ADDITIONAL_VARS_FOR_HEADERS"] = "ELASTICIO_FLOW_VERSION"
	r.env["FLOW_VERSION"] = "7"
	stop := r.start()
	r.send(`{"Name": "a<b", "Size": "3"}`, map[string]any{
		"messageId": "m1", "parentMessageId": "m0", "threadId": "t1", "stepId": "step before",
		"X-Eio-Meta-Trace-Id": "trace", "unknown": "dropped",
	})

	d, msg := r.receiveData()
	assert.JSONEq(t, `{"Name": "a<b", "Size": 3}`, string(msg.Body), "numbers given as text are numbers")
	assert.Equal(t, "data", d.RoutingKey)
	assert.Equal(t, "application/json", d.ContentType)
	assert.Equal(t, "utf8", d.ContentEncoding)
	assert.Equal(t, uint8(1), d.DeliveryMode)
	start, end := d.Headers["start"], d.Headers["end"]
	delete(d.Headers, "start")
	delete(d.Headers, "end")
	assert.Equal(t, map[string]any{
		"execId": "exec", "taskId": "flow", "workspaceId": "workspace", "containerId": "container", "userId": "user",
		"stepId": "step", "compId": "comp", "function": "echo", "flowVersion": "7",
		"threadId": "t1", "parentMessageId": "m1", "messageId": "9cf16531-4a99-8dd8-8754-d9e4e8d1c80e", "x-eio-meta-trace-id": "trace",
		"protocolVersion": int64(2),
	}, d.Headers)
	assert.IsType(t, int64(0), start)
	assert.GreaterOrEqual(t, end, start)
	r.requireDrained(stop)
	assert.Zero(t, r.rejected())
}

func TestEmittedIDAndRoutingKey(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		msg := component.NewMessage(req.Message.Body)
		msg.ID = "own-id"
		msg.Headers["X-EIO-Routing-Key"] = "other"
		msg.Headers["kept"] = "yes"
		return out.Data(ctx, msg)
	})
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	d, msg := r.receiveData()
	assert.Equal(t, "other", d.RoutingKey)
	assert.Equal(t, "own-id", d.Headers["messageId"])
	assert.Equal(t, map[string]any{"kept": "yes"}, msg.Headers)
	r.requireDrained(stop)
}

func TestErrors(t *testing.T) {
	known := &component.Error{Name: "ResourceNotFoundException", Message: "GetSecretValue: no such secret", Err: errors.New(planted)}
	for name, tc := range map[string]struct {
		handle    component.HandlerFunc
		body      string
		wantName  string
		wantTexts []string
	}{
		"a known error": {
			handle:   func(context.Context, component.Request, component.Emitter) error { return known },
			wantName: "ResourceNotFoundException", wantTexts: []string{"GetSecretValue: no such secret"},
		},
		"any other error": {
			handle:   func(context.Context, component.Request, component.Emitter) error { return errTest },
			wantName: "Error", wantTexts: []string{"something failed"},
		},
		"an emitted error": {
			handle: func(ctx context.Context, _ component.Request, out component.Emitter) error {
				return out.Error(ctx, known)
			},
			wantName: "ResourceNotFoundException", wantTexts: []string{"GetSecretValue: no such secret"},
		},
		"a panic": {
			handle:   func(context.Context, component.Request, component.Emitter) error { panic(planted) },
			wantName: component.InternalError, wantTexts: []string{"panic of type string"},
		},
		"a runtime panic": {
			handle: func(_ context.Context, req component.Request, _ component.Emitter) error {
				_ = req.Message.Body[1000]
				return nil
			},
			wantName: component.InternalError, wantTexts: []string{"index out of range"},
		},
		"bad input": {
			handle:    func(context.Context, component.Request, component.Emitter) error { panic("not to be called") },
			body:      `{"Size": "many", "Secret": "` + planted + planted + planted + `", "Nmae": "x"}`,
			wantName:  component.InvalidInput,
			wantTexts: []string{"Size", "Secret", "unknown property", "Name"},
		},
		"an ignored emit that failed": {
			handle: func(ctx context.Context, _ component.Request, out component.Emitter) error {
				msg := component.NewMessage(json.RawMessage(`{"Name": "n"}`))
				msg.Headers["x-eio-routing-key"] = "nowhere"
				_ = out.Data(ctx, msg)
				return nil
			},
			wantName: component.Unroutable, wantTexts: []string{"nowhere"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, tc.handle)
			stop := r.start()
			body := tc.body
			if body == "" {
				body = `{"Name": "n"}`
			}
			r.send(body, map[string]any{"messageId": "m1", "threadId": "t1"})
			d, failure, input := r.receiveError()
			assert.Equal(t, tc.wantName, failure.Name)
			for _, text := range tc.wantTexts {
				assert.Contains(t, failure.Message, text)
			}
			assert.JSONEq(t, body, string(input.Body), "the incoming message goes with its error")
			assert.NotContains(t, d.Headers, "protocolVersion")
			assert.Equal(t, "m1", d.Headers["parentMessageId"])
			r.requireDrained(stop)
			assert.Equal(t, 1, r.rejected())
			line := logged(t, r, "function emitted an error")
			assert.Equal(t, "ERROR", line["level"])
			assert.Equal(t, "m1", line["messageId"])
			assert.Equal(t, "t1", line["threadId"])
			assert.Equal(t, tc.wantName, line["error"])
		})
	}
}

func TestErrorReply(t *testing.T) {
	for name, tc := range map[string]struct {
		off  string
		want []string
	}{
		"goes to who waits":   {"", []string{"error", "reply"}},
		"can be switched off": {"true", []string{"error"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, func(context.Context, component.Request, component.Emitter) error { return errTest })
			r.env["NO_ERROR_REPLIES"] = tc.off
			stop := r.start()
			r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1", "reply_to": "reply"})
			for _, key := range tc.want {
				d := r.receive()
				assert.Equal(t, key, d.RoutingKey)
				assert.Equal(t, "reply", d.Headers["reply_to"])
				if key == "reply" {
					assert.Equal(t, true, d.Headers["x-eio-error-response"])
					failure, err := envelope.DecodeError(r.cipher, d.Body)
					require.NoError(t, err)
					assert.Equal(t, "something failed", failure.Message)
				}
			}
			r.requireDrained(stop)
		})
	}
}

func TestUndecodableIsRejected(t *testing.T) {
	encrypted := func(r *harness, plain string) []byte { return r.cipher.Encode([]byte(plain), envelope.Base64) }
	for name, tc := range map[string]struct {
		content func(*harness) []byte
		headers map[string]any
	}{
		"not encrypted": {func(*harness) []byte { return []byte(planted) }, map[string]any{"messageId": "m1"}},
		"not JSON":      {func(r *harness) []byte { return encrypted(r, planted) }, map[string]any{"messageId": "m1"}},
		"null":          {func(r *harness) []byte { return encrypted(r, "null") }, map[string]any{"messageId": "m1"}},
		"a number":      {func(r *harness) []byte { return encrypted(r, "12") }, map[string]any{"messageId": "m1"}},
		"no headers":    {func(r *harness) []byte { return encrypted(r, "{}") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			stop := r.start()
			r.sendRaw(tc.content(r), tc.headers)
			r.send(`{"Name": "next"}`, map[string]any{"messageId": "m2"})
			_, msg := r.receiveData()
			assert.JSONEq(t, `{"Name": "next"}`, string(msg.Body))
			r.requireDrained(stop)
			assert.Equal(t, 1, r.rejected())
			assert.Contains(t, r.log.String(), "message cannot be decoded")
		})
	}
}

// TestNoPaddingOracle has wrong padding look the same as right padding around
// what is no message, in the log at every level and in what is emitted: whoever
// can tell them apart can decrypt any message.
func TestNoPaddingOracle(t *testing.T) {
	sealed := func(r *harness, plain string) []byte { return r.cipher.Encode([]byte(plain), envelope.Raw) }
	contents := map[string]func(r *harness) []byte{
		"right padding, not JSON": func(r *harness) []byte { return sealed(r, planted) },
		"right padding, nothing":  func(r *harness) []byte { return sealed(r, "") },
		"right padding, null":     func(r *harness) []byte { return sealed(r, "null") },
		"right padding, cut JSON": func(r *harness) []byte { return sealed(r, `{"body":"`+planted) },
		"wrong padding": func(r *harness) []byte {
			content := sealed(r, planted)
			content[len(content)-1] ^= 1
			return content
		},
		"no whole block": func(r *harness) []byte { return sealed(r, planted)[1:] },
	}
	base64Text := func(content []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(content)) }
	ways := map[string]func(r *harness, store func([]byte) string, content []byte){
		"protocol 1": func(r *harness, _ func([]byte) string, content []byte) {
			r.sendRaw(base64Text(content), map[string]any{"messageId": "m1", "threadId": "t"})
		},
		"protocol 2": func(r *harness, _ func([]byte) string, content []byte) {
			r.sendRaw(content, map[string]any{"messageId": "m1", "threadId": "t", "protocolVersion": int64(2)})
		},
		"error handler": func(r *harness, _ func([]byte) string, content []byte) {
			r.sendRaw([]byte(`{"error":"`+string(base64Text(content))+`"}`), map[string]any{"messageId": "m1", "threadId": "t"})
		},
		"object storage": func(r *harness, store func([]byte) string, content []byte) {
			msg := reference(store(content))
			text, err := envelope.EncodeMessage(r.cipher, msg, envelope.Base64)
			require.NoError(r.t, err)
			r.sendRaw(text, map[string]any{"messageId": "m1", "threadId": "t"})
		},
	}
	// What differs from run to run in any case.
	noise := regexp.MustCompile(`"time":"[^"]*"|id=[0-9a-z-]+|"objectId":"[^"]*"`)
	for way, send := range ways {
		t.Run(way, func(t *testing.T) {
			seen := map[string]string{}
			for name, content := range contents {
				if name == "right padding, null" && !strings.HasPrefix(way, "protocol") {
					continue // it is an error or a body as good as any
				}
				r := newHarness(t, echo)
				if way == "error handler" {
					r.env["INPUT_FORMAT"] = "error"
				}
				store := withStorage(r).Add
				stop := r.start()
				send(r, store, content(r))
				told := ""
				if way == "object storage" { // the message is whole, and the flow's owner is told
					_, failure, _ := r.receiveError()
					told = noise.ReplaceAllString(failure.Message, "")
				}
				require.Eventually(t, func() bool { return r.rejected() == 1 }, testTimeout, poll)
				r.requireDrained(stop)
				lines := strings.SplitAfter(noise.ReplaceAllString(r.log.String(), ""), "\n")
				slices.Sort(lines) // the shutdown's come when they come
				seen[told+strings.Join(lines, "")] = name
			}
			assert.Len(t, seen, 1, "told apart")
		})
	}
}

// TestWhatIsNoMessageIsAnError has the flow's owner learn what was sent.
func TestWhatIsNoMessageIsAnError(t *testing.T) {
	for name, tc := range map[string]struct{ format, plain, want string }{
		"list":                    {"", `["` + planted + `"]`, "message: must be an object (given: a list)"},
		"text":                    {"", `"` + planted + `"`, "message: must be an object (given: a string)"},
		"boolean":                 {"", `true`, "message: must be an object (given: true or false)"},
		"headers":                 {"", `{"headers": ["` + planted + `"], "body": {}}`, "headers: must be an object (given: a list)"},
		"passthrough":             {"", `{"passthrough": "` + planted + `", "body": {}}`, "passthrough: must be an object (given: a string)"},
		"list to error handler":   {"error", `[]`, "message: must be an object (given: a list)"},
		"number to error handler": {"error", `5`, "message: must be an object (given: a number)"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			r.env["INPUT_FORMAT"] = tc.format
			stop := r.start()
			content := []byte(tc.plain)
			if tc.format == "" {
				content = r.cipher.Encode(content, envelope.Base64)
			}
			r.sendRaw(content, map[string]any{"messageId": "m1", "reply_to": "reply"})
			d := r.receive()
			assert.Equal(t, "error", d.RoutingKey)
			assert.Equal(t, "m1", d.Headers["parentMessageId"])
			var payload struct{ Error, ErrorInput string }
			require.NoError(t, json.Unmarshal(d.Body, &payload))
			failure, err := envelope.DecodeError(r.cipher, []byte(payload.Error))
			require.NoError(t, err)
			assert.Equal(t, envelope.Failure{Name: component.InvalidInput, Message: tc.want, Stack: "Not Available"}, failure)
			assert.Equal(t, string(content), payload.ErrorInput)
			assert.Equal(t, "reply", r.receive().RoutingKey)
			r.requireDrained(stop)
			assert.Equal(t, 1, r.rejected())
		})
	}
}

// TestNothingOfAMessageIsLost sends one on as it came in.
func TestNothingOfAMessageIsLost(t *testing.T) {
	for _, plain := range []string{
		`{"headers": {}, "method": "GET", "query": {"a": 1}, "url": "/"}`,
		`{"headers": {"h": 1}, "body": null, "attachments": null}`,
		`{"headers": {}, "id": null, "passthrough": null}`,
		`{"headers": {}, "passthrough": {}}`,
		`{"headers": {}, "passthrough": {"before": {"headers": {}, "method": "GET"}}}`,
		`{"headers": {}, "id": 5}`,
	} {
		t.Run(plain, func(t *testing.T) {
			r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
				return out.Data(ctx, req.Message)
			})
			r.schema = `{}`
			stop := r.start()
			r.sendRaw(r.cipher.Encode([]byte(plain), envelope.Base64), map[string]any{"messageId": "m1"})
			d := r.receive()
			require.Equal(t, "data", d.RoutingKey)
			sent, err := r.cipher.Decode(d.Body, envelope.Base64)
			require.NoError(t, err)
			assert.JSONEq(t, plain, string(sent))
			r.requireDrained(stop)
		})
	}
}

func TestHeadersKeepTheirTypes(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		assert.Equal(t, "7", req.MessageID)
		assert.Equal(t, int64(8), req.Message.Headers["reply_to"])
		return out.Data(ctx, component.Message{Extra: map[string]json.RawMessage{"id": json.RawMessage("9")}})
	})
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": int64(7), "reply_to": int64(8), "threadId": true})
	d, _ := r.receiveData()
	assert.Equal(t, int64(7), d.Headers["parentMessageId"])
	assert.Equal(t, int64(8), d.Headers["reply_to"])
	assert.Equal(t, true, d.Headers["threadId"])
	assert.InDelta(t, 9, d.Headers["messageId"], 0)
	r.requireDrained(stop)
}

func TestSizeLimit(t *testing.T) {
	r := newHarness(t, echo)
	r.env["OUTGOING_MESSAGE_SIZE_LIMIT"] = "100"
	stop := r.start()
	r.send(`{"Name": "0123456789012345678901234567890123456789"}`, map[string]any{"messageId": "m1"})
	_, failure, _ := r.receiveError()
	assert.Equal(t, "Outgoing message size 108 exceeds limit of 100.", failure.Message)
	r.requireDrained(stop)
}

func TestSnapshot(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		if err := out.Snapshot(ctx, json.RawMessage(`{"n": 1}`)); err != nil {
			return err
		}
		return out.Data(ctx, component.NewMessage(json.RawMessage(`{"Name": `+string(mustQuote(req.Snapshot))+`}`)))
	})
	stop := r.start()
	for _, want := range []string{"{}", `{"n": 1}`} {
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m " + want})
		d := r.receive()
		assert.Equal(t, "snapshot", d.RoutingKey)
		assert.JSONEq(t, `{"n": 1}`, string(d.Body))
		assert.Equal(t, "snapshot", d.Headers["snapshotEvent"])
		_, msg := r.receiveData()
		assert.JSONEq(t, `{"Name": `+string(mustQuote([]byte(want)))+`}`, string(msg.Body))
	}
	r.requireDrained(stop)
}

func mustQuote(raw []byte) []byte {
	quoted, err := json.Marshal(string(raw))
	if err != nil {
		panic(err)
	}
	return quoted
}

func TestRebound(t *testing.T) {
	cause := component.Errorf(component.Unavailable, "AWS throttles")
	handle := func(context.Context, component.Request, component.Emitter) error {
		return &component.Rebound{Reason: "AWS throttles", Err: cause}
	}
	t.Run("goes to the rebound queue unchanged", func(t *testing.T) {
		r := newHarness(t, handle)
		r.env["AMQP_PERSISTENT_MESSAGES"] = "true"
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1", "own": "stays", "reboundIteration": int64(2)})
		d := r.receive()
		assert.Equal(t, "rebound", d.RoutingKey)
		assert.Equal(t, "60000", d.Expiration, "2^(3-1) times 15 s")
		assert.Equal(t, int64(3), d.Headers["reboundIteration"])
		assert.Equal(t, "AWS throttles", d.Headers["reboundReason"])
		assert.Equal(t, uint8(2), d.DeliveryMode, "as the setting says, not as it came")
		assert.Equal(t, "stays", d.Headers["own"])
		assert.Equal(t, "m1", d.Headers["messageId"])
		msg, err := envelope.DecodeMessage(r.cipher, d.Body, envelope.Base64)
		require.NoError(t, err)
		assert.JSONEq(t, `{"Name": "n"}`, string(msg.Body))
		r.requireDrained(stop)
		assert.Zero(t, r.rejected())
	})
	t.Run("ends at the limit", func(t *testing.T) {
		r := newHarness(t, handle)
		r.env["REBOUND_LIMIT"] = "2"
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1", "reboundIteration": int64(2)})
		d, failure, _ := r.receiveError()
		assert.Equal(t, "Rebound limit exceeded", failure.Message)
		assert.NotContains(t, d.Headers, "end")
		r.requireDrained(stop)
	})
	t.Run("ends at the limit, however far beyond it is", func(t *testing.T) {
		for _, iteration := range []any{int64(math.MaxInt64), int32(math.MaxInt32), math.MaxFloat64} {
			r := newHarness(t, handle)
			stop := r.start()
			r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1", "reboundIteration": iteration})
			_, failure, _ := r.receiveError()
			assert.Equal(t, "Rebound limit exceeded", failure.Message)
			r.requireDrained(stop)
		}
	})
	t.Run("is an error where no queue takes it", func(t *testing.T) {
		r := newHarness(t, handle)
		r.env["REBOUND_ROUTING_KEY"] = "nowhere"
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
		_, failure, _ := r.receiveError()
		assert.Equal(t, component.Unroutable, failure.Name)
		r.requireDrained(stop)
		assert.Equal(t, 1, r.rejected())
	})
	t.Run("is an error at once where somebody waits", func(t *testing.T) {
		r := newHarness(t, handle)
		stop := r.start()
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1", "reply_to": "reply"})
		_, failure, _ := r.receiveError()
		assert.Equal(t, component.Unavailable, failure.Name)
		assert.Equal(t, "reply", r.receive().RoutingKey)
		r.requireDrained(stop)
		assert.Equal(t, 1, r.rejected())
	})
}

func TestPassthrough(t *testing.T) {
	const first = `"first": {"body": 1, "extra": true}`
	for name, tc := range map[string]struct {
		passthrough, noSelf bool
		from                string // the step that sent the incoming message
		in                  string // members of that
		own                 map[string]json.RawMessage
		want                string // members of the emitted one
	}{
		"off": {in: `"passthrough": {` + first + `}`},
		"off, with one of the function's own": {
			own: map[string]json.RawMessage{"own": json.RawMessage(`{"body": 1}`)}, want: `, "passthrough": {"own": {"body": 1}}`},
		"adds the emitted message": {
			passthrough: true, in: `"passthrough": {` + first + `}`,
			want: `, "passthrough": {` + first + `, "step": {"headers": {}, "body": {"Name": "n"}}}`},
		"in place of the function's own": {
			passthrough: true, in: `"passthrough": null`, own: map[string]json.RawMessage{"own": json.RawMessage(`{"body": 1}`)},
			want: `, "passthrough": {"step": {"headers": {}, "body": {"Name": "n"}}}`},
		"adds the incoming one instead": {
			passthrough: true, noSelf: true, from: "before", in: `"method": "GET", "passthrough": {` + first + `}`,
			want: `, "passthrough": {` + first + `, "before": {"headers": {}, "body": {"Name": "n"}, "method": "GET"}}`},
		"null is no passthrough of the incoming one": {
			passthrough: true, noSelf: true, from: "before", in: `"passthrough": null`,
			want: `, "passthrough": {"before": {"headers": {}, "body": {"Name": "n"}}}`},
		"empty": {passthrough: true, noSelf: true, in: `"id": "m"`, want: `, "passthrough": {}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
				return out.Data(ctx, component.Message{Body: req.Message.Body, Passthrough: tc.own}) // headers may be nil
			})
			r.step.IsPassthrough = tc.passthrough
			r.env["NO_SELF_PASSTRHOUGH"] = strconv.FormatBool(tc.noSelf)
			if tc.in != "" {
				tc.in += ", "
			}
			stop := r.start()
			r.sendRaw(r.cipher.Encode([]byte(`{`+tc.in+`"body": {"Name": "n"}}`), envelope.Base64), map[string]any{"messageId": "m1", "stepId": tc.from})
			sent, err := r.cipher.Decode(r.receive().Body, envelope.Base64)
			require.NoError(t, err)
			assert.JSONEq(t, `{"headers": {}, "body": {"Name": "n"}`+tc.want+`}`, string(sent))
			r.requireDrained(stop)
		})
	}
}

func TestPrefetchBoundsTheWork(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		entered <- struct{}{}
		<-leave
		return echo(ctx, req, out)
	})
	r.env["RABBITMQ_PREFETCH_SAILOR"] = "2"
	stop := r.start()
	for _, id := range []string{"m1", "m2", "m3"} {
		r.send(`{"Name": "n"}`, map[string]any{"messageId": id})
	}
	<-entered
	<-entered
	count, err := r.admin.Count(r.ctx, "in")
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready, "the third waits in the queue")
	close(leave)
	for range 3 {
		r.receiveData()
	}
	r.requireDrained(stop)
}

func TestStopFinishesWhatIsInWork(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		entered <- struct{}{}
		<-leave
		assert.NoError(t, ctx.Err(), "the end of the process does not cancel work in progress")
		return echo(ctx, req, out)
	})
	stop := r.start()
	r.send(`{"Name": "first"}`, map[string]any{"messageId": "m1"})
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	require.Eventually(t, func() bool {
		count, err := r.admin.Count(r.ctx, "in")
		return err == nil && count.Consumers == 0
	}, testTimeout, poll)
	r.send(`{"Name": "second"}`, map[string]any{"messageId": "m2"})
	close(leave)
	_, msg := r.receiveData()
	assert.JSONEq(t, `{"Name": "first"}`, string(msg.Body))
	require.NoError(t, <-ended)
	count, err := r.admin.Count(r.ctx, "in")
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready, "what was not started stays in the queue")
}

func TestStopRequeuesWhatAFunctionGivesUp(t *testing.T) {
	begun := make(chan struct{}, 100) // it may come back before consuming ends
	r := newHarness(t, func(ctx context.Context, req component.Request, _ component.Emitter) error {
		begun <- struct{}{}
		<-req.Stopping
		return component.ErrStopping
	})
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	<-begun
	require.NoError(t, stop())
	count, err := r.admin.Count(r.ctx, "in")
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready, "another container gets it")
	assert.Zero(t, r.rejected())
}

func TestLostConnectionWhileInWork(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		entered <- struct{}{}
		<-leave
		return echo(ctx, req, out)
	})
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	<-entered
	r.memory.Cut()
	require.NoError(t, r.out.Connect(r.ctx))
	require.NoError(t, r.out.Consume(r.ctx))
	require.NoError(t, r.outside.Connect(r.ctx))
	require.Eventually(t, func() bool { return contains(r.log, "this delivery is settled with it") }, testTimeout, poll)
	close(leave)
	r.receiveData()
	r.requireDrained(stop)
	assert.Empty(t, entered, "the message ran once")
}

func contains(log *safeBuffer, text string) bool { return strings.Contains(log.String(), text) }

func TestMessageWithoutIDIsSettled(t *testing.T) {
	r := newHarness(t, echo)
	stop := r.start()
	for range 2 {
		r.send(`{"Name": "n"}`, map[string]any{"threadId": "t1"})
		r.receiveData()
	}
	r.requireDrained(stop)
}

func TestSameIDTwiceAtOnce(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		entered <- struct{}{}
		<-leave
		return echo(ctx, req, out)
	})
	r.env["RABBITMQ_PREFETCH_SAILOR"] = "2"
	stop := r.start()
	for range 2 {
		r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	}
	<-entered
	require.Eventually(t, func() bool { return contains(r.log, "this delivery is settled with it") }, testTimeout, poll)
	close(leave)
	r.receiveData()
	r.requireDrained(stop)
}

// meeting lets the first call of each of its users go on once all have made it.
type meeting struct {
	all   *sync.WaitGroup
	first sync.Once
}

func (m *meeting) meet() {
	m.first.Do(func() {
		m.all.Done()
		m.all.Wait()
	})
}

type meetingSource struct {
	broker.Source
	meeting
}

func (s *meetingSource) Connect(ctx context.Context) error { s.meet(); return s.Source.Connect(ctx) }

type meetingSink struct {
	broker.Sink
	meeting
}

func (s *meetingSink) Connect(ctx context.Context) error { s.meet(); return s.Sink.Connect(ctx) }

type meetingPlatform struct {
	Platform
	meeting
}

func (p *meetingPlatform) Step(ctx context.Context, flowID, stepID string) (platform.Step, error) {
	p.meet()
	return p.Platform.Step(ctx, flowID, stepID)
}

func TestStartAsksBrokerAndPlatformAtOnce(t *testing.T) {
	r := newHarness(t, echo)
	s, all := r.sailor(), new(sync.WaitGroup)
	all.Add(3)
	s.Source = &meetingSource{s.Source, meeting{all: all}}
	s.Sink = &meetingSink{s.Sink, meeting{all: all}}
	s.Platform = &meetingPlatform{s.Platform, meeting{all: all}}
	stop := r.run(s)
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	r.receiveData()
	r.requireDrained(stop)
}

func TestFailedStart(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(*harness)
		want    string
	}{
		"the platform refuses": {
			func(r *harness) { r.stepErr = errTest }, "something failed",
		},
		"the function is unknown": {
			func(r *harness) { r.env["FUNCTION"] = "other" }, `Trigger or action "other" is not found in component.json!`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			tc.prepare(r)
			err := r.sailor().Run(r.ctx)
			require.Error(t, err)
			assert.Contains(t, err.Error(), tc.want)
			d := r.receive()
			failure, input, err := envelope.DecodeErrorPayload(r.cipher, d.Body)
			require.NoError(t, err)
			assert.Equal(t, tc.want, failure.Message)
			assert.Nil(t, input)
			assert.Equal(t, "exec", d.Headers["execId"])
			assert.NotContains(t, d.Headers, "start")
			assert.NotContains(t, d.Headers, "parentMessageId")
		})
	}
}

func TestReboundExpiration(t *testing.T) {
	assert.Equal(t, "15000", reboundExpiration(15*time.Second, 1))
	assert.Equal(t, "7864320000", reboundExpiration(15*time.Second, 20))
	assert.Equal(t, "315360000000", reboundExpiration(15*time.Second, 64))
}

func TestErrorWithoutAName(t *testing.T) {
	assert.Equal(t, "Error", describe(&component.Error{Message: "it failed"}).Name)
}

func TestStopDoesNotWaitForARate(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		for range 3 {
			if err := echo(ctx, req, out); err != nil {
				return err
			}
		}
		return nil
	})
	r.env["DATA_RATE_LIMIT"], r.env["RATE_INTERVAL"] = "1", "3600000"
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	r.receiveData() // the second would wait for an hour
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	r.receiveData()
	r.receiveData()
	require.NoError(t, <-ended)
	assert.Zero(t, r.rejected())
}

// TestStopWhileTheNextQueueIsFull leaves the message to another container, for
// there is nothing wrong with it.
func TestStopWhileTheNextQueueIsFull(t *testing.T) {
	r := newHarness(t, echo)
	r.env["DATA_ROUTING_KEY"] = "full"
	require.NoError(t, r.admin.Declare(r.ctx, broker.Topology{Exchange: "exchange", Queues: []broker.Queue{
		{Name: "full", RoutingKeys: []string{"full"}, MaxLength: 1, RejectPublish: true},
	}}))
	require.NoError(t, r.outside.Publish(r.ctx, broker.Publication{Exchange: "exchange", RoutingKey: "full"}))
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	require.Eventually(t, func() bool {
		return strings.Contains(r.log.String(), "publish failed, trying again")
	}, testTimeout, poll)
	require.NoError(t, stop())
	for queue, want := range map[string]int{"in": 1, "out": 0, "rejected": 0} {
		count, err := r.admin.Count(r.ctx, queue)
		require.NoError(t, err)
		assert.Equal(t, want, count.Ready, queue)
	}
}

func TestStopDoesNotWaitForTheBroker(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		entered <- struct{}{}
		<-leave
		return echo(ctx, req, out)
	})
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	<-entered
	r.memory.Refuse(true)
	r.memory.Cut()
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	close(leave)
	require.NoError(t, <-ended)
	r.memory.Refuse(false)
	count, err := r.admin.Count(r.ctx, "in")
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready, "the message waits for another container")
	assert.Contains(t, r.log.String(), "message is requeued")
}

func TestWhatCannotBeHandedOverIsTriedAgain(t *testing.T) {
	r := newHarness(t, echo)
	r.env["AMQP_PUBLISH_RETRY_ATTEMPTS"] = "1"
	r.env["DATA_ROUTING_KEY"], r.env["ERROR_ROUTING_KEY"] = "full", "full"
	full := broker.Queue{Name: "full", RoutingKeys: []string{"full"}, MaxLength: 1, RejectPublish: true}
	require.NoError(t, r.admin.Declare(r.ctx, broker.Topology{Exchange: "exchange", Queues: []broker.Queue{full}}))
	require.NoError(t, r.outside.Publish(r.ctx, broker.Publication{Exchange: "exchange", RoutingKey: "full"}))
	stop := r.start()
	r.send(`{"Name": "n"}`, map[string]any{"messageId": "m1"})
	require.Eventually(t, func() bool { return strings.Count(r.log.String(), "message is requeued") > 1 }, testTimeout, poll)
	_, ok, err := r.admin.Get(r.ctx, "full")
	require.NoError(t, err)
	require.True(t, ok)
	require.Eventually(t, func() bool { return contains(r.log, "message done") }, testTimeout, poll)
	r.requireDrained(stop)
	count, err := r.admin.Count(r.ctx, "full")
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready)
}
