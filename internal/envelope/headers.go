package envelope

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const (
	metaPrefix = "x-eio-meta-"
	traceID    = "x-eio-meta-trace-id"
	routingKey = "x-eio-routing-key"
)

// ErrNoHeaders tells that a delivery has no AMQP headers at all, so that
// nobody can say where it belongs.
var ErrNoHeaders = errors.New("message has no AMQP headers")

// Headers are the AMQP headers of an incoming message that the platform gives
// a meaning. Texts are empty and numbers 0 where a header is absent.
type Headers struct {
	MessageID        string
	ParentMessageID  string
	ThreadID         string // never empty
	StepID           string // of the step that sent it
	ReplyTo          string // reply_to: routing key of an HTTP caller that waits
	Protocol         int    // protocolVersion, at least 1
	Retry            int
	ReboundIteration int
	// Meta holds the headers x-eio-meta-*, names in lower case, which are
	// carried on into every message that follows from this one.
	Meta map[string]any
}

// ParseHeaders reads a delivery's headers. Without a threadId, the thread is
// that of x-eio-meta-trace-id, or else a new one that newID names. It fails
// with ErrNoHeaders when raw is nil.
func ParseHeaders(raw map[string]any, newID func() string) (Headers, error) {
	if raw == nil {
		return Headers{}, ErrNoHeaders
	}
	h := Headers{
		MessageID:        headerText(raw["messageId"]),
		ParentMessageID:  headerText(raw["parentMessageId"]),
		ThreadID:         headerText(raw["threadId"]),
		StepID:           headerText(raw["stepId"]),
		ReplyTo:          headerText(raw["reply_to"]),
		Protocol:         protocolVersion(raw["protocolVersion"]),
		Retry:            count(raw["retry"]),
		ReboundIteration: count(raw["reboundIteration"]),
		Meta:             map[string]any{},
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) { // sorted, so that of one name in two cases the same wins always
		if lower := strings.ToLower(name); strings.HasPrefix(lower, metaPrefix) {
			h.Meta[lower] = raw[name]
		}
	}
	if h.ThreadID == "" {
		h.ThreadID = headerText(h.Meta[traceID])
	}
	if h.ThreadID == "" {
		h.ThreadID = newID()
	}
	return h, nil
}

// TakeRoutingKey returns the header x-eio-routing-key, in any case, of a
// message that is to be emitted, and its headers without it. The key is empty
// when there is none. The given map stays as it is.
func TakeRoutingKey(headers map[string]any) (key string, rest map[string]any) {
	rest = headers
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if strings.ToLower(name) != routingKey {
			continue
		}
		if len(rest) == len(headers) {
			rest = maps.Clone(headers)
		}
		key = headerText(headers[name])
		delete(rest, name)
	}
	return key, rest
}

// protocolVersion reads a number or its text; a fraction is dropped. What is no
// number counts as Raw, for the platform's runtime treats it so.
func protocolVersion(v any) int {
	text := headerText(v)
	if text == "" || text == "true" {
		return Base64
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil || math.IsNaN(n):
		return Raw
	case n < Raw:
		return Base64
	default:
		return int(min(n, math.MaxInt32))
	}
}

// count reads a number; texts do not count.
func count(v any) int {
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		return int(rv.Int())
	case rv.CanUint():
		return int(min(rv.Uint(), math.MaxInt))
	case rv.CanFloat() && math.Abs(rv.Float()) <= math.MaxInt32:
		return int(rv.Float())
	default:
		return 0
	}
}

// headerText writes a header's value as JavaScript would, where it counts as
// true there; 0, false, tables and the like have no text.
func headerText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case bool:
		if v {
			return "true"
		}
		return ""
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt() && rv.Int() != 0:
		return strconv.FormatInt(rv.Int(), 10)
	case rv.CanUint() && rv.Uint() != 0:
		return strconv.FormatUint(rv.Uint(), 10)
	case rv.CanFloat() && rv.Float() != 0:
		text, _ := json.Marshal(rv.Float()) // in JavaScript's format; nothing for NaN
		return string(text)
	default:
		return ""
	}
}
