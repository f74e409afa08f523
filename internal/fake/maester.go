package fake

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// HangUp, where a status is asked for, closes the connection instead.
const HangUp = 0

// Maester is the platform's object storage. Its zero value is empty. It is safe
// for concurrent use.
type Maester struct {
	Token string // bearer that it asks for

	mu       sync.Mutex
	objects  map[string][]byte
	failing  []int
	gone     bool
	held     chan struct{} // nil, or closed when requests may go on
	requests MaesterRequests
}

// MaesterRequests counts requests by what they asked for, failed ones included.
type MaesterRequests struct{ Get, Post int }

// Add stores an object and returns its id.
func (m *Maester) Add(content []byte) (id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.objects == nil {
		m.objects = map[string][]byte{}
	}
	id = uuid.NewString()
	m.objects[id] = content
	return id
}

// Object returns what is stored under the id.
func (m *Maester) Object(id string) (content []byte, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	content, ok = m.objects[id]
	return content, ok
}

// Fail responds to the next requests with these statuses, one each; HangUp is one
// of them.
func (m *Maester) Fail(statuses ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing = append(m.failing, statuses...)
}

// SetGone makes all requests end in a HangUp, or no longer.
func (m *Maester) SetGone(gone bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone = gone
}

// Hold keeps all requests waiting until release is called.
func (m *Maester) Hold() (release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := make(chan struct{})
	m.held = held
	return sync.OnceFunc(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		close(held)
		if m.held == held {
			m.held = nil
		}
	})
}

// Requests counts the requests so far.
func (m *Maester) Requests() MaesterRequests {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.requests
}

// ServeHTTP implements http.Handler.
func (m *Maester) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// All of the request first: before that, nobody notices that a client goes.
	content, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	status, held := m.next(r.Method)
	if held != nil {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	}
	switch {
	case status == HangUp:
		panic(http.ErrAbortHandler)
	case status != http.StatusOK:
		w.WriteHeader(status)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !equal(token, m.Token) {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /objects/{id}", m.get)
	mux.HandleFunc("POST /objects", func(w http.ResponseWriter, _ *http.Request) { m.post(w, content) })
	mux.ServeHTTP(w, r)
}

// next counts a request and says how it shall end, and what it waits for.
func (m *Maester) next(method string) (status int, held chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch method {
	case http.MethodGet:
		m.requests.Get++
	case http.MethodPost:
		m.requests.Post++
	}
	status = http.StatusOK
	switch {
	case m.gone:
		status = HangUp
	case len(m.failing) > 0:
		status, m.failing = m.failing[0], m.failing[1:]
	}
	return status, m.held
}

func (m *Maester) get(w http.ResponseWriter, r *http.Request) {
	content, ok := m.Object(r.PathValue("id"))
	if !ok {
		http.Error(w, "no such object", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(content)
}

func (m *Maester) post(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]string{"objectId": m.Add(content)})
}
