package awsapi

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// Encode writes the members of v that are set as JSON: times as ISO 8601 UTC
// with milliseconds, bytes as base64.
func Encode(v smithy.Serializable) []byte {
	return serialize(v, func(s smithy.ShapeSerializer) smithy.ShapeSerializer { return isoTimes{s} })
}

// isoTimes writes times as text. AWS's protocol has seconds since 1970.
type isoTimes struct{ smithy.ShapeSerializer }

// WriteTime implements smithy.ShapeSerializer.
func (i isoTimes) WriteTime(s *smithy.Schema, v time.Time) {
	i.WriteString(s, v.UTC().Format("2006-01-02T15:04:05.000Z"))
}

var (
	protocol = awsjson.New11(schemas.Secretsmanager)
	// anyOperation has an input; the protocol writes those of all operations alike.
	anyOperation = smithy.NewOperationSchema(schemas.GetSecretValue, schemas.GetSecretValueRequest, nil)
)

// serialize returns v as the SDK writes it in JSON. v is told to what wrap puts
// around the SDK's serializer, which the SDK hands out only for requests.
func serialize(v smithy.Serializable, wrap func(smithy.ShapeSerializer) smithy.ShapeSerializer) (text []byte) {
	request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	_ = protocol.SerializeRequest(context.Background(), anyOperation, serializeFunc(func(s smithy.ShapeSerializer) {
		v.Serialize(wrap(s))
		text = s.Bytes()
	}), request) // the error would be that of the request, which is not sent
	return text
}

type serializeFunc func(smithy.ShapeSerializer)

// Serialize implements smithy.Serializable.
func (f serializeFunc) Serialize(s smithy.ShapeSerializer) { f(s) }
