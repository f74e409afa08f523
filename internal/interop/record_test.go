//go:build interop

package interop

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/envelope"
)

// A record is what a side did, as a tree that can be compared. What cannot be
// the same on both sides is replaced, and nothing else:
//
//   - the exchange's name, which has to be the side's own
//   - a new UUID in the headers messageId and threadId: by its number, in the
//     order in which the record has them, so that equal ones stay equal
//   - the headers start and end: by "ms", when they are in order and of today
//   - the stack of an error: by "text", when there is one
//   - the exchange's name in the text of an error: by "exchange"
//   - the id of an object in the storage: by what is stored
//   - emits under different routing keys have no order, those under one have
type record map[string]any

// emits makes the record of one input.
func (s *side) emits(t *testing.T, deliveries []broker.Delivery) record {
	t.Helper()
	n := normaliser{numbers: map[string]int{}}
	byKey := map[string][]broker.Delivery{}
	for _, d := range deliveries {
		byKey[d.RoutingKey] = append(byKey[d.RoutingKey], d)
	}
	r := record{"settled": "acked"}
	if len(byKey[rejectedKey]) > 0 {
		r["settled"] = "rejected"
	}
	delete(byKey, rejectedKey)
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		var list []any
		for _, d := range byKey[key] {
			list = append(list, s.emit(t, n, d))
		}
		r[key] = list
	}
	return r
}

func (s *side) emit(t *testing.T, n normaliser, d broker.Delivery) map[string]any {
	t.Helper()
	assert.Equal(t, s.exchange, d.Exchange, "exchange that %s publishes to", s.name)
	body := s.withObjects(t, s.content(t, d))
	p := d.Properties
	return map[string]any{
		"body": n.body(body, s.exchange), "headers": n.headers(t, p.Headers),
		"contentType": p.ContentType, "contentEncoding": p.ContentEncoding, "deliveryMode": p.DeliveryMode, "priority": p.Priority,
		"correlationId": p.CorrelationID, "replyTo": p.ReplyTo, "expiration": p.Expiration, "messageId": p.MessageID,
		"timestamp": p.Timestamp.Unix(), "type": p.Type, "userId": p.UserID, "appId": p.AppID,
	}
}

// content decrypts what is emitted, as its kind is on the wire.
func (s *side) content(t *testing.T, d broker.Delivery) any {
	t.Helper()
	switch {
	case d.RoutingKey == "rebound": // the bytes matter
		return base64.StdEncoding.EncodeToString(d.Body)
	case d.RoutingKey == "snapshot":
		return parse(t, d.Body)
	case d.RoutingKey == "error":
		payload, ok := parse(t, d.Body).(map[string]any)
		require.True(t, ok, "payload of an error")
		for name, value := range payload {
			payload[name] = s.decrypted(t, []byte(value.(string)), envelope.Base64)
		}
		return payload
	case d.Headers["x-eio-error-response"] == true:
		return s.decrypted(t, d.Body, envelope.Base64)
	default:
		version, ok := d.Headers["protocolVersion"].(int64)
		require.True(t, ok, "protocolVersion of %s", d.RoutingKey)
		return s.decrypted(t, d.Body, int(version))
	}
}

// decrypted is the JSON in encrypted, or else its text.
func (s *side) decrypted(t *testing.T, encrypted []byte, protocol int) any {
	t.Helper()
	plain, err := s.cipher.Decode(encrypted, protocol)
	if err != nil {
		return string(encrypted)
	}
	return parse(t, plain)
}

// withObjects puts objects in the place of their ids.
func (s *side) withObjects(t *testing.T, value any) any {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = s.withObjects(t, member)
			id, _ := member.(string)
			if object, ok := s.storage.Object(id); ok && name == objectHeader {
				v[name] = s.withObjects(t, s.decrypted(t, object, envelope.Raw))
			}
		}
	case []any:
		for i, element := range v {
			v[i] = s.withObjects(t, element)
		}
	}
	return value
}

const objectHeader = "x-ipaas-object-storage-id"

// normaliser gives new UUIDs numbers: random ones (version 4), and those that
// ours derives (version 8).
type normaliser struct{ numbers map[string]int }

var newUUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func (n normaliser) headers(t *testing.T, headers map[string]any) map[string]any {
	t.Helper()
	all := maps.Clone(headers)
	for _, name := range []string{"messageId", "threadId"} {
		id, ok := all[name].(string)
		if !ok || !newUUID.MatchString(id) {
			continue
		}
		require.NoError(t, uuid.Validate(id))
		if n.numbers[id] == 0 {
			n.numbers[id] = len(n.numbers) + 1
		}
		all[name] = fmt.Sprintf("UUID %d", n.numbers[id])
	}
	start, _ := all["start"].(int64)
	for _, name := range []string{"start", "end"} {
		at, ok := all[name].(int64)
		if age := time.Now().UnixMilli() - at; ok && at >= start && age >= 0 && age < timeout.Milliseconds() {
			all[name] = "ms"
		}
	}
	return all
}

// body replaces what cannot be the same in an error, in the error queue's form
// and in a reply's.
func (n normaliser) body(body any, exchange string) any {
	members, _ := body.(map[string]any)
	failure := members
	if inner, ok := members["error"].(map[string]any); ok {
		failure = inner
	}
	if stack, ok := failure["stack"].(string); ok && stack != "" {
		failure["stack"] = "text"
	}
	if message, ok := failure["message"].(string); ok {
		failure["message"] = strings.ReplaceAll(message, exchange, "exchange")
	}
	return body
}

// difference is one between the two sides, told as JSON. What is absent is
// empty.
type difference struct {
	at              string // path in the record
	reference, ours string
}

// differences returns where two records differ, in order of the paths.
func differences(t *testing.T, of, against record) []difference {
	t.Helper()
	var found []difference
	compare("", tree(t, of), tree(t, against), &found)
	return found
}

// tree is the record as JSON has it, so that equal values are of equal types.
func tree(t *testing.T, r record) any {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	return parse(t, text)
}

func parse(t *testing.T, text []byte) (value any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&value))
	return value
}

// absent is a member that the other side has.
type absent struct{}

func compare(at string, a, b any, found *[]difference) {
	if left, right, ok := both[map[string]any](a, b); ok {
		names := maps.Clone(left)
		maps.Copy(names, right)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			compare(strings.TrimPrefix(at+"."+name, "."), member(left, name), member(right, name), found)
		}
		return
	}
	if left, right, ok := both[[]any](orNone(a, b), orNone(b, a)); ok {
		for i := range max(len(left), len(right)) {
			compare(fmt.Sprintf("%s[%d]", at, i), element(left, i), element(right, i), found)
		}
		return
	}
	if left, right := text(a), text(b); left != right {
		*found = append(*found, difference{at, left, right})
	}
}

// orNone lets what is absent be an empty list where the other side has one.
func orNone(value, other any) any {
	_, missing := value.(absent)
	if _, list := other.([]any); missing && list {
		return []any{}
	}
	return value
}

func both[T any](a, b any) (left, right T, ok bool) {
	left, isLeft := a.(T)
	right, isRight := b.(T)
	return left, right, isLeft && isRight
}

func member(members map[string]any, name string) any {
	if value, ok := members[name]; ok {
		return value
	}
	return absent{}
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return absent{}
}

// text is the JSON of value. Of an emit that the other side does not have at
// all, it is that of the body.
func text(value any) string {
	if _, missing := value.(absent); missing {
		return ""
	}
	if emit, ok := value.(map[string]any); ok && emit["contentType"] != nil {
		value = emit["body"]
	}
	text, _ := json.Marshal(value) // was JSON
	return string(text)
}
