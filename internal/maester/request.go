package maester

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"aws-secrets-manager-connector/internal/httpfault"
)

var (
	errTooLarge = errors.New("the answer is too large")
	errSilent   = errors.New("the object storage is silent")
)

// StatusError tells that the storage refused a request. The answer's body is
// left out, for nobody knows what is in it.
type StatusError struct {
	Method string
	Path   string
	Code   int // HTTP status
}

// Error tells the request and the status.
func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s: the object storage answered %d %s", e.Method, e.Path, e.Code, http.StatusText(e.Code)))
}

type request struct {
	method  string
	path    string           // escaped, starts with a slash
	content func() io.Reader // nil for none
	size    int64            // of the content, bytes
	limit   int64            // of the answer, bytes
}

// do returns the answer's body. Answers of 5xx and faults of the network are
// tried again.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	target, err := c.target(r.path)
	if err != nil {
		return nil, err
	}
	name := r.method + " " + target.EscapedPath()
	answer, err := backoff.Retry(ctx,
		func() ([]byte, error) {
			answer, err := c.try(ctx, target, r)
			return answer, c.judge(name, err)
		},
		backoff.WithBackOff(c.delays()),
		backoff.WithMaxTries(tries),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, _ time.Duration) {
			c.log.WarnContext(ctx, "request to the object storage failed and is tried again", "err", err)
		}),
	)
	if err != nil && err == context.Cause(ctx) { // no cause but the caller's
		err = fmt.Errorf("%s: %w", name, ctx.Err())
	}
	return answer, err
}

// delays double, and up to a fifth is added by chance.
func (c *Client) delays() backoff.BackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     c.options.RetryDelay * 11 / 10,
		RandomizationFactor: 1. / 11,
		Multiplier:          2,
		MaxInterval:         maxRetryDelay,
	}
}

// try sends a request once.
func (c *Client) try(ctx context.Context, target *url.URL, r request) ([]byte, error) {
	ctx, watch := watchFor(ctx, c.options.Silence)
	defer watch.stop()
	var content io.Reader = http.NoBody
	if r.content != nil {
		content = watch.reader(r.content())
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), content)
	if err != nil {
		return nil, err
	}
	req.ContentLength = r.size
	req.Header.Set("Authorization", "Bearer "+c.options.Token.Reveal())
	if r.content != nil {
		req.Header.Set("Content-Type", "application/json") // what is encrypted in it
	}
	if c.options.RequestID != "" {
		req.Header.Set("X-Request-Id", c.options.RequestID)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		return nil, watch.cause(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body := watch.reader(resp.Body)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// Read to the end, or the connection is lost.
		_, _ = io.Copy(io.Discard, io.LimitReader(body, maxAnswer))
		return nil, &StatusError{Method: r.method, Path: target.EscapedPath(), Code: resp.StatusCode}
	}
	answer, err := read(body, resp.ContentLength, r.limit)
	return answer, watch.cause(ctx, err)
}

// judge completes the error of a try. It is permanent when a further try
// cannot mend it.
func (c *Client) judge(name string, err error) error {
	err = httpfault.Cause(err)
	status, refused := errors.AsType[*StatusError](err)
	switch {
	case err == nil:
		return nil
	case refused && status.Code >= http.StatusInternalServerError:
		return err
	case refused:
		return backoff.Permanent(err)
	case errors.Is(err, errTooLarge):
		return backoff.Permanent(fmt.Errorf("%s: %w", name, err))
	case errors.Is(err, errSilent):
		return fmt.Errorf("%s: %w: no byte within %s", name, err, c.options.Silence)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// target joins the storage's URI and a path.
func (c *Client) target(path string) (*url.URL, error) {
	base, err := url.Parse(c.options.URI.Reveal())
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		// Neither the URI nor the parser's error, for both may hold a password.
		return nil, errors.New("OBJECT_STORAGE_URI must be a URL that starts with http:// or https://")
	}
	target := &url.URL{Scheme: base.Scheme, Host: base.Host}
	target.RawPath = strings.TrimRight(base.EscapedPath(), "/") + path
	if target.Path, err = url.PathUnescape(target.RawPath); err != nil {
		return nil, fmt.Errorf("path %s: %w", path, err)
	}
	return target, nil
}
