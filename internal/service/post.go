package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"aws-secrets-manager-connector/internal/settings"
)

const tryTimeout = 15 * time.Second

// poster brings a result to the platform.
type poster struct {
	target   url.URL       // without user
	user     *url.Userinfo // nil: no authorization
	attempts int           // tries in all; below 1 means 1
	delay    time.Duration // between two tries
	http     http.Client
	log      *slog.Logger
}

// newPoster checks POST_RESULT_URL. It never repeats it, for it may hold a
// password.
func newPoster(set settings.Service, log *slog.Logger) (*poster, error) {
	if set.PostResultURL.IsZero() {
		return nil, errors.New("ELASTICIO_POST_RESULT_URL is not provided, so there is nowhere to send the result")
	}
	target, err := url.Parse(set.PostResultURL.Reveal())
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, errors.New("ELASTICIO_POST_RESULT_URL must be a URL that starts with http:// or https://")
	}
	p := &poster{
		target: *target, user: target.User, attempts: set.APIRequestRetryAttempts, delay: set.APIRequestRetryDelay,
		http: http.Client{Timeout: tryTimeout, CheckRedirect: sameServer}, log: log,
	}
	p.target.User = nil
	if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		p.http.Transport = shared.Clone()
	}
	return p, nil
}

func (p *poster) close() { p.http.CloseIdleConnections() }

// post sends r until the platform takes it. Answers of 5xx and faults of the
// network are tried again with the same result; any other status but 200 is
// final. The answer's body is not read, for nobody knows what is in it.
func (p *poster) post(ctx context.Context, r result) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	_, err = backoff.Retry(ctx,
		func() (struct{}, error) { return struct{}{}, p.try(ctx, body) },
		backoff.WithBackOff(backoff.NewConstantBackOff(max(0, p.delay))),
		backoff.WithMaxTries(uint(max(1, p.attempts))),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, delay time.Duration) {
			p.log.Warn("result could not be posted and is sent again", "err", err, "delay", delay)
		}),
	)
	if err != nil {
		return fmt.Errorf("post the result: %w", err)
	}
	p.log.Info("result is posted", "status", r.Status)
	return nil
}

func (p *poster) try(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.target.String(), bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(errors.New("ELASTICIO_POST_RESULT_URL cannot be used"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if p.user != nil {
		password, _ := p.user.Password()
		req.SetBasicAuth(p.user.Username(), password)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return fault(ctx, err)
	}
	_ = resp.Body.Close() // nothing was read, so nothing is lost
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	err = fmt.Errorf("the platform answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	if resp.StatusCode < http.StatusInternalServerError {
		return backoff.Permanent(err)
	}
	return err
}

// fault describes a failure of the network, without the URL.
func fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return backoff.Permanent(ctx.Err())
	}
	outer, ok := errors.AsType[*url.Error](err)
	switch {
	case ok && outer.Timeout():
		return fmt.Errorf("no answer within %s", tryTimeout)
	case ok:
		return outer.Err
	}
	return err
}

// sameServer follows a redirect that keeps the request as it is, and only to
// where the credentials belong. Any other is handed out as the answer that it is.
func sameServer(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	if len(via) >= 10 || req.Method != http.MethodPost || req.URL.Scheme != from.Scheme || req.URL.Host != from.Host {
		return http.ErrUseLastResponse
	}
	return nil
}
