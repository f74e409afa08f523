package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	switch r.Method + " " + r.URL.Path[len(controlPrefix):] {
	case "POST faults":
		e.controlFault(w, r)
	case "GET calls":
		writeJSON(w, http.StatusOK, map[string]any{"calls": e.Calls()})
	case "POST reset":
		if err := e.Reset(); err != nil {
			writeJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "there are POST faults, GET calls and POST reset"})
	}
}

func (e *Emulator) controlFault(w http.ResponseWriter, r *http.Request) {
	f, err := readFault(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = e.Inject(f)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
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

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone when it fails
}
