package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aws-secrets-manager-connector/internal/httpfault"
)

// checkEmulator asks an emulator for its calls.
func checkEmulator(ctx context.Context, endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return newUsageError("emulator", "--check must be the URL of an emulator, such as http://127.0.0.1:4584")
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := askForCalls(ctx, strings.TrimRight(endpoint, "/")+"/_emulator/calls"); err != nil {
		return fmt.Errorf("no emulator answers: %w", httpfault.Cause(err))
	}
	return nil
}

func askForCalls(ctx context.Context, address string) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy is asked
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	var answer struct {
		Calls map[string]int `json:"calls"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil || answer.Calls == nil {
		return fmt.Errorf("the answer, with status %d, is another server's", response.StatusCode)
	}
	return nil
}
