package smclient

import (
	"bytes"
	"context"

	"github.com/aws/smithy-go"
)

// Raw runs the operation of that name with a body, a JSON object, and returns the
// response's body, both as they are: neither needs to be known here. secretID is the
// secret that the body is about, if any. The error is an *Error.
func Raw(ctx context.Context, client *Client, operation, secretID string, body []byte) ([]byte, error) {
	if client.Route != nil {
		client = client.Route(secretID)
	}
	name := smithy.NewSchema(smithy.ShapeID{Name: operation}, smithy.ShapeTypeOperation, 0)
	made := &call{Client: client, operation: smithy.NewOperationSchema(name, nil, nil), body: body, raw: new(bytes.Buffer)}
	if err := made.run(ctx, nil); err != nil {
		return nil, err
	}
	return made.raw.Bytes(), nil
}
