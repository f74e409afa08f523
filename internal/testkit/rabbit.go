// Package testkit holds what the tests of several packages share: a private
// RabbitMQ, a network that fails on request, processes, and secrets that can be
// looked for.
package testkit

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit/rabbitmq"
)

// Rabbit is a real RabbitMQ. Other tests may use it at the same time, so names
// of queues have to be unique.
type Rabbit struct {
	URI component.Secret
}

// Admin declares and inspects queues, until the test's end.
func (r *Rabbit) Admin(t testing.TB) *broker.AMQPAdmin {
	admin := broker.NewAMQPAdmin(broker.AMQPOptions{URI: r.URI})
	t.Cleanup(func() { _ = admin.Close() })
	return admin
}

// RabbitMQ returns the broker at AMQP_URI, or else a private one that all tests
// of the process share; their TestMain has to be Main, which stops it. Without
// any, the test is skipped, or fails when REQUIRE_RABBITMQ=true.
func RabbitMQ(t testing.TB) *Rabbit {
	t.Helper()
	if uri := os.Getenv("AMQP_URI"); uri != "" {
		return &Rabbit{URI: component.NewSecret(uri)}
	}
	require.True(t, private.managed.Load(), "the package needs: func TestMain(m *testing.M) { testkit.Main(m) }")
	server, err := private.get(t.Context())
	if errors.Is(err, rabbitmq.ErrNotFound) && os.Getenv("REQUIRE_RABBITMQ") != "true" {
		t.Skipf("%v\n%s", err, rabbitmq.HowToGet)
	}
	require.NoError(t, err)
	return &Rabbit{URI: component.NewSecret(server.URI)}
}

// Main runs a package's tests, stops the private RabbitMQ, and fails when a
// goroutine is left over:
//
//	func TestMain(m *testing.M) { testkit.Main(m) }
func Main(m goleak.TestingM) { goleak.VerifyTestMain(andStop{m}) }

type andStop struct{ tests goleak.TestingM }

func (a andStop) Run() int {
	private.managed.Store(true)
	code := a.tests.Run()
	if err := private.stop(); err != nil {
		_, _ = os.Stderr.WriteString("stop RabbitMQ: " + err.Error() + "\n")
		return 1
	}
	return code
}

// private is the process's one broker: it takes seconds to start.
var private shared

type shared struct {
	managed atomic.Bool // Main will stop it
	once    sync.Once
	server  *rabbitmq.Server
	err     error
}

func (s *shared) get(ctx context.Context) (*rabbitmq.Server, error) {
	s.once.Do(func() { s.server, s.err = rabbitmq.Start(ctx) })
	return s.server, s.err
}

func (s *shared) stop() error {
	s.once.Do(func() { s.err = rabbitmq.ErrNotFound })
	if s.server == nil {
		return nil
	}
	return s.server.Stop()
}
