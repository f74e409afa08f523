//go:build interop

package interop

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// platformAPI is the platform's REST API. It notes every request, and responds
// to each as told, or else well.
type platformAPI struct {
	steps    map[string]string // what the steps are, JSON, by id
	statuses map[string][]int  // "METHOD path": in turn; the last one stays
	gate     chan struct{}     // GET /gate gets its response when this is closed
	asked    chan struct{}     // gets one for each GET /gate

	mu       sync.Mutex
	requests []request
}

// request is one that a sailor made.
type request struct {
	Method      string `json:"method"`
	Path        string `json:"path"`
	Authorized  bool   `json:"authorized"`
	ContentType string `json:"contentType,omitempty"`
	Body        any    `json:"body,omitempty"`
}

const (
	stepsPath   = "/v1/tasks/flow/steps/"
	stepPath    = stepsPath + "step"
	startupPath = "/sailor-support/hooks/task/flow/startup/data"
	accountPath = "/v1/accounts/account"
)

func (p *platformAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/gate" {
		p.asked <- struct{}{}
		<-p.gate
		return
	}
	status := p.note(r)
	w.Header().Set("Content-Type", "application/json")
	stepID, isStep := strings.CutPrefix(r.URL.Path, stepsPath)
	body := "{}"
	switch {
	case status != 0:
		w.WriteHeader(status)
		body = `{"error":"as told"}`
	case isStep:
		body = p.steps[stepID]
	case r.Method == http.MethodGet && r.URL.Path == startupPath:
		body = `{"from":"startup"}`
	}
	_, _ = io.WriteString(w, body)
}

// note remembers the request and returns the status to respond with, 0 for none.
func (p *platformAPI) note(r *http.Request) (status int) {
	username, key, _ := r.BasicAuth()
	note := request{
		Method: r.Method, Path: r.URL.Path,
		Authorized: username == apiUsername && key == apiKey || strings.HasPrefix(r.URL.Path, "/ran/"),
	}
	if body, _ := io.ReadAll(r.Body); len(body) > 0 {
		note.ContentType, _, _ = mime.ParseMediaType(r.Header.Get("Content-Type"))
		if json.Unmarshal(body, &note.Body) != nil {
			note.Body = string(body)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, note)
	name := r.Method + " " + r.URL.Path
	if statuses := p.statuses[name]; len(statuses) > 0 {
		status = statuses[0]
		if len(statuses) > 1 {
			p.statuses[name] = statuses[1:]
		}
	}
	return status
}

func (p *platformAPI) noted() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}
