package componentjson

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var componentRules = []rule[*checker]{
	{"title is missing", "name the service as people call it", func(c *checker) bool { return c.Title != "" }},
	{"description is missing", "say in one line what the component does", func(c *checker) bool { return c.Description != "" }},
	{"docsUrl is not an https address", "give that of the docs", func(c *checker) bool { return strings.HasPrefix(c.DocsURL, "https://") }},
	{"docsUrl leads to no file", "end it with the path of the docs in this directory", func(c *checker) bool {
		return c.files == nil || c.sections != nil
	}},
	{"help.description is not one or two sentences", "say what the component is for, and end with a full stop", func(c *checker) bool { return c.document.Help.isShort() }},
	{"help.link is not docsUrl", "repeat it", func(c *checker) bool { return c.document.Help.Link == c.DocsURL }},
	{"credentials.fields is missing", "list what somebody must enter, as an object", func(c *checker) bool { return len(c.Credentials.Fields) > 0 }},
	{"credentials.help.description is not one or two sentences", "say what is needed, and end with a full stop", func(c *checker) bool { return c.Credentials.Help.isShort() }},
	{"credentials.help.link leads to no section of the docs", "give docsUrl, # and an anchor", func(c *checker) bool { return c.leads(c.Credentials.Help) }},
	{"triggers is missing", "describe one at least", func(c *checker) bool { return len(c.Triggers) > 0 }},
	{"actions is missing", "describe one at least", func(c *checker) bool { return len(c.Actions) > 0 }},
	{"an action and a trigger have the same name", "rename one, for the platform knows functions by their names", func(c *checker) bool {
		for name := range c.Actions {
			if _, both := c.Triggers[name]; both {
				return false
			}
		}
		return true
	}},
}

var variableRules = []rule[environmentVariable]{
	{"description is missing", "say what its values do", func(v environmentVariable) bool { return v.Description != "" }},
}

var functionRules = []rule[*functionPart]{
	{"the name is not a letter and then letters, digits and _", "rename it", func(f *functionPart) bool {
		ok, _ := regexp.MatchString(`^[A-Za-z]\w*$`, f.name)
		return ok
	}},
	{"title is missing", "say in a few words what it does", func(f *functionPart) bool { return f.function.Title != "" }},
	{"title is the name", "say it in words", func(f *functionPart) bool { return f.function.Title != f.name }},
	{"title is that of another function", "tell them apart", func(f *functionPart) bool { return f.function.Title == "" || f.titles[f.function.Title] == 1 }},
	{"description is missing", "say what it does, and what it needs", func(f *functionPart) bool { return f.function.Description != "" }},
	{"help.description is not one or two sentences", "say what it is for, and end with a full stop", func(f *functionPart) bool { return f.function.Help.isShort() }},
	{"help.link is not docsUrl, # and the name in lower case", "let it lead to the function's own section", func(f *functionPart) bool {
		return f.function.Help.Link == f.DocsURL+"#"+strings.ToLower(f.name)
	}},
	{"help.link leads to no section of the docs", "write one, with make docs where it is made", func(f *functionPart) bool { return f.leads(f.function.Help) }},
	{"type is not polling or webhook", "say how the trigger is started", func(f *functionPart) bool {
		return !f.isTrigger || f.Type == "polling" || f.Type == "webhook"
	}},
	{"type is for triggers", "take it away", func(f *functionPart) bool { return f.isTrigger || f.Type == "" }},
	{"main is missing", "name the file that implements it", func(f *functionPart) bool { return f.Main != "" }},
	{"main is not a file", "correct the path, which begins at component.json", func(f *functionPart) bool { return f.has(f.Main) }},
	{"metadata is missing", "name the schemas, or set dynamicMetadata", func(f *functionPart) bool { return f.DynamicMetadata || f.Metadata != nil }},
	{"metadata and dynamicMetadata are mutually exclusive", "take one away", func(f *functionPart) bool { return !f.DynamicMetadata || f.Metadata == nil }},
	{"metadata.in is missing", "name the schema of the input", func(f *functionPart) bool { return f.isTrigger || f.Metadata == nil || f.Metadata.In != "" }},
	{"metadata.out is missing", "name the schema of the output", func(f *functionPart) bool { return f.Metadata == nil || f.Metadata.Out != "" }},
	{"metadata.in is not a file", "correct the path, which begins at component.json", func(f *functionPart) bool { return f.Metadata == nil || f.has(f.Metadata.In) }},
	{"metadata.out is not a file", "correct the path, which begins at component.json", func(f *functionPart) bool { return f.Metadata == nil || f.has(f.Metadata.Out) }},
	{"dynamicMetadata needs a MetaModel, which the code does not have", "add it to the Spec, or name schemas in metadata", func(f *functionPart) bool {
		return f.spec == nil || !f.DynamicMetadata || f.spec.MetaModel != nil
	}},
	{"the code has a MetaModel, which nobody asks for", "set dynamicMetadata in place of metadata", func(f *functionPart) bool {
		return f.spec == nil || f.DynamicMetadata || f.spec.MetaModel == nil
	}},
	{"the code has Startup or Shutdown, which the platform calls for triggers alone", "take them away", func(f *functionPart) bool {
		return f.spec == nil || f.isTrigger || f.spec.Startup == nil && f.spec.Shutdown == nil
	}},
}

// viewClasses are those that the platform knows.
const viewClasses = "TextFieldView TextFieldWithNoteView TextAreaView TextAreaWithNoteView PasswordFieldView CheckBoxView CodeFieldView " +
	"SelectView MultiSelectView SelectTreeView SelectPropertyView OAuthFieldView HTTPAuthView WebhookAuthView " +
	"WebHookPayloadView OutMetadataView InMetadataExtensionView CSVReadView CSVWriteView JSONataView RESTAPIView"

var fieldRules = []rule[*fieldPart]{
	{"label is missing", "name the field as people say it", func(f *fieldPart) bool { return f.Label != "" }},
	{"viewClass is none that the platform knows", "use one of " + viewClasses, func(f *fieldPart) bool {
		return slices.Contains(strings.Fields(viewClasses), f.ViewClass)
	}},
	{"help.description is missing", "say what the field is for", func(f *fieldPart) bool { return f.field.Help.Description != "" }},
	{"help.link leads to no section of the docs", "give docsUrl, # and an anchor", func(f *fieldPart) bool { return f.leads(f.field.Help) }},
	{"help.link is not that of its function", "repeat it", func(f *fieldPart) bool {
		return f.function == nil || f.field.Help.Link == f.function.function.Help.Link
	}},
	{"model is missing for a SelectView", "give the choices as an object, or the name of a method", func(f *fieldPart) bool { return !f.isSelect() || f.Model != nil }},
	{"model is neither choices with labels nor the name of a method", "give an object from key to label, or a name", func(f *fieldPart) bool {
		return !f.isSelect() || f.Model == nil || f.method() != "" || f.choices() != nil
	}},
	{"model is a method, which credentials cannot call", "give the choices as an object", func(f *fieldPart) bool { return f.function != nil || f.method() == "" }},
	{"model is a method that the code does not have", "add it to the Models of the Spec, or correct the name", func(f *fieldPart) bool {
		return f.method() == "" || f.function == nil || f.function.spec == nil || f.function.spec.Models[f.method()] != nil
	}},
	{"prompt is missing for a SelectView", "invite to a choice", func(f *fieldPart) bool { return !f.isSelect() || f.Prompt != "" }},
	{"default is not in the model", "use one of its keys", func(f *fieldPart) bool {
		return f.Default == "" || f.choices() == nil || f.choices()[f.Default] != ""
	}},
	{"require names a field that does not exist beside it", "correct the name", func(f *fieldPart) bool {
		return !slices.ContainsFunc(f.Require, func(name string) bool { _, ok := f.beside[name]; return !ok })
	}},
	{"require names a field that does not stand above it", "give that one a higher order", func(f *fieldPart) bool {
		return !slices.ContainsFunc(f.Require, func(name string) bool {
			above, ok := f.beside[name]
			return ok && above.Order <= f.Order
		})
	}},
}

// isShort reports whether the purpose is told in one or two sentences.
func (h help) isShort() bool {
	return strings.HasSuffix(h.Description, ".") && strings.Count(h.Description, ". ") <= 1
}

// leads reports whether the link leads to a section of the docs, which exists
// where that can be known.
func (c *checker) leads(h help) bool {
	section, ok := strings.CutPrefix(h.Link, c.DocsURL+"#")
	return ok && section != "" && (c.sections == nil || c.sections[section])
}

// has reports whether a file exists; none does no harm.
func (c *checker) has(file string) bool {
	if c.files == nil || file == "" {
		return true
	}
	_, err := fs.Stat(c.files, path.Clean(file))
	return err == nil
}

// readSections returns the anchors of the docs, which lie at the end of their
// address's path.
func (c *checker) readSections() map[string]bool {
	for rest, ok := c.DocsURL, c.files != nil; ok; _, rest, ok = strings.Cut(rest, "/") {
		if text, err := fs.ReadFile(c.files, rest); err == nil {
			return Anchors(string(text))
		}
	}
	return nil
}

// Anchors returns those of the headings in Markdown, as hosts of repositories
// make them.
func Anchors(markdown string) map[string]bool {
	found := map[string]bool{}
	inCode := false
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(line, "```") {
			inCode = !inCode
		}
		heading := strings.TrimLeft(line, "#")
		if inCode || heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading))] = true
	}
	return found
}

func (f *fieldPart) isSelect() bool { return f.ViewClass == "SelectView" }

// method is the name of the method that gives the choices, if one does.
func (f *fieldPart) method() string {
	name, _ := f.Model.(string)
	return name
}

// choices are those that are always the same; nil where there are none, or one
// has no label.
func (f *fieldPart) choices() map[string]string {
	model, _ := f.Model.(map[string]any)
	choices := map[string]string{}
	for key, label := range model {
		choices[key], _ = label.(string)
		if choices[key] == "" {
			return nil
		}
	}
	if len(choices) == 0 {
		return nil
	}
	return choices
}
