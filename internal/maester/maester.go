// Package maester talks to Maester, the platform's object storage, which keeps
// message bodies that are too large for the broker.
package maester

import (
	"bytes"
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
)

// What the platform's own client does, except for the size, which it leaves
// unbounded.
const (
	defaultSilence    = 10 * time.Second
	defaultRetryDelay = 100 * time.Millisecond
	maxRetryDelay     = 15 * time.Second
	tries             = 3
	defaultMaxSize    = 128 << 20 // bytes
)

const (
	connections = 8       // kept alive
	maxAnswer   = 1 << 20 // bytes, of anything but an object
)

// Options tell where the storage is and how to ask it.
type Options struct {
	URI   component.Secret // http or https; a user and password in it are ignored
	Token component.Secret // sent as bearer
	// Silence is how long a try goes on while not a byte passes in either
	// direction; 0 means 10 s. A try as such has no end of its own, for an
	// object may be large.
	Silence    time.Duration
	RetryDelay time.Duration // before the second try, doubled for the third; 0 means 100 ms
	MaxSize    int64         // of an object that is read, in bytes; 0 means 128 MiB
	RequestID  string        // header x-request-id of each request
	Log        *slog.Logger  // nil means none
}

// Client reads and writes objects. It is safe for concurrent use.
type Client struct {
	options Options
	http    http.Client
	log     *slog.Logger
}

// New returns a client. It does not connect yet, and a wrong URI is reported by
// the first request.
func New(o Options) *Client {
	o.Silence = cmp.Or(o.Silence, defaultSilence)
	o.RetryDelay = cmp.Or(o.RetryDelay, defaultRetryDelay)
	o.MaxSize = cmp.Or(o.MaxSize, defaultMaxSize)
	c := &Client{options: o, log: o.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		transport := shared.Clone()
		transport.MaxIdleConnsPerHost = connections
		c.http.Transport = transport
	}
	// A redirect is an answer like any other that is no object.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// Close closes the connections that are kept alive.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get reads an object. The error is a *StatusError when the storage refuses.
func (c *Client) Get(ctx context.Context, id string) ([]byte, error) {
	if id == "" || id == "." || id == ".." {
		return nil, fmt.Errorf("%q is no id of an object", id)
	}
	return c.do(ctx, request{method: http.MethodGet, path: "/objects/" + url.PathEscape(id), limit: c.options.MaxSize})
}

// Put stores an object of size bytes and returns its id. Each try reads what
// content returns then. The error is a *StatusError when the storage refuses.
func (c *Client) Put(ctx context.Context, size int64, content func() io.Reader) (id string, err error) {
	answer, err := c.do(ctx, request{method: http.MethodPost, path: "/objects", size: size, content: content, limit: maxAnswer})
	if err != nil {
		return "", err
	}
	var created struct {
		ID string `json:"objectId"`
	}
	if json.Unmarshal(answer, &created) != nil || created.ID == "" {
		return "", errors.New("POST /objects: the answer has no objectId")
	}
	return created.ID, nil
}

// read is io.ReadAll for content whose size may be known, up to limit bytes.
func read(content io.Reader, size, limit int64) ([]byte, error) {
	tooLarge := fmt.Errorf("%w: at most %d bytes can be read", errTooLarge, limit)
	if size > limit {
		return nil, tooLarge
	}
	var buf bytes.Buffer
	buf.Grow(int(max(size, 0)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(content, limit+1)); err != nil {
		return nil, err
	}
	if int64(buf.Len()) > limit {
		return nil, tooLarge
	}
	return buf.Bytes(), nil
}
