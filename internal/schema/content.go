package schema

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/message"
)

// content is the rule for binaries: "contentEncoding": "base64" (draft-07's
// keyword) with "x-minBytes" and "x-maxBytes", the size once decoded, for which
// JSON Schema has no keyword.
type content struct {
	min, max int // max 0: no limit
}

func contentVocabulary() *jsonschema.Vocabulary {
	return &jsonschema.Vocabulary{URL: "schema:content", Compile: compileContent}
}

func compileContent(_ *jsonschema.CompilerContext, node map[string]any) (jsonschema.SchemaExt, error) {
	minBytes, minErr := size(node, "x-minBytes")
	maxBytes, maxErr := size(node, "x-maxBytes")
	if err := errors.Join(minErr, maxErr); err != nil {
		return nil, err
	}
	switch encoding, ok := node["contentEncoding"]; {
	case !ok && (minBytes > 0 || maxBytes > 0):
		return nil, errors.New("x-minBytes and x-maxBytes need contentEncoding")
	case !ok:
		return nil, nil
	case encoding != "base64":
		return nil, errors.New("contentEncoding must be base64")
	}
	return &content{min: minBytes, max: maxBytes}, nil
}

func size(node map[string]any, keyword string) (int, error) {
	v, ok := node[keyword]
	if !ok {
		return 0, nil
	}
	n, _ := v.(json.Number)
	size, err := strconv.Atoi(n.String())
	if err != nil || size < 1 {
		return 0, fmt.Errorf("%s must be a whole number above 0", keyword)
	}
	return size, nil
}

// Validate implements jsonschema.SchemaExt.
func (c *content) Validate(ctx *jsonschema.ValidatorContext, v any) {
	text, ok := v.(string)
	if !ok {
		return
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case err != nil || strings.ContainsAny(text, "\r\n"): // Go's decoder skips line breaks
		ctx.AddError(contentError("must be base64 (standard alphabet, padded, no line breaks)"))
	case len(decoded) < c.min:
		ctx.AddError(contentError(atLeast(c.min, "byte") + " once decoded"))
	case c.max > 0 && len(decoded) > c.max:
		ctx.AddError(contentError("must have at most " + quantity(c.max, "byte") + " once decoded"))
	}
}

// contentError is a broken rule about a binary, in words.
type contentError string

// KeywordPath implements jsonschema.ErrorKind.
func (contentError) KeywordPath() []string { return nil }

// LocalizedString implements jsonschema.ErrorKind.
func (e contentError) LocalizedString(*message.Printer) string { return string(e) }
