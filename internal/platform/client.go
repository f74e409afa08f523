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
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/httpfault"
)

const (
	defaultTimeout = 15 * time.Second
	maxAnswer      = 16 << 20 // bytes
)

// Options tell where the platform is and how to ask it.
type Options struct {
	URI           component.Secret // http or https; a user and password in it are ignored
	Username      string
	Key           component.Secret
	RetryAttempts int           // tries in all; below 1 means 1
	RetryDelay    time.Duration // between two tries
	Timeout       time.Duration // of each try; 0 means 15 s
	HTTP          *http.Client  // nil means one of its own; its CheckRedirect is not used
	UserAgent     string
	Log           *slog.Logger // nil means none
}

// Client asks the platform's REST API. It is safe for concurrent use.
type Client struct {
	options Options
	http    http.Client
	log     *slog.Logger
}

// New returns a client. It does not connect yet, and a wrong URI is reported by
// the first request.
func New(o Options) *Client {
	c := &Client{options: o, log: o.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP != nil {
		c.http = *o.HTTP
	} else if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		c.http.Transport = shared.Clone()
	}
	c.http.CheckRedirect = sameServer
	c.options.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	return c
}

// Close closes the connections that are kept alive.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// do sends a request and returns the answer's body. Answers of 5xx and faults
// of the network are tried again. path is escaped, and starts with a slash.
// The error is a *StatusError for any status but 2xx.
func (c *Client) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	target, err := c.target(path)
	if err != nil {
		return nil, err
	}
	answer, err := backoff.Retry(ctx,
		func() ([]byte, error) { return c.try(ctx, method, target, body) },
		backoff.WithBackOff(backoff.NewConstantBackOff(max(0, c.options.RetryDelay))),
		backoff.WithMaxTries(uint(max(1, c.options.RetryAttempts))),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, delay time.Duration) {
			c.log.WarnContext(ctx, "request to the platform failed and is tried again", "err", err, "delay", delay)
		}),
	)
	if err != nil && err == context.Cause(ctx) { // ended while it waited between two tries
		err = fmt.Errorf("%s %s: %w", method, target.EscapedPath(), ctx.Err())
	}
	return answer, err
}

// try sends a request once. Errors that a further try cannot mend are permanent.
func (c *Client) try(ctx context.Context, method string, target *url.URL, body []byte) ([]byte, error) {
	name := method + " " + target.EscapedPath()
	once, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(once, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, backoff.Permanent(fmt.Errorf("%s: %w", name, err))
	}
	req.SetBasicAuth(c.options.Username, c.options.Key.Reveal())
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.options.UserAgent != "" {
		req.Header.Set("User-Agent", c.options.UserAgent)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.fault(ctx, name, err)
	}
	defer resp.Body.Close()
	// Read to the end even when the status is bad, or the connection is lost.
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch failure := (&StatusError{Method: method, Path: target.EscapedPath(), Code: resp.StatusCode}); {
	case resp.StatusCode >= http.StatusInternalServerError:
		return nil, failure
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, backoff.Permanent(failure)
	case err != nil:
		return nil, c.fault(ctx, name, err)
	case len(answer) > maxAnswer:
		return nil, backoff.Permanent(fmt.Errorf("%s: the answer is larger than %d bytes", name, maxAnswer))
	}
	return answer, nil
}

// fault describes a failure of the network. It is permanent when it was the
// caller who ended the request.
func (c *Client) fault(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return backoff.Permanent(fmt.Errorf("%s: %w", name, ctx.Err()))
	}
	err = httpfault.Cause(err)
	if errors.Is(err, context.DeadlineExceeded) { // the try's, not the caller's
		return fmt.Errorf("%s: no answer within %s", name, c.options.Timeout)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// target joins the platform's URI and a path.
func (c *Client) target(path string) (*url.URL, error) {
	base, err := url.Parse(c.options.URI.Reveal())
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		// Neither the URI nor the parser's error, for both may hold a password.
		return nil, errors.New("API_URI must be a URL that starts with http:// or https://")
	}
	target := &url.URL{Scheme: base.Scheme, Host: base.Host}
	target.RawPath = strings.TrimRight(base.EscapedPath(), "/") + path
	if target.Path, err = url.PathUnescape(target.RawPath); err != nil {
		return nil, fmt.Errorf("path %s: %w", path, err)
	}
	return target, nil
}

// sameServer lets a redirect pass only to where the credentials belong. Any
// other is handed out as the answer that it is.
func sameServer(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	if len(via) >= 10 || req.URL.Scheme != from.Scheme || req.URL.Host != from.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// StatusError tells that the platform refused a request. The answer's body is
// left out, for nobody knows what is in it.
type StatusError struct {
	Method string
	Path   string
	Code   int // HTTP status
}

// Error tells the request and the status.
func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s: the platform answered %d %s", e.Method, e.Path, e.Code, http.StatusText(e.Code)))
}
