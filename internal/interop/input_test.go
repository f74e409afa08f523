//go:build interop

package interop

import (
	"fmt"
	"maps"
	"strings"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// input is one message to a step. Its zero value is an empty message in
// protocol 1.
type input struct {
	name       string
	message    string // JSON, sent encrypted
	plain      string // sent as it is, instead
	raw        bool   // without base64
	noID       bool   // without the header messageId
	noHeaders  bool
	headers    map[string]any
	properties broker.Properties
	awaited    int // emits to wait for before the next message is sent
}

func (in input) id() string { return "id of " + in.name }

func (in input) allHeaders() map[string]any {
	if in.noHeaders {
		return nil
	}
	headers := map[string]any{"messageId": in.id(), "threadId": "thread"}
	if in.raw {
		headers["protocolVersion"] = 2
	}
	maps.Copy(headers, in.headers)
	if in.noID {
		delete(headers, "messageId")
	}
	maps.DeleteFunc(headers, func(_ string, value any) bool { return value == unset })
	return headers
}

func (in input) encoded(c *envelope.Cipher) []byte {
	protocol := envelope.Base64
	if in.raw {
		protocol = envelope.Raw
	}
	if in.message == "" {
		return []byte(in.plain)
	}
	return c.Encode([]byte(in.message), protocol)
}

// storedObject, in a message, stands for the id of an object with the body
// {"stored": "body"}.
const storedObject = "$stored"

// do is a message whose body tells the step to do this.
func do(deeds ...string) string {
	return `{"body": {"do": [` + strings.Join(deeds, ", ") + `]}}`
}

const markerBody = `{"do": [{"data": {"headers": {}, "body": {}}}]}`

// marker is an input whose output tells how far the step has come.
func marker(i int) input {
	return input{name: fmt.Sprint(markerName, i), message: `{"body": ` + markerBody + `}`}
}

const markerName = "marker "

func isMarker(messageID any) bool {
	id, _ := messageID.(string)
	return strings.HasPrefix(id, input{name: markerName}.id())
}

// base64Of is text encrypted for protocol 1.
func base64Of(text string) string {
	return string(newCipher().Encode([]byte(text), envelope.Base64))
}

func newCipher() *envelope.Cipher {
	c, err := envelope.NewCipher(component.NewSecret(cryptoPassword), component.NewSecret(cryptoIV))
	if err != nil {
		panic(err) // both are constants
	}
	return c
}
