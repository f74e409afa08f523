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
	"time"

	"aws-secrets-manager-connector/internal/component"
)

const (
	metaPrefix = "x-eio-meta-"
	traceID    = "x-eio-meta-trace-id"
	routingKey = "x-eio-routing-key"

	threadID        = "threadId"
	parentMessageID = "parentMessageId"
	replyTo         = "reply_to"
)

// ErrNoHeaders tells that a delivery has no AMQP headers at all, so that
// nobody can say where it belongs.
var ErrNoHeaders = errors.New("message has no AMQP headers")

// Headers are the AMQP headers of an incoming message that the platform gives
// a meaning. Texts are empty and numbers 0 where a header is absent, or is
// neither text nor number.
type Headers struct {
	MessageID        string
	ParentMessageID  string
	ThreadID         string
	StepID           string // of the step that sent it
	ReplyTo          string // reply_to: routing key of an HTTP caller that waits
	Protocol         int    // protocolVersion, at least 1
	Retry            int
	ReboundIteration int
	// Propagated are headers of every message that follows from this one, with the
	// values that came: x-eio-meta-*, names in lower case, reply_to, threadId, and
	// as parentMessageId the messageId.
	Propagated map[string]any
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
		ParentMessageID:  headerText(raw[parentMessageID]),
		ThreadID:         headerText(raw[threadID]),
		StepID:           headerText(raw["stepId"]),
		ReplyTo:          headerText(raw[replyTo]),
		Protocol:         protocolVersion(raw["protocolVersion"]),
		Retry:            count(raw["retry"]),
		ReboundIteration: count(raw["reboundIteration"]),
		Propagated:       map[string]any{},
	}
	for _, name := range metaNames(raw) {
		h.Propagated[strings.ToLower(name)] = raw[name]
	}
	thread := firstTrue(raw[threadID], h.Propagated[traceID])
	if thread == nil {
		thread = newID()
	}
	h.ThreadID = headerText(thread)
	h.Propagated[threadID] = thread
	if id, ok := raw["messageId"]; ok {
		h.Propagated[parentMessageID] = id
	}
	if key := firstTrue(raw[replyTo]); key != nil {
		h.Propagated[replyTo] = key
	}
	return h, nil
}

// metaNames returns the names of raw with the prefix, in any case. They are
// sorted, so that of one name in two cases the same wins always.
func metaNames(raw map[string]any) []string {
	var names []string
	for name := range raw {
		if len(name) >= len(metaPrefix) && strings.EqualFold(name[:len(metaPrefix)], metaPrefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// OwnID returns the id that a message to be emitted brings along, nil for none.
// It is a text as a rule.
func OwnID(m component.Message) any {
	if m.ID != "" {
		return m.ID
	}
	raw, ok := m.Extra["id"]
	if !ok {
		return nil
	}
	var other any
	_ = json.Unmarshal(raw, &other) // what is no JSON is not sent anyway
	return firstTrue(other)
}

// firstTrue returns the first value that counts as true in JavaScript, nil for
// none.
func firstTrue(values ...any) any {
	for _, v := range values {
		switch v.(type) {
		case nil:
		case []byte, []any, map[string]any, time.Time:
			return v
		default:
			if headerText(v) != "" {
				return v
			}
		}
	}
	return nil
}

// TakeRoutingKey returns the header x-eio-routing-key, in any case, of a
// message that is to be emitted, and its headers without it. The key is empty
// when there is none. The given map stays as it is.
func TakeRoutingKey(headers map[string]any) (key string, rest map[string]any) {
	rest = headers
	if len(headers) == 0 {
		return "", headers
	}
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

// count reads a number from 0 to MaxInt32, so that one more is a number, too.
// What is beyond counts as the nearest of these; texts do not count.
func count(v any) int {
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		return int(min(max(rv.Int(), 0), math.MaxInt32))
	case rv.CanUint():
		return int(min(rv.Uint(), math.MaxInt32))
	case rv.CanFloat() && !math.IsNaN(rv.Float()):
		return int(min(max(rv.Float(), 0), math.MaxInt32))
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
