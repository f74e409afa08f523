package workbench

import (
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed page
var files embed.FS

// modules are the page's scripts, each after those that it imports.
var modules = []string{"element.js", "server.js", "fields.js", "form.js", "emits.js", "way.js", "app.js"}

// page is what the browser needs for its first paint. It goes there as one
// document, for each further request takes the browser longer than it takes the
// workbench to do all that it has to do.
type page struct {
	document, style, script, icon string
}

func readPage() (p page, err error) {
	read := func(name string) string {
		content, failed := files.ReadFile("page/" + name)
		err = cmp.Or(err, failed)
		return string(content)
	}
	p = page{document: read("index.html"), style: read("style.css"), icon: read("icon.svg")}
	for _, name := range modules {
		p.script += oneScope(read(name))
	}
	return p, err
}

// oneScope takes a module's imports and exports away: the modules become one.
func oneScope(module string) string {
	var b strings.Builder
	for line := range strings.Lines(module) {
		if !strings.HasPrefix(line, "import ") {
			b.WriteString(strings.TrimPrefix(line, "export "))
		}
	}
	return b.String()
}

// policy is the Content-Security-Policy: of what stands in a document, this
// style and this script count, and nothing else does.
func (p page) policy() string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src " + hash(p.script) + "; style-src " + hash(p.style) + "; connect-src 'self'; img-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

func (w *Workbench) servePage(rw http.ResponseWriter, req *http.Request) {
	about, err := json.Marshal(w.about(req.Context())) // escapes what would end the script
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	p := w.page
	_, _ = strings.NewReplacer("{style}", p.style, "{about}", string(about), "{script}", p.script).WriteString(rw, p.document)
}

func (w *Workbench) serveIcon(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "image/svg+xml")
	_, _ = rw.Write([]byte(w.page.icon))
}

// about is what the page begins with. Anybody on this machine can have it.
type about struct {
	Component json.RawMessage `json:"component"` // component.json
	Version   string          `json:"version"`
	Broker    string          `json:"broker"`
	AWS       string          `json:"aws"`      // where calls go
	Emulated  bool            `json:"emulated"` // keys are not needed, and the page can make calls fail
	// First is the function that the page opens with, and Metadata its schemas.
	First    string          `json:"first"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

func (w *Workbench) about(ctx context.Context) about {
	a := about{Component: w.options.Descriptor, Version: w.options.Version, Broker: "in memory", AWS: "emulator", Emulated: true}
	if !w.options.AMQPURI.IsZero() {
		a.Broker = "RabbitMQ"
	}
	if w.options.AWS.Real {
		a.AWS, a.Emulated = "AWS", false
	}
	if endpoint, err := url.Parse(w.options.AWS.Endpoint); err == nil && endpoint.Host != "" {
		a.AWS = endpoint.Host
	}
	a.First = w.first
	// Without them the page asks, and says what is wrong.
	a.Metadata, _ = w.metadata(ctx, configured{Function: w.first})
	return a
}

// firstAction names the action of the highest order, which the designer puts first.
func firstAction(descriptor []byte) (string, error) {
	var d struct {
		Actions map[string]struct {
			Order int `json:"order"`
		} `json:"actions"`
	}
	if err := json.Unmarshal(descriptor, &d); err != nil {
		return "", fmt.Errorf("read component.json: %w", err)
	}
	first := ""
	for _, name := range slices.Sorted(maps.Keys(d.Actions)) {
		if first == "" || d.Actions[name].Order > d.Actions[first].Order {
			first = name
		}
	}
	return first, nil
}
