package broker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// session is one connection with one channel. It is never repaired, only
// replaced by another.
type session struct {
	conn   *amqp.Connection
	socket *socket
	ch     *amqp.Channel
	acks   acks
	done   chan struct{} // closed when the channel is gone
	reason *amqp.Error   // why; to be read after done, nil when we closed it
}

func newSession(conn *amqp.Connection, socket *socket, ch *amqp.Channel, log *slog.Logger) *session {
	s := &session{conn: conn, socket: socket, ch: ch, acks: acks{ch: ch}, done: make(chan struct{})}
	// The buffers spare the library's reader a wait for the watcher.
	closes := ch.NotifyClose(make(chan *amqp.Error, 1))
	blocks := conn.NotifyBlocked(make(chan amqp.Blocking, 8))
	go s.watch(closes, blocks, log)
	return s
}

// watch ends with the channel.
func (s *session) watch(closes <-chan *amqp.Error, blocks <-chan amqp.Blocking, log *slog.Logger) {
	defer close(s.done)
	for {
		select {
		case s.reason = <-closes:
			return
		case b, ok := <-blocks:
			switch {
			case !ok:
				blocks = nil
			case b.Active:
				log.Warn("broker is short of resources and takes no messages for now", "reason", b.Reason)
			default:
				log.Info("broker takes messages again")
			}
		}
	}
}

// alive reports whether the channel is open.
func (s *session) alive() bool { return s != nil && !s.ch.IsClosed() }

// lost returns ErrNotConnected with the reason. It waits for the channel's
// end, so it is called only when that is certain.
func (s *session) lost() error {
	<-s.done
	if s.reason == nil {
		return ErrNotConnected
	}
	return fmt.Errorf("%w: %s (%d)", ErrNotConnected, s.reason.Reason, s.reason.Code)
}

// kill drops the connection without a goodbye.
func (s *session) kill() { s.socket.kill() }

// close says goodbye, so that the broker has taken in all acknowledgements.
func (s *session) close() {
	if s == nil || s.conn.IsClosed() {
		return
	}
	deadline := time.Now().Add(closeTimeout)
	_ = s.socket.SetWriteDeadline(deadline) // bounds the flush, too
	_ = s.acks.flush()                      // when it fails, so does the goodbye
	if err := s.conn.CloseDeadline(deadline); err != nil {
		s.kill()
	}
}

// await runs a call of the library, which knows no contexts, until the context
// ends. The call then goes on in the background until the session's end.
func await(ctx context.Context, call func() error) error {
	result := make(chan error, 1)
	go func() { result <- call() }()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
