package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// awsCall measures what one call costs at least, at the pace of the latencies:
// a request on an open connection, without an SDK.
func (b *bench) awsCall(ctx context.Context) error {
	defer b.announce(awsCall, "latency")()
	client := &http.Client{Timeout: limit}
	defer client.CloseIdleConnections()
	var times []time.Duration
	err := everyTick(ctx, pacedWarmUp+b.plan.paced, func(ctx context.Context) error {
		start := time.Now()
		if err := callAWS(ctx, client, b.environment.awsURL); err != nil {
			return fmt.Errorf("call the fake AWS: %w", err)
		}
		times = append(times, time.Since(start))
		return nil
	})
	if err != nil {
		return err
	}
	b.record(latencyP50, awsCall, percentile(times[pacedWarmUp:], 0.50))
	b.record(latencyP99, awsCall, percentile(times[pacedWarmUp:], 0.99))
	return nil
}

func callAWS(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"SecretId":"bench/secret"}`))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return err
}
