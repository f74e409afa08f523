package envelope

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func newID() string { return "new-id" }

func parse(t *testing.T, raw map[string]any) Headers {
	t.Helper()
	h, err := ParseHeaders(raw, newID)
	require.NoError(t, err)
	return h
}

func TestParseHeaders(t *testing.T) {
	assert.Equal(t, Headers{
		MessageID: "m", ParentMessageID: "p", ThreadID: "t", StepID: "s", ReplyTo: "r",
		Protocol: 2, Retry: 3, ReboundIteration: 4,
		Propagated: map[string]any{
			"x-eio-meta-user": "u", "x-eio-meta-n": int64(5), "threadId": "t", "parentMessageId": "m", "reply_to": "r",
		},
	}, parse(t, map[string]any{
		"messageId": "m", "parentMessageId": "p", "threadId": "t", "stepId": "s", "reply_to": "r",
		"protocolVersion": int32(2), "retry": int64(3), "reboundIteration": 4.0,
		"X-EIO-Meta-User": "u", "x-eio-meta-n": int64(5),
		"x-eio-other": "not carried on", "taskId": "neither",
	}))
}

func TestParseHeadersWithoutAny(t *testing.T) {
	_, err := ParseHeaders(nil, newID)
	require.ErrorIs(t, err, ErrNoHeaders)

	assert.Equal(t, Headers{ThreadID: "new-id", Protocol: 1, Propagated: map[string]any{"threadId": "new-id"}}, parse(t, map[string]any{}))
}

func TestThread(t *testing.T) {
	for _, test := range []struct {
		name string
		raw  map[string]any
		want string
	}{
		{"own", map[string]any{"threadId": "t", "x-eio-meta-trace-id": "m"}, "t"},
		{"trace id", map[string]any{"x-eio-meta-trace-id": "m"}, "m"},
		{"trace id in another case", map[string]any{"X-Eio-Meta-Trace-Id": "m"}, "m"},
		{"own is empty", map[string]any{"threadId": "", "x-eio-meta-trace-id": "m"}, "m"},
		{"both are empty", map[string]any{"threadId": nil, "x-eio-meta-trace-id": ""}, "new-id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, parse(t, test.raw).ThreadID)
		})
	}
}

// TestCarriedHeadersKeepTheirTypes leaves out what counts as false in
// JavaScript, but for a messageId.
func TestCarriedHeadersKeepTheirTypes(t *testing.T) {
	for _, test := range []struct {
		name          string
		value         any
		carried       bool
		text, replyTo string
	}{
		{"text", "x", true, "x", "x"},
		{"number", int64(7), true, "7", "7"},
		{"fraction", 1.5, true, "1.5", "1.5"},
		{"true", true, true, "true", "true"},
		{"table", map[string]any{"a": 1}, true, "", ""},
		{"list", []any{"a"}, true, "", ""},
		{"no bytes", []byte{}, true, "", ""},
		{"time", time.Unix(1, 0), true, "", ""},
		{"empty text", "", false, "new-id", ""},
		{"zero", int64(0), false, "new-id", ""},
		{"false", false, false, "new-id", ""},
		{"NaN", math.NaN(), false, "new-id", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := parse(t, map[string]any{"threadId": test.value, "messageId": "m", "reply_to": test.value})
			assert.Equal(t, test.text, h.ThreadID)
			assert.Equal(t, test.replyTo, h.ReplyTo)
			want := map[string]any{"threadId": test.value, "parentMessageId": "m", "reply_to": test.value}
			if !test.carried {
				want = map[string]any{"threadId": "new-id", "parentMessageId": "m"}
			}
			assert.Equal(t, want, h.Propagated)
		})
	}
	assert.Equal(t, int64(0), parse(t, map[string]any{"messageId": int64(0)}).Propagated["parentMessageId"])
}

func TestOwnID(t *testing.T) {
	other := func(raw string) component.Message {
		return component.Message{Extra: map[string]json.RawMessage{"id": json.RawMessage(raw)}}
	}
	for name, test := range map[string]struct {
		m    component.Message
		want any
	}{
		"none":          {component.Message{}, nil},
		"text":          {component.Message{ID: "own"}, "own"},
		"number":        {other("5"), 5.0},
		"zero":          {other("0"), nil},
		"null":          {other("null"), nil},
		"empty":         {other(`""`), nil},
		"true":          {other("true"), true},
		"not JSON":      {other("{"), nil},
		"text and more": {component.Message{ID: "own", Extra: other("5").Extra}, "own"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, OwnID(test.m)) })
	}
}

func TestOneMetaHeaderInTwoCases(t *testing.T) {
	for range 20 {
		h := parse(t, map[string]any{"X-EIO-META-A": "1", "x-eio-meta-a": "2", "X-eio-meta-a": "3"})
		assert.Equal(t, "2", h.Propagated["x-eio-meta-a"])
	}
}

func TestHeaderValuesAsText(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"text", "x", "x"},
		{"bytes", []byte("x"), "x"},
		{"int64", int64(9007199254740993), "9007199254740993"},
		{"negative", int32(-7), "-7"},
		{"unsigned", uint8(7), "7"},
		{"whole float", 12.0, "12"},
		{"float", 1.5, "1.5"},
		{"large float", 1e21, "1e+21"},
		{"small float", 1e-7, "1e-7"},
		{"true", true, "true"},
		{"false", false, ""},
		{"zero", 0, ""},
		{"float zero", 0.0, ""},
		{"NaN", math.NaN(), ""},
		{"nothing", nil, ""},
		{"table", map[string]any{"a": 1}, ""},
		{"list", []any{"a"}, ""},
		{"time", time.Unix(0, 0), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, parse(t, map[string]any{"messageId": test.value}).MessageID)
		})
	}
}

func TestProtocolVersion(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  int
	}{
		{"absent", nil, 1},
		{"zero", 0, 1},
		{"negative", -3, 1},
		{"int", int64(2), 2},
		{"byte", uint8(2), 2},
		{"float", 2.0, 2},
		{"fraction below 2", 1.9, 1},
		{"text", "2", 2},
		{"text with white space", " 1 ", 1},
		{"empty text", "", 1},
		{"false", false, 1},
		{"true", true, 1},
		{"greater", 3, 3},
		{"far too great", 1e300, math.MaxInt32},
		{"word", "two", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, parse(t, map[string]any{"protocolVersion": test.value}).Protocol)
		})
	}
}

func TestCounts(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  int
	}{
		{"int", int32(3), 3},
		{"unsigned", uint16(3), 3},
		{"too great", uint64(math.MaxUint64), math.MaxInt32},
		{"the greatest", int64(math.MaxInt64), math.MaxInt32},
		{"the least", int64(math.MinInt64), 0},
		{"negative", -1, 0},
		{"float", 3.0, 3},
		{"NaN", math.NaN(), 0},
		{"infinite", math.Inf(1), math.MaxInt32},
		{"infinite below zero", math.Inf(-1), 0},
		{"text does not count", "3", 0},
		{"absent", nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, parse(t, map[string]any{"reboundIteration": test.value}).ReboundIteration)
		})
	}
}

func TestTakeRoutingKey(t *testing.T) {
	for _, test := range []struct {
		name          string
		headers, rest map[string]any
		key           string
	}{
		{"none", map[string]any{"a": 1}, map[string]any{"a": 1}, ""},
		{"no headers", nil, nil, ""},
		{"lower case", map[string]any{"x-eio-routing-key": "k", "a": 1}, map[string]any{"a": 1}, "k"},
		{"another case", map[string]any{"X-EIO-Routing-Key": "k"}, map[string]any{}, "k"},
		{"twice", map[string]any{"X-EIO-Routing-Key": "1", "x-eio-routing-key": "2", "a": 1}, map[string]any{"a": 1}, "2"},
		{"number", map[string]any{"x-eio-routing-key": 5.0}, map[string]any{}, "5"},
		{"empty is removed as well", map[string]any{"x-eio-routing-key": ""}, map[string]any{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			size := len(test.headers)
			key, rest := TakeRoutingKey(test.headers)
			assert.Equal(t, test.key, key)
			assert.Equal(t, test.rest, rest)
			assert.Len(t, test.headers, size, "the given headers were changed")
		})
	}
}

func FuzzParseHeaders(f *testing.F) {
	f.Add("X-Eio-Meta-Trace-Id", "t", int64(2), 1.5, byte(0))
	f.Add("protocolVersion", "0x2", int64(-1), math.Inf(1), byte(1))
	f.Add("reboundIteration", " 2 ", int64(math.MinInt64), math.NaN(), byte(2))
	f.Fuzz(func(t *testing.T, name, text string, whole int64, real float64, kind byte) {
		value := []any{text, whole, real, []byte(text), nil, uint64(whole), map[string]any{text: whole}}[int(kind)%7]
		h, err := ParseHeaders(map[string]any{name: value, "messageId": value, "threadId": value, "protocolVersion": value, "retry": value}, newID)
		require.NoError(t, err)
		require.NotNil(t, h.Propagated["threadId"])
		require.GreaterOrEqual(t, h.Protocol, 1)
		for name := range h.Propagated {
			if !slices.Contains([]string{"threadId", "parentMessageId", "reply_to"}, name) {
				require.True(t, strings.HasPrefix(name, "x-eio-meta-"))
				require.Equal(t, strings.ToLower(name), name)
			}
		}
	})
}

// BenchmarkHeaders reads the AMQP headers of a message and writes those of the
// next.
func BenchmarkHeaders(b *testing.B) {
	raw := map[string]any{
		"messageId": "message", "parentMessageId": "parent", "threadId": "thread", "protocolVersion": int64(2), "execId": "exec",
		"taskId": "flow", "workspaceId": "workspace", "containerId": "container", "userId": "user", "stepId": "step_1",
		"compId": "comp", "function": "before", "start": int64(1), "end": int64(2), "x-eio-meta-trace-id": "trace",
	}
	stamp := Origin{ExecID: "exec", FlowID: "flow", WorkspaceID: "workspace", StepID: "step_2", Function: "after"}.StaticHeaders()
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		in, err := ParseHeaders(raw, nil)
		if err != nil {
			b.Fatal(err)
		}
		stamp.Headers(in, "next", now, now)
	}
}
