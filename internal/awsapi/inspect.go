package awsapi

import (
	"encoding/base64"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"
)

// inspect finds out what an error text may say about a request: the secret that
// it is about, and the values that must not appear.
func inspect(in smithy.Serializable) *inspection {
	i := new(inspection)
	if in != nil {
		serialize(in, func(s smithy.ShapeSerializer) smithy.ShapeSerializer {
			i.ShapeSerializer = s
			return i
		})
	}
	return i
}

// inspection is filled by the SDK's own walk over a request. The marks of the
// API's model tell what is sensitive, so that a new member needs no list here.
type inspection struct {
	smithy.ShapeSerializer

	secretID  string
	sensitive []string
}

// WriteString takes note of the secret's id and of sensitive text.
func (i *inspection) WriteString(s *smithy.Schema, v string) {
	if _, ok := smithy.SchemaTrait[*traits.Sensitive](s); ok {
		i.sensitive = append(i.sensitive, v)
	}
	if name := s.MemberName(); name == "SecretId" || name == "Name" {
		i.secretID = v
	}
	i.ShapeSerializer.WriteString(s, v)
}

// WriteBlob takes note of sensitive bytes, which AWS sees as base64.
func (i *inspection) WriteBlob(s *smithy.Schema, v []byte) {
	if _, ok := smithy.SchemaTrait[*traits.Sensitive](s); ok {
		i.sensitive = append(i.sensitive, string(v), base64.StdEncoding.EncodeToString(v))
	}
	i.ShapeSerializer.WriteBlob(s, v)
}
