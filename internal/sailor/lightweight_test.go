package sailor

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/httpretry"
	"aws-secrets-manager-connector/internal/maester"
)

const (
	token        = "a-token-" + planted
	byReference  = `{"actions": {"echo": {"main": "./echo.go", "autoResolveObjectReferences": false}}}`
	largeText    = "a text that is longer than the threshold"
	largeBody    = `{"Name":"` + largeText + `"}`
	failedUpload = "Lightweight message/passthrough body upload error"
	failedFetch  = "Failed to get message body with id="
)

// withStorage gives the harness an object storage, makes bodies of more than 30
// bytes large, and lets every body pass.
func withStorage(r *harness) *fake.Maester {
	r.t.Helper()
	storage := &fake.Maester{Token: token}
	server, err := fake.Serve(r.ctx, "127.0.0.1:0", storage)
	require.NoError(r.t, err)
	client := maester.New(maester.Options{
		URI: component.NewSecret(server.URL), Token: component.NewSecret(token), RetryDelay: time.Microsecond, IdleTimeout: time.Hour,
	})
	r.storage = client
	r.env["OBJECT_STORAGE_SIZE_THRESHOLD"] = "30"
	r.schema = `{}`
	r.t.Cleanup(func() {
		client.Close()
		assert.NoError(r.t, server.Close())
	})
	return storage
}

// object stores a body as the platform's runtime would.
func (r *harness) object(storage *fake.Maester, body string) (id string) {
	return storage.Add(r.cipher.Encode([]byte(body), envelope.Raw))
}

// stored returns the body that headers refer to.
func (r *harness) stored(storage *fake.Maester, headers map[string]any) string {
	r.t.Helper()
	require.IsType(r.t, "", headers[objectIDHeader])
	content, ok := storage.Object(headers[objectIDHeader].(string))
	require.True(r.t, ok)
	body, err := r.cipher.Decode(content, envelope.Raw)
	require.NoError(r.t, err)
	return string(body)
}

func (r *harness) sendMessage(msg component.Message, headers map[string]any) {
	r.t.Helper()
	content, err := envelope.EncodeMessage(r.cipher, msg, envelope.Base64)
	require.NoError(r.t, err)
	r.sendRaw(content, headers)
}

// reference is a message whose body is an object.
func reference(id string) component.Message {
	msg := component.NewMessage(json.RawMessage(`{}`))
	msg.Headers[objectIDHeader] = id
	return msg
}

func entryOf(t *testing.T, raw json.RawMessage) component.Message {
	t.Helper()
	msg, err := envelope.ParseMessage(raw)
	require.NoError(t, err)
	return msg
}

// logged returns the first log line with this message.
func logged(t *testing.T, r *harness, msg string) map[string]any {
	t.Helper()
	for text := range strings.Lines(r.log.String()) {
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		if line["msg"] == msg {
			return line
		}
	}
	require.Fail(t, "not logged", msg)
	return nil
}

// keeping makes the harness's function hand out what it gets.
func keeping(t *testing.T) (r *harness, got func() component.Message) {
	kept := make(chan component.Message, 1)
	r = newHarness(t, func(_ context.Context, req component.Request, _ component.Emitter) error {
		kept <- req.Message
		return nil
	})
	return r, func() component.Message {
		t.Helper()
		select {
		case msg := <-kept:
			return msg
		case <-r.ctx.Done():
			require.Fail(t, "the function got nothing", r.log.String())
			return component.Message{}
		}
	}
}

func TestBodiesAreFetched(t *testing.T) {
	r, got := keeping(t)
	storage := withStorage(r)
	own, first, second := r.object(storage, largeBody), r.object(storage, `[1, 2]`), r.object(storage, `null`)
	msg := reference(own)
	msg.Headers["kept"] = "yes"
	msg.Passthrough = map[string]json.RawMessage{
		"first":   json.RawMessage(`{"headers": {"x-ipaas-object-storage-id": "` + first + `", "n": 12345678901234567890}, "body": {}, "extra": 1}`),
		"second":  json.RawMessage(`{"headers": {"x-ipaas-object-storage-id": "` + second + `"}, "body": {"overwritten": true}}`),
		"before":  json.RawMessage(`{"headers": {"x-ipaas-object-storage-id": "` + own + `"}}`),
		"in full": json.RawMessage(`{"headers": {}, "body": {"about": "x-ipaas-object-storage-id"}}`),
		"no id":   json.RawMessage(`{"headers": {"x-ipaas-object-storage-id": ""}, "body": 1}`),
	}
	stop := r.start()
	r.sendMessage(msg, map[string]any{"messageId": "m1"})
	in := got()
	assert.JSONEq(t, largeBody, string(in.Body))
	assert.Equal(t, map[string]any{objectIDHeader: own, "kept": "yes"}, in.Headers)
	want := map[string]string{
		"first":   `{"headers": {"x-ipaas-object-storage-id": "` + first + `", "n": 12345678901234567890}, "body": [1, 2], "extra": 1}`,
		"second":  `{"headers": {"x-ipaas-object-storage-id": "` + second + `"}, "body": null}`,
		"before":  `{"headers": {"x-ipaas-object-storage-id": "` + own + `"}, "body": ` + largeBody + `}`,
		"in full": string(msg.Passthrough["in full"]),
		"no id":   string(msg.Passthrough["no id"]),
	}
	require.Len(t, in.Passthrough, len(want))
	for step, entry := range want {
		assert.JSONEq(t, entry, string(in.Passthrough[step]), step)
	}
	assert.Contains(t, string(in.Passthrough["first"]), "12345678901234567890", "large numbers keep their digits")
	r.requireDrained(stop)
	assert.Equal(t, fake.MaesterRequests{Get: 3}, storage.Requests(), "each object once")
}

func TestBytesThatAreNoTextAreReplaced(t *testing.T) {
	r, got := keeping(t)
	storage := withStorage(r)
	stop := r.start()
	r.sendMessage(reference(r.object(storage, "{\"Name\":\"a\xffb\"}")), map[string]any{"messageId": "m1"})
	assert.Equal(t, "{\"Name\":\"a\uFFFDb\"}", string(got().Body))
	r.requireDrained(stop)
}

func TestReferencesAreLeftToAFunctionThatWantsThem(t *testing.T) {
	r, got := keeping(t)
	r.descriptor = byReference
	storage := withStorage(r)
	msg := reference("id")
	msg.Passthrough = map[string]json.RawMessage{"first": json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"id"},"body":{}}`)}
	stop := r.start()
	r.sendMessage(msg, map[string]any{"messageId": "m1"})
	assert.Equal(t, msg, got())
	r.requireDrained(stop)
	assert.Zero(t, storage.Requests())
}

// The schema describes bodies, not the references to them.
func TestReferencesAreNotValidated(t *testing.T) {
	for name, tc := range map[string]struct {
		descriptor string
		message    func(*harness, *fake.Maester) component.Message
		passes     bool
	}{
		"reference that is wanted": {byReference, func(*harness, *fake.Maester) component.Message { return reference("id") }, true},
		"body where references are wanted": {byReference, func(*harness, *fake.Maester) component.Message {
			return component.NewMessage(json.RawMessage(`{}`))
		}, false},
		"reference that is resolved": {"", func(r *harness, s *fake.Maester) component.Message { return reference(r.object(s, `{}`)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			storage := withStorage(r)
			r.schema = inputSchema
			if tc.descriptor != "" {
				r.descriptor = tc.descriptor
			}
			stop := r.start()
			r.sendMessage(tc.message(r, storage), map[string]any{"messageId": "m1"})
			if tc.passes {
				_, msg := r.receiveData()
				assert.JSONEq(t, `{}`, string(msg.Body))
			} else {
				_, failure, _ := r.receiveError()
				assert.Equal(t, component.InvalidInput, failure.Name)
			}
			r.requireDrained(stop)
		})
	}
}

// A function need not stop at the size of a message whose body leaves it, but
// neither may it fill the memory.
func TestSizeLimitOfAFunction(t *testing.T) {
	for name, tc := range map[string]struct {
		lightweight string
		want        int
	}{"in messages": {"", 1000}, "in the object storage": {"true", mostInStorage}} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			r.env["OUTGOING_MESSAGE_SIZE_LIMIT"], r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "1000", tc.lightweight
			deps, err := r.sailor().prepare(r.ctx)
			require.NoError(t, err)
			assert.Equal(t, tc.want, deps.SizeLimit)
		})
	}
}

// A body that cannot be had is an error of its message alone.
func TestBodyCannotBeFetched(t *testing.T) {
	for name, tc := range map[string]struct {
		id       func(*harness, *fake.Maester) string
		requests int
		cause    string // in the log
	}{
		"unknown": {func(*harness, *fake.Maester) string { return "no-such-id" }, 1, "404 Not Found"},
		"gone": {func(r *harness, s *fake.Maester) string {
			s.Fail(fake.HangUp, fake.HangUp, fake.HangUp)
			return r.object(s, largeBody)
		}, 3, "EOF"},
		"failing": {func(r *harness, s *fake.Maester) string {
			s.Fail(503, 500, 502)
			return r.object(s, largeBody)
		}, 3, "502 Bad Gateway"},
		"refused": {func(r *harness, s *fake.Maester) string {
			s.Fail(403)
			return r.object(s, largeBody)
		}, 1, "403 Forbidden"},
		"not encrypted": {func(r *harness, s *fake.Maester) string { return s.Add([]byte(largeBody)) }, 1, envelope.ErrDecode.Error()},
		"empty":         {func(r *harness, s *fake.Maester) string { return s.Add(nil) }, 1, envelope.ErrDecode.Error()},
		"not JSON":      {func(r *harness, s *fake.Maester) string { return r.object(s, `{"Name":"`+planted) }, 1, envelope.ErrDecode.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			storage := withStorage(r)
			id := tc.id(r, storage)
			stop := r.start()
			r.sendMessage(reference(id), map[string]any{"messageId": "m1", "reply_to": "reply"})
			d, failure, input := r.receiveError()
			assert.Equal(t, envelope.Failure{Name: "Error", Message: failedFetch + id, Stack: "Not Available"}, failure)
			assert.Equal(t, "m1", d.Headers["parentMessageId"])
			assert.Equal(t, id, input.Headers[objectIDHeader], "the input goes back as it came")
			assert.Equal(t, "reply", r.receive().RoutingKey)
			assert.Equal(t, fake.MaesterRequests{Get: tc.requests}, storage.Requests())

			line := logged(t, r, "transfer of a message body failed")
			assert.Equal(t, "m1", line["messageId"])
			assert.Contains(t, line["err"], tc.cause)

			r.sendMessage(reference(r.object(storage, largeBody)), map[string]any{"messageId": "m2"})
			_, msg := r.receiveData()
			assert.JSONEq(t, largeBody, string(msg.Body))
			r.requireDrained(stop)
			assert.Equal(t, 1, r.rejected())
		})
	}
	t.Run("of the passthrough", func(t *testing.T) {
		r := newHarness(t, echo)
		storage := withStorage(r)
		msg := reference(r.object(storage, largeBody))
		msg.Passthrough = map[string]json.RawMessage{"first": json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"missing"}}`)}
		stop := r.start()
		r.sendMessage(msg, map[string]any{"messageId": "m1"})
		_, failure, _ := r.receiveError()
		assert.Equal(t, failedFetch+"missing", failure.Message)
		r.requireDrained(stop)
	})
	t.Run("id is no text", func(t *testing.T) {
		r := newHarness(t, echo)
		withStorage(r)
		msg := reference("")
		msg.Headers[objectIDHeader] = map[string]any{"x": planted}
		stop := r.start()
		r.sendMessage(msg, map[string]any{"messageId": "m1"})
		_, failure, _ := r.receiveError()
		assert.Equal(t, failedFetch+"(not a text)", failure.Message)
		r.requireDrained(stop)
	})
}

// The objects are only announced, and never come.
func TestBodiesOfAMessageAreBoundedInSum(t *testing.T) {
	for name, announced := range map[string][]int{"one": {maxFetched + 1}, "two": {1, maxFetched}, "many": {maxFetched / 2, maxFetched / 4, maxFetched/4 + 1}} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				requests.Add(1)
				w.Header().Set("Content-Length", path.Base(req.URL.Path))
				_ = http.NewResponseController(w).Flush()
				<-req.Context().Done()
			}))
			defer server.Close()
			r.env["OBJECT_STORAGE_URI"], r.env["OBJECT_STORAGE_TOKEN"] = server.URL, token
			msg := reference(strconv.Itoa(announced[0]))
			msg.Passthrough = map[string]json.RawMessage{}
			for _, size := range announced[1:] {
				id := strconv.Itoa(size)
				msg.Passthrough["step_"+id] = json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"` + id + `"}}`)
			}
			stop := r.start()
			r.sendMessage(msg, map[string]any{"messageId": "m1"})
			_, failure, _ := r.receiveError()
			assert.Regexp(t, `^Failed to get message body with id=\d+: the bodies that the message refers to have at least 268435457 bytes in sum, and the limit is 268435456$`, failure.Message)
			r.requireDrained(stop)
			assert.Equal(t, 1, r.rejected())
			assert.LessOrEqual(t, int(requests.Load()), len(announced), "none is tried again")
		})
	}
}

// A small message may refer to one object many times.
func TestRepeatedReferencesCountEach(t *testing.T) {
	r := newHarness(t, echo)
	storage := withStorage(r)
	id := r.object(storage, `"`+strings.Repeat("x", 1<<20)+`"`)
	msg := reference(id)
	msg.Passthrough = map[string]json.RawMessage{}
	for i := range maxFetched >> 20 {
		msg.Passthrough[strconv.Itoa(i)] = json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"` + id + `"}}`)
	}
	stop := r.start()
	r.sendMessage(msg, map[string]any{"messageId": "m1"})
	_, failure, _ := r.receiveError()
	assert.Regexp(t, failedFetch+id+`: the bodies that the message refers to have at least 26\d+ bytes in sum, and the limit is 268435456$`, failure.Message)
	r.requireDrained(stop)
	assert.Equal(t, fake.MaesterRequests{Get: 1}, storage.Requests())
}

func TestNoStorageIsKnown(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"neither":  {},
		"no URI":   {"OBJECT_STORAGE_TOKEN": token},
		"no token": {"OBJECT_STORAGE_URI": "http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			const missing = ": ELASTICIO_OBJECT_STORAGE_URI or ELASTICIO_OBJECT_STORAGE_TOKEN is missing"
			r := newHarness(t, echo)
			r.env["EMIT_LIGHTWEIGHT_MESSAGE"], r.env["OBJECT_STORAGE_SIZE_THRESHOLD"] = "true", "30"
			for name, value := range env {
				r.env[name] = value
			}
			stop := r.start()
			r.sendMessage(reference("an-id"), map[string]any{"messageId": "m1"})
			_, failure, _ := r.receiveError()
			assert.Equal(t, failedFetch+"an-id"+missing, failure.Message)
			r.send(largeBody, map[string]any{"messageId": "m2"})
			_, failure, _ = r.receiveError()
			assert.Equal(t, failedUpload+missing, failure.Message)
			r.requireDrained(stop)
		})
	}
}

// The settings alone lead to the storage.
func TestStorageOfTheSettings(t *testing.T) {
	r := newHarness(t, echo)
	storage := withStorage(r)
	server, err := fake.Serve(r.ctx, "127.0.0.1:0", storage)
	require.NoError(t, err)
	r.storage = nil
	r.env["OBJECT_STORAGE_URI"], r.env["OBJECT_STORAGE_TOKEN"] = strings.Replace(server.URL, "://", "://user:"+planted+"@", 1), token
	r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
	stop := r.start()
	r.sendMessage(reference(r.object(storage, largeBody)), map[string]any{"messageId": "m1"})
	_, msg := r.receiveData()
	assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
	r.requireDrained(stop)
	require.NoError(t, server.Close())
}

func TestLargeBodiesAreUploaded(t *testing.T) {
	const small = `{"Name":"short"}` // 16 bytes
	entry := func(body string) json.RawMessage {
		return json.RawMessage(`{"headers": {"h": 1}, "body": ` + body + `, "extra": 2}`)
	}
	for name, tc := range map[string]struct {
		body        string
		passthrough map[string]json.RawMessage // nil: the step passes nothing on
		uploads     int
	}{
		"small":                         {small, nil, 0},
		"as large as the threshold":     {`{"Name":"` + strings.Repeat("x", 19) + `"}`, nil, 0},
		"as large, but for white space": {`{"Name":    "` + strings.Repeat("x", 19) + `"}`, nil, 0},
		"one byte larger":               {`{"Name":"` + strings.Repeat("x", 20) + `"}`, nil, 1},
		"bytes count, not characters":   {`{"Name":"` + strings.Repeat("é", 10) + `"}`, nil, 1},
		"white space does not count":    {`{"Name":    ` + strings.Repeat(" ", 40) + `"x"}`, nil, 0},
		"small with passthrough":        {small, map[string]json.RawMessage{"first": entry(`"123456789012"`)}, 0},
		"large together":                {small, map[string]json.RawMessage{"first": entry(`"1234567890123"`)}, 2},
		"large together with two":       {small, map[string]json.RawMessage{"first": entry(`"1234567"`), "second": entry(`[1,2,3,4]`)}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, func(ctx context.Context, _ component.Request, out component.Emitter) error {
				msg := component.NewMessage(json.RawMessage(tc.body))
				msg.Headers["h"] = "own"
				return out.Data(ctx, msg)
			})
			r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
			storage := withStorage(r)
			r.step.IsPassthrough = tc.passthrough != nil
			in := component.NewMessage(json.RawMessage(tc.body))
			in.Passthrough = tc.passthrough
			stop := r.start()
			r.sendMessage(in, map[string]any{"messageId": "m1"})
			_, msg := r.receiveData()
			assert.Equal(t, fake.MaesterRequests{Post: tc.uploads}, storage.Requests())
			assert.Equal(t, "own", msg.Headers["h"])
			if tc.passthrough != nil {
				self := entryOf(t, msg.Passthrough["step"])
				assert.JSONEq(t, string(msg.Body), string(self.Body), "the step's own entry is as the message")
				assert.Equal(t, msg.Headers, self.Headers)
				assert.Len(t, msg.Passthrough, len(tc.passthrough)+1)
			}
			if tc.uploads == 0 {
				assert.JSONEq(t, tc.body, string(msg.Body))
				assert.NotContains(t, msg.Headers, objectIDHeader)
				for step, entry := range tc.passthrough {
					assert.JSONEq(t, string(entry), string(msg.Passthrough[step]))
				}
			} else {
				assert.Equal(t, "{}", string(msg.Body))
				assert.JSONEq(t, tc.body, r.stored(storage, msg.Headers))
				for step, entry := range tc.passthrough {
					after := entryOf(t, msg.Passthrough[step])
					assert.JSONEq(t, string(entryOf(t, entry).Body), r.stored(storage, after.Headers))
					assert.JSONEq(t, `{}`, string(after.Body))
					assert.Contains(t, string(msg.Passthrough[step]), `"extra":2`)
					assert.EqualValues(t, 1, after.Headers["h"])
				}
			}
			r.requireDrained(stop)
		})
	}
}

// An object that is known already is not uploaded again, whatever it was that
// brought it in.
func TestNothingIsUploadedTwice(t *testing.T) {
	for name, tc := range map[string]struct {
		noSelf string
		before bool // the step before has an entry, with the same object
		posts  int  // for two emits
	}{
		"own entry":                 {"", true, 2},
		"incoming message as entry": {"true", false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
				for range 2 {
					if err := out.Data(ctx, component.NewMessage(req.Message.Body)); err != nil {
						return err
					}
				}
				return nil
			})
			r.env["EMIT_LIGHTWEIGHT_MESSAGE"], r.env["NO_SELF_PASSTRHOUGH"] = "true", tc.noSelf
			r.step.IsPassthrough = true
			storage := withStorage(r)
			own := r.object(storage, largeBody)
			in := reference(own)
			in.Passthrough = map[string]json.RawMessage{"first": json.RawMessage(`{"body": "` + largeText + `"}`)}
			if tc.before {
				in.Passthrough["before"] = json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"` + own + `"},"body":{}}`)
			}
			stop := r.start()
			r.sendMessage(in, map[string]any{"messageId": "m1", "stepId": "before"})
			for range 2 {
				_, msg := r.receiveData()
				assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
				first, before := entryOf(t, msg.Passthrough["first"]), entryOf(t, msg.Passthrough["before"])
				assert.Equal(t, `"`+largeText+`"`, r.stored(storage, first.Headers))
				assert.Equal(t, own, before.Headers[objectIDHeader])
				assert.JSONEq(t, `{}`, string(before.Body))
				if tc.noSelf == "" {
					assert.Equal(t, msg.Headers, entryOf(t, msg.Passthrough["step"]).Headers)
				} else {
					assert.NotContains(t, msg.Passthrough, "step")
				}
			}
			r.requireDrained(stop)
			// Two emitted bodies, and once the first step's.
			assert.Equal(t, fake.MaesterRequests{Get: 1, Post: tc.posts + 1}, storage.Requests())
		})
	}
}

// The id of another body, as a function that copies headers emits it, does not
// stay. What the function emitted is not changed under its hands.
func TestBodyReplacesAnotherReference(t *testing.T) {
	for name, headers := range map[string]map[string]any{"of another body": {objectIDHeader: "stale"}, "no headers": nil} {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(headers)
			r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
				return out.Data(ctx, component.Message{Headers: headers, Body: req.Message.Body})
			})
			r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
			storage := withStorage(r)
			stop := r.start()
			r.send(largeBody, map[string]any{"messageId": "m1"})
			_, msg := r.receiveData()
			assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
			r.requireDrained(stop)
			assert.Equal(t, before, headers)
		})
	}
}

func TestAbsentBodiesStayAbsent(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, _ component.Request, out component.Emitter) error {
		return out.Data(ctx, component.Message{})
	})
	r.env["EMIT_LIGHTWEIGHT_MESSAGE"], r.env["OUTPUT_VALIDATION"] = "true", ""
	storage := withStorage(r)
	r.step.IsPassthrough = true
	in := component.NewMessage(json.RawMessage(`{}`))
	in.Passthrough = map[string]json.RawMessage{
		"first": json.RawMessage(`{"headers": {}}`), "second": json.RawMessage(`{"body": "` + largeText + `"}`),
	}
	stop := r.start()
	r.sendMessage(in, map[string]any{"messageId": "m1"})
	_, msg := r.receiveData()
	assert.Equal(t, component.Message{Headers: map[string]any{}}, entryOf(t, msg.Passthrough["step"]))
	assert.JSONEq(t, `{"headers": {}}`, string(msg.Passthrough["first"]))
	assert.Equal(t, `"`+largeText+`"`, r.stored(storage, entryOf(t, msg.Passthrough["second"]).Headers))
	msg.Passthrough = nil
	assert.Equal(t, component.Message{Headers: map[string]any{}}, msg)
	r.requireDrained(stop)
}

// A function that passes a reference on has nothing to upload.
func TestAReferenceIsPassedOn(t *testing.T) {
	handle := func(ctx context.Context, req component.Request, out component.Emitter) error {
		msg := component.NewMessage(json.RawMessage(`{}`))
		msg.Headers[objectIDHeader] = "of-the-body"
		return out.Data(ctx, msg)
	}
	large := map[string]json.RawMessage{"first": json.RawMessage(`{"body": "` + largeText + `"}`)}
	r := newHarness(t, handle)
	r.env["EMIT_LIGHTWEIGHT_MESSAGE"], r.descriptor, r.step.IsPassthrough = "true", byReference, true
	storage := withStorage(r)
	in := component.NewMessage(json.RawMessage(`{}`))
	in.Passthrough = large
	stop := r.start()
	r.sendMessage(in, map[string]any{"messageId": "m1"})
	_, msg := r.receiveData()
	assert.Equal(t, "of-the-body", msg.Headers[objectIDHeader])
	assert.JSONEq(t, `{}`, string(msg.Body))
	assert.Equal(t, `"`+largeText+`"`, r.stored(storage, entryOf(t, msg.Passthrough["first"]).Headers))
	r.requireDrained(stop)
	assert.Equal(t, fake.MaesterRequests{Post: 1}, storage.Requests())
}

// A step that does not emit references sends passthrough in full, even if its
// function did not ask for it.
func TestPassthroughIsFetchedBeforeSending(t *testing.T) {
	r := newHarness(t, func(ctx context.Context, req component.Request, out component.Emitter) error {
		for range 2 {
			if err := out.Data(ctx, component.NewMessage(json.RawMessage(`{}`))); err != nil {
				return err
			}
		}
		return nil
	})
	r.descriptor, r.step.IsPassthrough = byReference, true
	storage := withStorage(r)
	first := r.object(storage, largeBody)
	in := reference("not-fetched")
	in.Passthrough = map[string]json.RawMessage{
		"first":  json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"` + first + `"},"body":{}}`),
		"second": json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"not-fetched"},"body":{"there":"already"}}`),
	}
	stop := r.start()
	r.sendMessage(in, map[string]any{"messageId": "m1"})
	for range 2 {
		_, msg := r.receiveData()
		entry := entryOf(t, msg.Passthrough["first"])
		assert.JSONEq(t, largeBody, string(entry.Body))
		assert.Equal(t, first, entry.Headers[objectIDHeader])
		assert.JSONEq(t, string(in.Passthrough["second"]), string(msg.Passthrough["second"]))
		assert.NotContains(t, msg.Headers, objectIDHeader)
	}
	r.requireDrained(stop)
	assert.Equal(t, fake.MaesterRequests{Get: 1}, storage.Requests(), "once for all emits")

	in.Passthrough["first"] = json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"missing"},"body":null}`)
	stop = r.start()
	r.sendMessage(in, map[string]any{"messageId": "m2"})
	_, failure, _ := r.receiveError()
	assert.Equal(t, failedFetch+"missing", failure.Message)
	r.requireDrained(stop)
}

// What came in by reference and is empty needs no second look.
func TestEmptyBodiesAreFetchedOnce(t *testing.T) {
	r := newHarness(t, echo)
	r.step.IsPassthrough = true
	storage := withStorage(r)
	in := component.NewMessage(json.RawMessage(`{"a": "<&>"}`))
	in.Passthrough = map[string]json.RawMessage{
		"first": json.RawMessage(`{"headers":{"x-ipaas-object-storage-id":"` + r.object(storage, `{}`) + `"},"body":{}}`),
	}
	stop := r.start()
	r.sendMessage(in, map[string]any{"messageId": "m1"})
	_, msg := r.receiveData()
	assert.Contains(t, string(msg.Passthrough["step"]), "<&>", "entries are not blown up by escapes")
	r.requireDrained(stop)
	assert.Equal(t, fake.MaesterRequests{Get: 1}, storage.Requests())
}

func TestUploads(t *testing.T) {
	for name, tc := range map[string]struct {
		faults []int
		fails  bool
		posts  int
	}{
		"are tried again":         {[]int{500, fake.HangUp}, false, 3},
		"fail for good":           {[]int{500, 503, fake.HangUp}, true, 3},
		"are not tried after 4xx": {[]int{413}, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t, echo)
			r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
			storage := withStorage(r)
			storage.Fail(tc.faults...)
			stop := r.start()
			r.send(largeBody, map[string]any{"messageId": "m1"})
			if tc.fails {
				_, failure, _ := r.receiveError()
				assert.Equal(t, envelope.Failure{Name: "Error", Message: failedUpload, Stack: "Not Available"}, failure)
				require.Eventually(t, func() bool { return r.rejected() == 1 }, testTimeout, poll)
				assert.NotContains(t, r.log.String(), largeText)
			} else {
				_, msg := r.receiveData()
				assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
			}
			assert.Equal(t, fake.MaesterRequests{Post: tc.posts}, storage.Requests())
			r.send(largeBody, map[string]any{"messageId": "m2"})
			_, msg := r.receiveData()
			assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
			r.requireDrained(stop)
		})
	}
}

func TestBrokenBodyIsNotUploaded(t *testing.T) {
	r := newHarness(t, echo)
	storage := withStorage(r)
	_, err := r.sailor().uploadBodies(t.Context(), &incoming{}, component.NewMessage(json.RawMessage(largeBody[1:])))
	require.ErrorIs(t, err, envelope.ErrJSON)
	assert.Zero(t, storage.Requests())
}

func TestFromStepToStep(t *testing.T) {
	r := newHarness(t, echo)
	r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
	r.step.IsPassthrough = true
	storage := withStorage(r)
	stop := r.start()
	r.send(largeBody, map[string]any{"messageId": "m1"})
	_, msg := r.receiveData()
	require.Equal(t, "{}", string(msg.Body))
	r.sendMessage(msg, map[string]any{"messageId": "m2"})
	_, msg = r.receiveData()
	assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
	r.requireDrained(stop)
}

// A process that is to end does not wait for a storage that is silent. The
// message has not been begun, and stays with the broker.
func TestStopWhileABodyIsFetched(t *testing.T) {
	r := newHarness(t, func(context.Context, component.Request, component.Emitter) error {
		t.Error("the function ran")
		return nil
	})
	storage := withStorage(r)
	release := storage.Hold()
	defer release()
	stop := r.start()
	r.sendMessage(reference(r.object(storage, largeBody)), map[string]any{"messageId": "m1"})
	require.Eventually(t, func() bool { return storage.Requests().Get == 1 }, testTimeout, poll)
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-r.ctx.Done():
		require.Fail(t, "the end waits for the storage")
	}
	count, err := r.admin.Count(r.ctx, "in")
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready)
	assert.Zero(t, r.rejected())
	out, err := r.admin.Count(r.ctx, "out")
	require.NoError(t, err)
	assert.Zero(t, out.Ready, "nothing was emitted")
}

// What a function has done already is handed over before the end.
func TestStopWhileABodyIsUploaded(t *testing.T) {
	r := newHarness(t, echo)
	r.env["EMIT_LIGHTWEIGHT_MESSAGE"] = "true"
	storage := withStorage(r)
	release := storage.Hold()
	stop := r.start()
	r.send(largeBody, map[string]any{"messageId": "m1"})
	require.Eventually(t, func() bool { return storage.Requests().Post == 1 }, testTimeout, poll)
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	require.Eventually(t, func() bool {
		count, err := r.admin.Count(r.ctx, "in")
		return err == nil && count.Consumers == 0
	}, testTimeout, poll)
	release()
	require.NoError(t, <-ended)
	_, msg := r.receiveData()
	assert.Equal(t, largeBody, r.stored(storage, msg.Headers))
	r.requireDrained(stop)
}

// heldStorage counts the uploads that wait for its release.
type heldStorage struct {
	waiting atomic.Int32
	release chan struct{}
}

func (h *heldStorage) Put(_ context.Context, size int64, content func() io.Reader) (string, error) {
	h.waiting.Add(1)
	defer h.waiting.Add(-1)
	<-h.release
	n, err := io.Copy(io.Discard, content())
	if n != size {
		return "", io.ErrUnexpectedEOF
	}
	return "id", err
}

func (*heldStorage) Get(context.Context, string, *httpretry.Budget) ([]byte, error) {
	return nil, io.EOF
}

func TestTransfersAreParallelAndBounded(t *testing.T) {
	cipher := newHarness(t, echo).cipher
	synctest.Test(t, func(t *testing.T) {
		storage := &heldStorage{release: make(chan struct{})}
		b := bodies{storage: storage, cipher: cipher, log: slog.New(slog.DiscardHandler)}
		var refs []*bodyRef
		for range 2 * transfers {
			refs = append(refs, &bodyRef{body: json.RawMessage(largeBody)})
		}
		ended := make(chan error, 1)
		go func() { ended <- b.upload(t.Context(), refs) }()
		synctest.Wait()
		assert.EqualValues(t, transfers, storage.waiting.Load())
		close(storage.release)
		require.NoError(t, <-ended)
		for _, h := range refs {
			assert.Equal(t, "id", h.id)
			assert.Equal(t, "{}", string(h.body))
		}
	})
}

// The vectors are what the platform's own runtime sends.
func TestLightweightAgreesWithThePlatform(t *testing.T) {
	type request struct {
		Method, URI, Content string
		Headers              map[string]string
	}
	var file struct {
		Token   string
		Vectors []struct {
			Body             string
			Upload, Download request
		}
	}
	raw, err := os.ReadFile("testdata/lightweight.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Vectors)
	for _, vector := range file.Vectors {
		t.Run(vector.Body[:min(len(vector.Body), 20)], func(t *testing.T) {
			var seen []request
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				content, _ := io.ReadAll(r.Body)
				got := request{Method: r.Method, URI: r.RequestURI, Content: hex.EncodeToString(content), Headers: map[string]string{}}
				for _, name := range []string{"Authorization", "Content-Type", "X-Request-Id"} {
					if r.Header.Get(name) != "" {
						got.Headers[name] = r.Header.Get(name)
					}
				}
				seen = append(seen, got)
				if r.Method == http.MethodPost {
					_, _ = io.WriteString(w, `{"objectId":"id"}`)
					return
				}
				theirs, _ := hex.DecodeString(vector.Upload.Content)
				_, _ = w.Write(theirs)
			}))
			defer server.Close()
			r := newHarness(t, echo)
			r.env["OBJECT_STORAGE_URI"], r.env["OBJECT_STORAGE_TOKEN"] = server.URL, file.Token
			s := r.sailor()
			defer s.Storage.(*maester.Client).Close()

			h := &bodyRef{body: json.RawMessage(vector.Body)}
			require.NoError(t, s.bodiesOf(&incoming{}).upload(t.Context(), []*bodyRef{h}))
			require.NoError(t, s.bodiesOf(&incoming{}).fetch(t.Context(), []*bodyRef{h}))
			assert.Equal(t, vector.Body, string(h.body))
			assert.Equal(t, []request{vector.Upload, vector.Download}, seen)
		})
	}
}

func TestIsEmpty(t *testing.T) {
	for body, want := range map[string]bool{
		"": true, "null": true, "{}": true, " { } ": true, "[]": true, "[\n]": true, `""`: true, "true": true, "-12.5": true,
		`{"a":1}`: false, "[0]": false, `" "`: false, "5": true,
	} {
		assert.Equal(t, want, isEmpty(json.RawMessage(body)), body)
	}
}

// Whatever a passthrough is like, what is done to it leaves the rest as it is.
func FuzzEntries(f *testing.F) {
	f.Add([]byte(`{"headers":{"x-ipaas-object-storage-id":"a"},"body":{},"extra":[1]}`))
	f.Add([]byte(`{"headers":null,"body":1}`))
	f.Add([]byte(`"text"`))
	f.Add([]byte(`{"headers":{"x-ipaas-object-storage-id":{}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		passthrough := map[string]json.RawMessage{"step": bytes.Clone(raw)}
		entries := parseEntries(passthrough)
		for _, h := range entries {
			h.id, h.body = "new", json.RawMessage(`"body"`)
		}
		changed, err := withEntries(passthrough, entries)
		require.NoError(t, err)
		require.Equal(t, raw, []byte(passthrough["step"]), "the original stays")
		again := parseEntries(changed)
		require.Len(t, again, len(entries))
		for step, h := range again {
			require.Equal(t, "new", h.id)
			require.Equal(t, `"body"`, string(h.body))
			require.GreaterOrEqual(t, len(h.members), len(entries[step].members))
		}
	})
}
