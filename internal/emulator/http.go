package emulator

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"

	"aws-secrets-manager-connector/internal/rawjson"
)

const (
	jsonType     = "application/x-amz-json-1.1"
	formType     = "application/x-www-form-urlencoded"
	targetPrefix = "secretsmanager."
	maxBody      = 1 << 20 // bytes
)

// response is what goes back over HTTP.
type response struct {
	status      int
	contentType string
	body        []byte
	code        string // of the error, for the log
	reset       bool   // the connection, instead of a response
}

// request is a request whose body is read.
type request struct {
	*http.Request
	body      []byte
	id        string
	operation string
	secret    string // that it names
}

// ServeHTTP serves the requests of AWS SDKs and the CLI, and /_emulator/.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		e.control(w, r)
		return
	}
	start, req := e.service.now(), &request{Request: r}
	resp := e.respond(w, req)
	e.log.LogAttrs(r.Context(), slog.LevelInfo, "aws call",
		slog.String("operation", req.operation), slog.String("secret", req.secret), slog.Int("status", resp.status),
		slog.String("error", resp.code), slog.Duration("duration", e.service.now().Sub(start)), slog.String("requestId", req.id))
	if resp.reset {
		resetConnection(w)
		return
	}
	w.Header().Set("Content-Type", resp.contentType)
	w.Header().Set("X-Amzn-Requestid", req.id)
	w.WriteHeader(resp.status)
	_, _ = w.Write(resp.body) // the client is gone when it fails
}

func (e *Emulator) respond(w http.ResponseWriter, r *request) response {
	r.id = e.service.random.uuid()
	err := e.refuse(r.Request)
	if err != nil {
		return jsonError(err)
	}
	if r.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		return jsonError(unread(err))
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), formType) {
		return e.serveSTS(r)
	}
	operation, isOurs := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	_, known := e.operations[operation]
	if r.Method != http.MethodPost || r.URL.Path != "/" || !isOurs || !known || !strings.HasPrefix(r.Header.Get("Content-Type"), jsonType) {
		return jsonError(fail("UnknownOperationException", "There is no such operation: it is a POST to /, with the header X-Amz-Target: secretsmanager.<operation> and the content type %s.", jsonType))
	}
	r.operation = operation
	return e.withFaults(r, jsonError, func() response { return e.serveJSON(r) })
}

// unread is why a body was not read to its end.
func unread(err error) *apiError {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &apiError{"RequestEntityTooLargeException", http.StatusRequestEntityTooLarge, "The request body is larger than 1 MiB."}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &apiError{"RequestTimeoutException", http.StatusRequestTimeout, "The request body took too long."}
	}
	return fail("SerializationException", "The request body ended too early.") // the client is gone
}

// withFaults counts the call and lets it go wrong where that was asked for.
func (e *Emulator) withFaults(r *request, asError func(error) response, do func() response) response {
	e.countCall(r.operation)
	f := e.takeFault(r.operation)
	switch f.Kind {
	case ResetConn:
		return response{reset: true}
	case LoseResponse:
		do()
		return response{reset: true}
	case Slow:
		if err := e.sleep(r.Context(), f.Delay); err != nil {
			return response{reset: true} // the client has given up
		}
	}
	if err := f.err(); err != nil {
		return asError(err)
	}
	return do()
}

// serveJSON serves AWS JSON 1.1.
func (e *Emulator) serveJSON(r *request) response {
	c, err := e.authenticate(r, "secretsmanager")
	if err != nil {
		return jsonError(err)
	}
	in, err := e.read(c, r.body)
	if err != nil {
		return jsonError(err)
	}
	if name := resourceOf(in); consistsOf(name, nameCharacters+"!:") {
		r.secret = name
	}
	if err := e.service.admit(c.operation, len(r.body)); err != nil {
		return jsonError(err)
	}
	body, err := e.perform(context.WithoutCancel(r.Context()), c, in)
	if err != nil {
		return jsonError(err)
	}
	return response{status: http.StatusOK, contentType: jsonType, body: body}
}

// read validates the request's body.
func (e *Emulator) read(c call, body []byte) (map[string]any, error) {
	model, err := e.model()
	if err != nil {
		return nil, err
	}
	return parse(model[c.operation].Input, body)
}

// perform authorizes and carries out.
func (e *Emulator) perform(ctx context.Context, c call, in map[string]any) ([]byte, error) {
	c.members = in
	if err := e.service.permit(c, resourceOf(in)); err != nil {
		return nil, err
	}
	return e.operations[c.operation](ctx, c, in)
}

// resourceOf is the secret as the request names it.
func resourceOf(in map[string]any) string {
	for _, member := range []string{"SecretId", "Name"} {
		if id, ok := in[member].(string); ok {
			return id
		}
	}
	return ""
}

func jsonError(err error) response {
	e := asAPIError(err)
	body, _ := rawjson.Marshal(map[string]string{"__type": e.code, "Message": e.message}) // strings always encode
	return response{status: e.status, contentType: jsonType, body: body, code: e.code}
}

// resetConnection makes the client see a reset, not an orderly end.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: net/http resets the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
