// Package platform talks to the platform's REST API.
package platform

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/httpretry"
)

const (
	defaultTimeout = 15 * time.Second
	maxResponse    = 16 << 20 // bytes
)

// ErrConflict tells that what was to be created exists already.
var ErrConflict = errors.New("exists already")

// conflict is a refusal in which errors.Is finds ErrConflict.
type conflict struct{ error }

func (c conflict) Unwrap() error { return c.error }

// Is reports whether target is ErrConflict.
func (c conflict) Is(target error) bool { return target == ErrConflict }

// Options tell where the platform is and how to ask it.
type Options struct {
	URI           component.Secret // http or https; a user and password in it are ignored
	Username      string
	Key           component.Secret
	RetryAttempts int           // attempts in all; below 1 means 1
	RetryDelay    time.Duration // between two attempts
	Timeout       time.Duration // of each attempt; 0 means 15 s
	Log           *slog.Logger  // nil means none
}

// Client asks the platform's REST API. It is safe for concurrent use.
type Client struct {
	uri  component.Secret
	http *httpretry.Client
}

// New returns a client. It does not connect yet, and a wrong URI is reported by
// the first request.
func New(o Options) *Client {
	return &Client{uri: o.URI, http: httpretry.New(httpretry.Options{
		Server: "the platform",
		Prepare: func(req *http.Request) {
			req.SetBasicAuth(o.Username, o.Key.Reveal())
			req.Header.Set("Accept", "application/json")
		},
		Attempts: o.RetryAttempts,
		Delay:    o.RetryDelay,
		Timeout:  cmp.Or(o.Timeout, defaultTimeout),
		Log:      o.Log,
	})}
}

// Close closes the connections that are kept alive.
func (c *Client) Close() { c.http.Close() }

// do sends a request and returns the response's body. Errors begin with what,
// its purpose; one is ErrConflict for a status 409. path is escaped, and starts
// with a slash.
func (c *Client) do(ctx context.Context, what, method, path string, body []byte) ([]byte, error) {
	target, err := httpretry.ResourceURL("API_URI", c.uri, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	r := httpretry.Request{
		Name: fmt.Sprintf("%s: %s %s", what, method, path), Method: method, URL: target,
		Budget: httpretry.NewBudget(maxResponse),
	}
	if body != nil {
		r.Body, r.BodySize = func() io.Reader { return bytes.NewReader(body) }, int64(len(body))
	}
	response, err := c.http.Do(ctx, r)
	if status, refused := errors.AsType[*httpretry.StatusError](err); refused && status.Code == http.StatusConflict {
		return nil, conflict{err}
	}
	return response, err
}
