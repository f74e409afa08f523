// Package maester talks to Maester, the platform's object storage, which keeps
// message bodies that are too large for the broker.
package maester

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/httpretry"
)

// What the platform's own client does.
const (
	attempts           = 3
	defaultIdleTimeout = 10 * time.Second
	defaultRetryDelay  = 100 * time.Millisecond
)

const maxResponse = 1 << 20 // bytes, of anything but an object

// Options tell where the storage is and how to ask it.
type Options struct {
	URI   component.Secret // http or https; a user and password in it are ignored
	Token component.Secret // sent as bearer
	// IdleTimeout is how long an attempt goes on while not a byte passes in
	// either direction; 0 means 10 s. An attempt as such has no end of its own,
	// for an object may be large.
	IdleTimeout time.Duration
	RetryDelay  time.Duration // before the second attempt, doubled for the third; 0 means 100 ms
	RequestID   string        // header x-request-id of each request
	Log         *slog.Logger  // nil means none
}

// Client reads and writes objects. It is safe for concurrent use.
type Client struct {
	uri  component.Secret
	http *httpretry.Client
}

// New returns a client. It does not connect yet, and a wrong URI is reported by
// the first request.
func New(o Options) *Client {
	return &Client{uri: o.URI, http: httpretry.New(httpretry.Options{
		Server: "the object storage",
		Prepare: func(req *http.Request) {
			req.Header.Set("Authorization", "Bearer "+o.Token.Reveal())
			if o.RequestID != "" {
				req.Header.Set("X-Request-Id", o.RequestID)
			}
		},
		Attempts:    attempts,
		Delay:       cmp.Or(o.RetryDelay, defaultRetryDelay),
		Doubled:     true,
		IdleTimeout: cmp.Or(o.IdleTimeout, defaultIdleTimeout),
		Log:         o.Log,
	})}
}

// Close closes the connections that are kept alive.
func (c *Client) Close() { c.http.Close() }

// Get reads an object. The error is a *httpretry.StatusError when the storage
// refuses, and a *httpretry.TooLargeError when the object exceeds the budget.
func (c *Client) Get(ctx context.Context, id string, budget *httpretry.Budget) ([]byte, error) {
	if id == "" || id == "." || id == ".." {
		return nil, fmt.Errorf("%q is no id of an object", id)
	}
	return c.do(ctx, "/objects/"+url.PathEscape(id), httpretry.Request{Method: http.MethodGet, Budget: budget})
}

// Put stores an object of size bytes and returns its id. Each attempt reads
// what content returns then. The error is a *httpretry.StatusError when the
// storage refuses.
func (c *Client) Put(ctx context.Context, size int64, content func() io.Reader) (id string, err error) {
	response, err := c.do(ctx, "/objects", httpretry.Request{
		Method: http.MethodPost, Body: content, BodySize: size, Budget: httpretry.NewBudget(maxResponse),
	})
	if err != nil {
		return "", err
	}
	var created struct {
		ID string `json:"objectId"`
	}
	if json.Unmarshal(response, &created) != nil || created.ID == "" {
		return "", errors.New("POST /objects: the response has no objectId")
	}
	return created.ID, nil
}

func (c *Client) do(ctx context.Context, path string, r httpretry.Request) ([]byte, error) {
	target, err := httpretry.ResourceURL("OBJECT_STORAGE_URI", c.uri, path)
	if err != nil {
		return nil, err
	}
	r.Name, r.URL = r.Method+" "+path, target
	return c.http.Do(ctx, r)
}
