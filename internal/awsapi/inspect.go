package awsapi

import (
	"encoding/base64"
	"math/big"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/traits"
)

// inspect finds out what an error text may say about a request: the secret that
// it is about, and the values that must not appear.
func inspect(in smithy.Serializable) *inspection {
	var i inspection
	if in != nil {
		in.Serialize(&i)
	}
	return &i
}

// inspection is filled by the SDK's own walk over a request. The marks of the
// API's model tell what is sensitive, so that a new member needs no list here.
type inspection struct {
	secretID  string
	sensitive []string
	depth     int
}

// WriteString takes note of the secret's id and of sensitive text.
func (i *inspection) WriteString(s *smithy.Schema, v string) {
	if _, ok := smithy.SchemaTrait[*traits.Sensitive](s); ok {
		i.sensitive = append(i.sensitive, v)
	}
	if i.depth == 1 && (s.MemberName() == "SecretId" || s.MemberName() == "Name") {
		i.secretID = v
	}
}

// WriteBlob takes note of sensitive bytes, which AWS sees as base64.
func (i *inspection) WriteBlob(s *smithy.Schema, v []byte) {
	if _, ok := smithy.SchemaTrait[*traits.Sensitive](s); ok {
		i.sensitive = append(i.sensitive, string(v), base64.StdEncoding.EncodeToString(v))
	}
}

// WriteStruct goes down one level.
func (i *inspection) WriteStruct(*smithy.Schema) { i.depth++ }

// CloseStruct comes up again.
func (i *inspection) CloseStruct() { i.depth-- }

// Everything else says nothing about the secret.

func (*inspection) Bytes() []byte                                { return nil }
func (*inspection) WriteInt8(*smithy.Schema, int8)               {}
func (*inspection) WriteInt16(*smithy.Schema, int16)             {}
func (*inspection) WriteInt32(*smithy.Schema, int32)             {}
func (*inspection) WriteInt64(*smithy.Schema, int64)             {}
func (*inspection) WriteFloat32(*smithy.Schema, float32)         {}
func (*inspection) WriteFloat64(*smithy.Schema, float64)         {}
func (*inspection) WriteBool(*smithy.Schema, bool)               {}
func (*inspection) WriteBigInt(*smithy.Schema, *big.Int)         {}
func (*inspection) WriteBigFloat(*smithy.Schema, *big.Float)     {}
func (*inspection) WriteTime(*smithy.Schema, time.Time)          {}
func (*inspection) WriteUnion(_, _ *smithy.Schema)               {}
func (*inspection) CloseUnion()                                  {}
func (*inspection) WriteDocument(*smithy.Schema, document.Value) {}
func (*inspection) WriteNil(*smithy.Schema)                      {}
func (*inspection) WriteList(*smithy.Schema)                     {}
func (*inspection) CloseList()                                   {}
func (*inspection) WriteMap(*smithy.Schema)                      {}
func (*inspection) WriteKey(*smithy.Schema, string)              {}
func (*inspection) CloseMap()                                    {}
