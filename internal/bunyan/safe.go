package bunyan

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"

	"aws-secrets-manager-connector/internal/component"
)

const masked = "***"

// safeAll returns attrs fit to be written: resolved, secrets masked, groups
// without a name dissolved, and empty attributes dropped.
func safeAll(attrs []slog.Attr) []slog.Attr {
	safe := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		switch {
		case a.Equal(slog.Attr{}):
		case a.Value.Kind() == slog.KindGroup && a.Key == "":
			safe = append(safe, safeAll(a.Value.Group())...)
		default:
			safe = append(safe, slog.Attr{Key: a.Key, Value: safeValue(a.Key, a.Value)})
		}
	}
	return safe
}

func safeValue(key string, v slog.Value) slog.Value {
	if namesSecret(key) {
		return slog.StringValue(masked)
	}
	switch v.Kind() {
	case slog.KindGroup:
		return slog.GroupValue(merge(nil, safeAll(v.Group()))...)
	case slog.KindString:
		return slog.StringValue(maskURIs(v.String()))
	case slog.KindDuration:
		return slog.StringValue(v.Duration().String())
	case slog.KindAny:
		return safeAny(v.Any())
	default:
		return v
	}
}

// safeAny makes a value of any type safe. Logging must not end the process, so
// a method of the value that panics only spoils its own attribute.
func safeAny(v any) (safe slog.Value) {
	defer func() {
		if recover() != nil {
			safe = slog.StringValue(fmt.Sprintf("!PANIC in %T", v))
		}
	}()
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return safeError(v)
	case *url.URL:
		return slog.StringValue(maskURIs(v.String()))
	case encoding.TextMarshaler:
		return throughJSON(v)
	}
	if t := reflect.TypeOf(v); (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Uint8 {
		return slog.StringValue(fmt.Sprintf("%d bytes", reflect.ValueOf(v).Len()))
	}
	return throughJSON(v)
}

// safeError writes an error in bunyan's form.
func safeError(err error) slog.Value {
	message := slog.String("message", maskURIs(err.Error()))
	if e, ok := errors.AsType[*component.Error](err); ok {
		return slog.GroupValue(message, slog.String("name", e.Name))
	}
	return slog.GroupValue(message)
}

// throughJSON turns a value into what JSON makes of it, and masks what is
// inside by name.
func throughJSON(v any) slog.Value {
	text, err := json.Marshal(v)
	if err != nil { // its text may quote the value
		return slog.StringValue(fmt.Sprintf("!ERROR: %T has no JSON", v))
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var tree any
	if dec.Decode(&tree) != nil {
		return slog.StringValue(fmt.Sprintf("!ERROR: %T has no JSON", v))
	}
	return slog.AnyValue(maskTree(tree))
}

func maskTree(tree any) any {
	switch tree := tree.(type) {
	case string:
		return maskURIs(tree)
	case []any:
		for i := range tree {
			tree[i] = maskTree(tree[i])
		}
	case map[string]any:
		for key := range tree {
			if namesSecret(key) {
				tree[key] = masked
			} else {
				tree[key] = maskTree(tree[key])
			}
		}
	}
	return tree
}
