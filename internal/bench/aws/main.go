// Command aws answers every request with the same secret of 1 KB, as fast as
// net/http can, and checks nothing: the benchmark is not about AWS.
//
// It prints its URL and ends by a signal.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "aws:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintf(stdout, "http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handler() http.Handler {
	answer := secret()
	length := strconv.Itoa(len(answer))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		header := w.Header()
		header.Set("Content-Type", "application/x-amz-json-1.1")
		header.Set("Content-Length", length)
		header.Set("X-Amzn-Requestid", "5f0c2a1e-0000-4000-8000-000000000000")
		_, _ = w.Write(answer)
	})
}

// secret is an answer of GetSecretValue.
func secret() []byte {
	answer, _ := json.Marshal(map[string]any{ // such a map always encodes
		"ARN":           "arn:aws:secretsmanager:eu-central-1:123456789012:secret:bench/secret-AbCdEf",
		"Name":          "bench/secret",
		"VersionId":     "11111111-2222-4333-8444-555555555555",
		"SecretString":  strings.Repeat("0123456789abcdef", 64),
		"VersionStages": []string{"AWSCURRENT"},
		"CreatedDate":   1700000000.123,
	})
	return answer
}
