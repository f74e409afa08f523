// Package rabbitmq starts a private RabbitMQ for tests and local runs: on
// loopback, on free ports, with its data in a temporary directory.
package rabbitmq

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"time"

	"github.com/cenkalti/backoff/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

// ErrNotFound: this machine has no RabbitMQ to start.
var ErrNotFound = errors.New("no RabbitMQ found")

// HowToGet tells people what to do about ErrNotFound.
const HowToGet = `To run against a real RabbitMQ, do one of these:
  apt-get install rabbitmq-server      (or your system's package; it need not run)
  start docker                         (the image rabbitmq is used)
  AMQP_URI=amqp://user:password@host/  (a broker that you have; its queues are left alone)`

// startLimit bounds the wait for a broker to accept connections; it takes some
// 8 s on an idle machine.
const startLimit = 3 * time.Minute

// Server is a running broker.
type Server struct {
	// URI holds a password made for this server alone.
	URI  string
	stop func() error
	// halt and resume are for a broker that comes back with what it had.
	halt   func() error
	resume func(context.Context) error
}

// Start starts a broker from an installed package, or else through docker. It
// returns when the broker accepts connections, or ErrNotFound.
func Start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if script, err := findScript(); err == nil {
		return startLocal(ctx, script, newAccount())
	}
	if dockerAnswers(ctx) {
		return startDocker(ctx, newAccount())
	}
	return nil, ErrNotFound
}

// Stop ends the broker and removes its data.
func (s *Server) Stop() error { return s.stop() }

// Halt ends the broker until Resume. Durable queues and the persistent messages
// in them are kept.
func (s *Server) Halt() error { return s.halt() }

// Resume starts a halted broker at the same URI. It returns when the broker
// accepts connections.
func (s *Server) Resume(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return s.resume(ctx)
}

// account is the broker's only user.
type account struct{ user, password string }

func newAccount() account { return account{user: "connector", password: rand.Text()} }

func (a account) uri(host string) string {
	u := url.URL{Scheme: "amqp", User: url.UserPassword(a.user, a.password), Host: host, Path: "/"}
	return u.String()
}

// awaitAccepting connects until it succeeds, or the broker has ended.
func awaitAccepting(ctx context.Context, uri string, ended <-chan error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopped := make(chan struct{})
	defer close(stopped)
	go func() {
		select {
		case err := <-ended:
			cancel(fmt.Errorf("broker ended while it started: %w", err))
		case <-stopped:
		}
	}()
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		conn, err := amqp.Dial(uri)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, conn.Close()
	}, backoff.WithBackOff(backoff.NewConstantBackOff(200*time.Millisecond)), backoff.WithMaxElapsedTime(0))
	return err
}

// run returns the output of a short command.
func run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, out)
	}
	return string(out), nil
}
