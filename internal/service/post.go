package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"aws-secrets-manager-connector/internal/httpretry"
	"aws-secrets-manager-connector/internal/settings"
)

const postTimeout = 15 * time.Second // of each attempt

// poster brings a result to the platform.
type poster struct {
	target *url.URL
	http   *httpretry.Client
	log    *slog.Logger
}

// newPoster checks POST_RESULT_URL.
func newPoster(set settings.Service, log *slog.Logger) (*poster, error) {
	if set.PostResultURL.IsZero() {
		return nil, errors.New("ELASTICIO_POST_RESULT_URL is not provided, so there is nowhere to send the result")
	}
	target, err := httpretry.ParseURL("ELASTICIO_POST_RESULT_URL", set.PostResultURL)
	if err != nil {
		return nil, err
	}
	user := target.User
	target.User = nil
	return &poster{target: target, log: log, http: httpretry.New(httpretry.Options{
		Server: "the platform",
		Prepare: func(req *http.Request) {
			req.Header.Set("Accept", "application/json")
			if user != nil {
				password, _ := user.Password()
				req.SetBasicAuth(user.Username(), password)
			}
		},
		Attempts: set.APIRequestRetryAttempts,
		Delay:    set.APIRequestRetryDelay,
		Timeout:  postTimeout,
		Log:      log,
	})}, nil
}

func (p *poster) close() { p.http.Close() }

// post sends r until the platform takes it, which only status 200 says. The
// response's body is not read, for nobody knows what is in it.
func (p *poster) post(ctx context.Context, r result) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	_, err = p.http.Do(ctx, httpretry.Request{
		Name: "post the result", Method: http.MethodPost, URL: p.target, Status: http.StatusOK,
		Body: func() io.Reader { return bytes.NewReader(body) }, BodySize: int64(len(body)),
	})
	if err == nil {
		p.log.Info("result is posted", "status", r.Status)
	}
	return err
}
