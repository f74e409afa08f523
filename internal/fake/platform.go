// Package fake takes the place of the platform and of AWS in tests and local
// runs.
package fake

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"sync"
)

// Step is the platform's response to a step that asks for its settings.
type Step struct {
	ID            string         `json:"id"`
	Config        map[string]any `json:"config"`
	Snapshot      map[string]any `json:"snapshot"`
	Variables     map[string]any `json:"variables,omitempty"`
	IsPassthrough bool           `json:"is_passthrough"`
}

// Platform is the platform's REST API as far as a step uses it. Its zero value
// has no steps. It is safe for concurrent use.
type Platform struct {
	Username, Key string // basic auth that it asks for

	mu       sync.Mutex
	steps    map[string]Step
	failing  []int
	requests int
}

// SetStep makes the step known, under its flow.
func (p *Platform) SetStep(flowID string, s Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.steps == nil {
		p.steps = map[string]Step{}
	}
	p.steps[flowID+"/"+s.ID] = s
}

// Fail responds to the next requests with these statuses, one each.
func (p *Platform) Fail(statuses ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing = append(p.failing, statuses...)
}

// Requests counts the requests so far.
func (p *Platform) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// ServeHTTP implements http.Handler.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := p.count(); status != 0 {
		w.WriteHeader(status)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/tasks/{flow}/steps/{step}", p.getStep)
	p.authorized(mux).ServeHTTP(w, r)
}

// count returns the status to fail with, or 0.
func (p *Platform) count() (status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if len(p.failing) > 0 {
		status, p.failing = p.failing[0], p.failing[1:]
	}
	return status
}

func (p *Platform) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		username, key, _ := r.BasicAuth()
		if !equal(username, p.Username) || !equal(key, p.Key) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Platform) getStep(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	step, ok := p.steps[r.PathValue("flow")+"/"+r.PathValue("step")]
	p.mu.Unlock()
	if !ok {
		http.Error(w, "no such step", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(step)
}

func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
