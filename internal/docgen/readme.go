package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// readmeParts are the templates of readme.md.tmpl. Each stands in the readme
// between two lines of its own.
var readmeParts = []string{"matrix", "variables"}

func marks(part string) (begin, end []byte) {
	return fmt.Appendf(nil, "<!-- %s:begin -->\n", part), fmt.Appendf(nil, "<!-- %s:end -->\n", part)
}

// updateReadme returns readme with the parts between their marks brought up to
// date. It fails when a mark is missing.
func updateReadme(readme []byte, c component) ([]byte, error) {
	t, err := parse("readme.md.tmpl")
	if err != nil {
		return nil, err
	}
	for _, part := range readmeParts {
		begin, end := marks(part)
		before, rest, ok := bytes.Cut(readme, begin)
		_, after, closed := bytes.Cut(rest, end)
		if !ok || !closed {
			return nil, fmt.Errorf("the readme has no lines %q and %q", begin, end)
		}
		var text bytes.Buffer
		if err := t.ExecuteTemplate(&text, part, c); err != nil {
			return nil, err
		}
		readme = slices.Concat(before, begin, text.Bytes(), end, after)
	}
	return readme, nil
}

// Ranked are the triggers and then the actions, each as the designer shows them.
func (c component) Ranked() ordered[*function] {
	return slices.Concat(ranked(c.Triggers), ranked(c.Actions))
}

func ranked(functions ordered[*function]) ordered[*function] {
	return slices.SortedStableFunc(slices.Values(functions), func(a, b member[*function]) int {
		return cmp.Compare(b.Value.Order, a.Value.Order)
	})
}

// feature is a column of the completeness matrix.
type feature struct {
	Title string

	has func(*function) bool
}

// features are all columns that there may be.
func features() []feature {
	offers := func(name string) func(*function) bool {
		return func(f *function) bool {
			return slices.ContainsFunc(f.Fields, func(m member[field]) bool { return m.Name == name })
		}
	}
	return []feature{
		{"operation of AWS", func(f *function) bool { return f.IsOperation }},
		{"secret from a list", offers("secret")},
		{"filter fields", offers("tagKey")},
		{"page, all, or one by one", offers("emitBehaviour")},
		{"JSON as fields", offers("valueFormat")},
		{"cache", offers("cacheSeconds")},
		{"emits secret values", func(f *function) bool { return f.Out.isSecret() }},
	}
}

// Features are the columns of the completeness matrix with at least one entry.
func (c component) Features() []feature {
	return slices.DeleteFunc(features(), func(one feature) bool {
		return !slices.ContainsFunc(c.Functions(), func(f member[*function]) bool { return one.has(f.Value) })
	})
}

// Has reports whether the function supports a feature.
func (f *function) Has(one feature) bool { return one.has(f) }

// Purpose is the first sentence of the help.
func (f *function) Purpose() string {
	first, _, _ := strings.Cut(f.Help.Description, ". ")
	return strings.TrimSuffix(first, ".") + "."
}
