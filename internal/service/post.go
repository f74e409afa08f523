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

func resultURL(set settings.Service) (*url.URL, error) {
	if set.PostResultURL.IsZero() {
		return nil, errors.New("ELASTICIO_POST_RESULT_URL is not provided, so there is nowhere to send the result")
	}
	return httpretry.ParseURL("ELASTICIO_POST_RESULT_URL", set.PostResultURL)
}

// post sends r until the platform takes it, which only status 200 says. The
// response's body is not read, for nobody knows what is in it.
func post(ctx context.Context, target *url.URL, set settings.Service, r result, log *slog.Logger) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	client := httpretry.New(httpretry.Options{
		Server: "the platform",
		Prepare: func(req *http.Request) {
			req.Header.Set("Accept", "application/json")
			if target.User != nil {
				password, _ := target.User.Password()
				req.SetBasicAuth(target.User.Username(), password)
			}
		},
		Attempts: set.APIRequestRetryAttempts,
		Delay:    set.APIRequestRetryDelay,
		Timeout:  postTimeout,
		Log:      log,
	})
	defer client.Close()
	_, err = client.Do(ctx, httpretry.Request{
		Name: "post the result", Method: http.MethodPost, URL: target, Status: http.StatusOK,
		Body: func() io.Reader { return bytes.NewReader(body) }, BodySize: int64(len(body)),
	})
	if err == nil {
		log.Info("result is posted", "status", r.Status)
	}
	return err
}
