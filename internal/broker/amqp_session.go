package broker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// session is one connection with one channel. It is never repaired, only
// replaced by another.
type session struct {
	conn *amqp.Connection
	tcp  net.Conn // below conn
	ch   *amqp.Channel
	// closeReason waits until the channel is closed. It is nil when we closed it.
	closeReason func() *amqp.Error
}

func newSession(conn *amqp.Connection, tcp net.Conn, ch *amqp.Channel, log *slog.Logger) *session {
	// The buffers spare the library's reader a wait.
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	go logBlocked(conn.NotifyBlocked(make(chan amqp.Blocking, 8)), log)
	return &session{conn: conn, tcp: tcp, ch: ch, closeReason: sync.OnceValue(func() *amqp.Error { return <-closed })}
}

// logBlocked ends with the connection.
func logBlocked(changes <-chan amqp.Blocking, log *slog.Logger) {
	for b := range changes {
		if b.Active {
			log.Warn("broker is short of resources and takes no messages for now", "reason", b.Reason)
		} else {
			log.Info("broker takes messages again")
		}
	}
}

// alive reports whether the channel is open.
func (s *session) alive() bool { return s != nil && !s.ch.IsClosed() }

// lost returns ErrNotConnected with the reason. It waits for the channel's
// end, so it is called only when that is certain.
func (s *session) lost() error {
	switch reason := s.closeReason(); {
	case reason == nil:
		return ErrNotConnected
	case reason.Server:
		return connectionLost(uint16(reason.Code), reason.Reason)
	default: // of the library
		return fmt.Errorf("%w: %s (%d)", ErrNotConnected, reason.Reason, reason.Code)
	}
}

// call runs a call of the library, which knows no contexts. The context's end
// breaks the connection, and with it the call.
func (s *session) call(ctx context.Context, do func(*amqp.Channel) error) error {
	stop := context.AfterFunc(ctx, s.kill)
	err := do(s.ch)
	if !stop() {
		return ctx.Err()
	}
	return err
}

// kill drops the connection at once.
func (s *session) kill() { _ = s.tcp.Close() }

// close ends the connection gracefully: the broker takes in what was sent
// before.
func (s *session) close() {
	if s == nil || s.conn.IsClosed() {
		return
	}
	if err := s.conn.CloseDeadline(time.Now().Add(closeTimeout)); err != nil {
		s.kill()
	}
}
