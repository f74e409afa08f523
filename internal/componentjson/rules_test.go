package componentjson

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

var componentRules = []rule[*document]{
	{"title must be there", func(d *document) bool { return d.Title != "" }},
	{"description must be there", func(d *document) bool { return d.Description != "" }},
	{"docsUrl must be an https address", func(d *document) bool { return strings.HasPrefix(d.DocsURL, "https://") }},
	{"help.description must be one or two sentences", func(d *document) bool { return d.Help.isShort() }},
	{"help.link must be docsUrl", func(d *document) bool { return d.Help.Link == d.DocsURL }},
	{"credentials.fields must be there", func(d *document) bool { return len(d.Credentials.Fields) > 0 }},
	{"credentials.help.description must be one or two sentences", func(d *document) bool { return d.Credentials.Help.isShort() }},
	{"credentials.help.link must lead to a section of docsUrl", func(d *document) bool { return d.Credentials.Help.leadsTo(d.DocsURL) }},
	{"triggers must be there", func(d *document) bool { return len(d.Triggers) > 0 }},
	{"actions must be there", func(d *document) bool { return len(d.Actions) > 0 }},
	{"an action and a trigger must not have the same name", func(d *document) bool {
		for name := range d.Actions {
			if d.Triggers[name] != nil {
				return false
			}
		}
		return true
	}},
}

var variableRules = []rule[environmentVariable]{
	{"description must be there", func(v environmentVariable) bool { return v.Description != "" }},
}

var functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

var functionRules = []rule[*function]{
	{"the name must be a letter and then letters, digits and _", func(f *function) bool { return functionName.MatchString(f.name) }},
	{"title must be there", func(f *function) bool { return f.Title != "" }},
	{"description must be there", func(f *function) bool { return f.Description != "" }},
	{"help.description must be one or two sentences", func(f *function) bool { return f.Help.isShort() }},
	{"help.link must be docsUrl with # and the name in lower case", func(f *function) bool {
		return f.Help.Link == f.docsURL+"#"+strings.ToLower(f.name)
	}},
	{"type must be polling or webhook for a trigger", func(f *function) bool {
		return !f.isTrigger || f.Type == "polling" || f.Type == "webhook"
	}},
	{"main must be there", func(f *function) bool { return f.Main != "" }},
	{"main must be a file that exists", func(f *function) bool { return f.has(f.Main) }},
	{"metadata or dynamicMetadata must be there", func(f *function) bool { return f.DynamicMetadata || f.hasMetadata() }},
	{"metadata.in must be there", func(f *function) bool { return f.isTrigger || !f.hasMetadata() || f.Metadata.In != "" }},
	{"metadata.out must be there", func(f *function) bool { return !f.hasMetadata() || f.Metadata.Out != "" }},
	{"metadata.in must be a file that exists", func(f *function) bool { return f.has(f.Metadata.In) }},
	{"metadata.out must be a file that exists", func(f *function) bool { return f.has(f.Metadata.Out) }},
}

// viewClasses are those that the platform knows.
var viewClasses = strings.Fields(`
	TextFieldView TextFieldWithNoteView TextAreaView TextAreaWithNoteView PasswordFieldView CheckBoxView CodeFieldView
	SelectView MultiSelectView SelectTreeView SelectPropertyView OAuthFieldView HTTPAuthView WebhookAuthView
	WebHookPayloadView OutMetadataView InMetadataExtensionView CSVReadView CSVWriteView JSONataView RESTAPIView`)

var fieldRules = []rule[*field]{
	{"label must be there", func(f *field) bool { return f.Label != "" }},
	{"viewClass must be one that the platform knows", func(f *field) bool { return slices.Contains(viewClasses, f.ViewClass) }},
	{"help.description must tell what the field is for", func(f *field) bool { return f.Help.Description != "" }},
	{"help.link must lead to a section of docsUrl", func(f *field) bool { return f.Help.leadsTo(f.docsURL) }},
	{"model must hold what a SelectView offers", func(f *field) bool { return f.ViewClass != "SelectView" || f.hasModel() }},
	{"default must be in the model", func(f *field) bool {
		choices, isMap := f.Model.(map[string]any)
		return f.Default == "" || !isMap || choices[f.Default] != nil
	}},
}

// isShort reports whether the purpose is told in one or two sentences.
func (h help) isShort() bool {
	return strings.HasSuffix(h.Description, ".") && strings.Count(h.Description, ". ") <= 1
}

func (h help) leadsTo(docsURL string) bool {
	section, ok := strings.CutPrefix(h.Link, docsURL+"#")
	return ok && section != ""
}

func (f *function) hasMetadata() bool { return f.Metadata.In != "" || f.Metadata.Out != "" }

// has reports whether a file exists; none does no harm.
func (f *function) has(file string) bool {
	if f.files == nil || file == "" {
		return true
	}
	_, err := fs.Stat(f.files, path.Clean(file))
	return err == nil
}

// hasModel reports whether there is something to choose from. Credentials cannot
// call a method for it.
func (f *field) hasModel() bool {
	switch model := f.Model.(type) {
	case map[string]any:
		return len(model) > 0
	case string:
		return model != "" && !f.ofCredential
	}
	return false
}
