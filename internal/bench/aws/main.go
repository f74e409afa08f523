// Command aws answers every request with the same secret of 1 KB, and checks
// nothing: the benchmark is not about AWS, so it leaves to the subjects as much
// of the machine as it can.
//
// It prints its URL and ends by a signal.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
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
	runtime.GOMAXPROCS(1)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	fmt.Fprintf(stdout, "http://%s\n", listener.Addr())
	return serve(listener)
}

// serve answers until the listener is closed.
func serve(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer func() { _ = conn.Close() }()
			requests, secret := bufio.NewReader(conn), secret()
			var answer []byte
			for skipRequest(requests) == nil {
				answer = appendResponse(answer[:0], secret)
				if _, err := conn.Write(answer); err != nil {
					return
				}
			}
		}()
	}
}

// skipRequest reads a request in HTTP/1.1 with a Content-Length, or without a
// body.
func skipRequest(r *bufio.Reader) error {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			_, err := r.Discard(length)
			return err
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
}

func appendResponse(b, body []byte) []byte {
	b = append(b, "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"+
		"X-Amzn-Requestid: 5f0c2a1e-0000-4000-8000-000000000000\r\nDate: "...)
	b = time.Now().UTC().AppendFormat(b, http.TimeFormat)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
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
