package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

const controlPrefix = "/_emulator/"

// faultRequest is a Fault as /_emulator/faults takes it.
type faultRequest struct {
	Kind      string `json:"kind"`
	Operation string `json:"operation"`
	Times     int    `json:"times"`
	DelayMs   int64  `json:"delayMs"`
}

// control is for tests in another process; see the package's documentation.
func (e *Emulator) control(w http.ResponseWriter, r *http.Request) {
	if err := e.refuse(r); err != nil {
		writeError(w, http.StatusForbidden, err)
		return
	}
	if !isJSON(r) {
		writeError(w, http.StatusUnsupportedMediaType, errors.New("the content type of a POST must be application/json"))
		return
	}
	switch r.Method + " " + r.URL.Path[len(controlPrefix):] {
	case "POST faults":
		e.controlFault(w, r)
	case "GET calls":
		writeJSON(w, http.StatusOK, map[string]any{"calls": e.Calls()})
	case "POST reset":
		if err := e.Reset(); err != nil {
			writeError(w, http.StatusInternalServerError, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		writeError(w, http.StatusNotFound, errors.New("there are POST faults, GET calls and POST reset"))
	}
}

func (e *Emulator) controlFault(w http.ResponseWriter, r *http.Request) {
	f, err := readFault(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = e.Inject(f)
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// isJSON reports whether what is posted is JSON, which no page can send to
// another origin without asking first.
func isJSON(r *http.Request) bool {
	if r.Method != http.MethodPost {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

func readFault(body io.Reader) (Fault, error) {
	var in faultRequest
	if err := decodeStrict(body, &in); err != nil {
		return Fault{}, fmt.Errorf("fault must be a JSON object with kind, operation, times and delayMs: %w", err)
	}
	if in.DelayMs < 0 || in.DelayMs > maxDelay.Milliseconds() {
		return Fault{}, errors.New("delayMs of fault must be from 0 to 60000")
	}
	return Fault{in.Kind, in.Operation, in.Times, time.Duration(in.DelayMs) * time.Millisecond}, nil
}

func writeError(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone when it fails
}
