// Package httpretry sends requests to the servers of the platform, and again
// where another attempt may help. Its errors and log records tell neither URLs,
// which may hold passwords, nor anything of a response but its status.
package httpretry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"aws-secrets-manager-connector/internal/httpfault"
)

const (
	idleConnections = 8                // kept alive
	maxDrained      = 1 << 20          // bytes of a refusal that are read to keep its connection alive
	maxDelay        = 15 * time.Second // where delays are doubled
)

// Options tell how to treat a server.
type Options struct {
	Server      string              // what errors and log records call it, such as "the platform"
	Prepare     func(*http.Request) // sets the header of each request, such as its authorization
	Attempts    int                 // in all; below 1 means 1
	Delay       time.Duration       // between two attempts; below 0 means 0
	Doubled     bool                // whether each delay is twice the one before, give or take a tenth
	Timeout     time.Duration       // of each attempt, its response included; 0 means none
	IdleTimeout time.Duration       // of each attempt, while no byte passes in either direction; 0 means none
	Log         *slog.Logger        // nil means none
}

// Client sends requests to a server. It is safe for concurrent use.
type Client struct {
	options Options
	http    http.Client
}

// New returns a client. It does not connect yet.
func New(o Options) *Client {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Timeout = cmp.Or(o.Timeout, never)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, never)
	c := &Client{options: o, http: http.Client{CheckRedirect: sameServer}}
	if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		transport := shared.Clone()
		transport.MaxIdleConnsPerHost = idleConnections
		c.http.Transport = transport
	}
	return c
}

// Close closes the connections that are kept alive.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Request is what Do sends.
type Request struct {
	Name     string // what errors and log records call it, such as "GET /objects/1"
	Method   string
	URL      *url.URL
	Body     func() io.Reader // JSON, or what is encrypted of it; each attempt reads one of its own; nil means none
	BodySize int64            // bytes
	Status   int              // the one that means success; 0 means any of 2xx
	Budget   *Budget          // for the response's body; nil means that it is not read
}

// Do sends a request and returns the response's body. Responses of 5xx and
// faults of the network are tried again. The error is a *StatusError when the
// server refuses, and a *TooLargeError when the response exceeds its budget.
func (c *Client) Do(ctx context.Context, r Request) ([]byte, error) {
	body, err := backoff.Retry(ctx,
		func() ([]byte, error) { return c.attempt(ctx, r) },
		backoff.WithBackOff(c.delays()),
		backoff.WithMaxTries(uint(max(1, c.options.Attempts))),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, delay time.Duration) {
			c.options.Log.WarnContext(ctx, "request to "+c.options.Server+" failed and is tried again",
				"request", r.Name, "err", err, "delay", delay)
		}),
	)
	switch {
	case err == nil:
		return body, nil
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return nil, fmt.Errorf("%s: %w", r.Name, err)
}

func (c *Client) delays() backoff.BackOff {
	delay := max(0, c.options.Delay)
	if !c.options.Doubled {
		return backoff.NewConstantBackOff(delay)
	}
	return &backoff.ExponentialBackOff{InitialInterval: delay, Multiplier: 2, RandomizationFactor: 0.1, MaxInterval: maxDelay}
}

// attempt sends a request once. Errors that another attempt cannot mend are
// permanent.
func (c *Client) attempt(ctx context.Context, r Request) ([]byte, error) {
	ctx, timeouts := withTimeouts(ctx, c.options.Timeout, c.options.IdleTimeout)
	defer timeouts.stop()
	req, err := newRequest(ctx, r, timeouts)
	if err != nil {
		return nil, backoff.Permanent(httpfault.Cause(err))
	}
	c.options.Prepare(req)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	content := timeouts.reader(resp.Body)
	if !r.isSuccess(resp.StatusCode) {
		_, _ = io.Copy(io.Discard, io.LimitReader(content, maxDrained))
		refusal := &StatusError{Server: c.options.Server, Code: resp.StatusCode}
		if refusal.Code < http.StatusInternalServerError {
			return nil, backoff.Permanent(refusal)
		}
		return nil, refusal
	}
	if r.Budget == nil {
		return nil, nil
	}
	body, err := r.Budget.readAll(content, resp.ContentLength)
	if _, ok := errors.AsType[*TooLargeError](err); ok {
		return nil, backoff.Permanent(err)
	}
	return body, cause(ctx, err)
}

func newRequest(ctx context.Context, r Request, t *timeouts) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), http.NoBody)
	if err != nil || r.Body == nil {
		return req, err
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(t.reader(r.Body())), nil }
	req.Body, err = req.GetBody()
	req.ContentLength = r.BodySize
	req.Header.Set("Content-Type", "application/json")
	return req, err
}

func (r Request) isSuccess(code int) bool {
	if r.Status != 0 {
		return code == r.Status
	}
	return 200 <= code && code <= 299
}

// cause returns why an attempt failed: what ended its context, if that did.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return httpfault.Cause(err)
}

// sameServer follows a redirect that keeps the method, and only to where the
// credentials belong. Any other is handed out as the response that it is.
func sameServer(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) >= 10 || req.Method != first.Method || req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// StatusError tells that the server refused a request. The response's body is
// left out, for nobody knows what is in it.
type StatusError struct {
	Server string
	Code   int // HTTP status
}

// Error tells the status.
func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s answered %d %s", e.Server, e.Code, http.StatusText(e.Code)))
}
