package envelope_test

import (
	"encoding/json"
	"fmt"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

// A message as one step sends it and the next one reads it.
func Example() {
	cipher, err := envelope.NewCipher(component.NewSecret("the flow's password"), component.NewSecret("16 bytes as IV.."))
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := component.NewMessage(json.RawMessage(`{"SecretId":"demo/database"}`))
	delivery, err := envelope.EncodeMessage(cipher, sent, envelope.Base64)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s…\n", delivery[:24])

	received, err := envelope.DecodeMessage(cipher, delivery, envelope.Base64)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(received) // never shows what is in it
	fmt.Printf("%s\n", received.Body)
	// Output:
	// XwothR0BxEgmyM9qQSfsJhhL…
	// message{headers: 0, body: 28 bytes, passthrough: 0, extra: 0}
	// {"SecretId":"demo/database"}
}

// ParseHeaders finds what the platform says about a delivery in its AMQP
// headers.
func ExampleParseHeaders() {
	headers, err := envelope.ParseHeaders(map[string]any{
		"messageId": "m-1", "x-eio-meta-trace-id": "t-1", "protocolVersion": int32(2), "reply_to": "callers",
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(headers.MessageID, headers.ThreadID, headers.Protocol, headers.ReplyTo)
	// Output: m-1 t-1 2 callers
}
