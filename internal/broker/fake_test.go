package broker

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

// fakeSink answers with what it is told.
type fakeSink struct {
	connect func(ctx context.Context, n int) error // n counts from 0
	publish func(ctx context.Context, n int, p Publication) error

	mu        sync.Mutex
	connects  int
	publishes []Publication
}

func (s *fakeSink) Connect(ctx context.Context) error {
	s.mu.Lock()
	n := s.connects
	s.connects++
	s.mu.Unlock()
	if s.connect == nil {
		return nil
	}
	return s.connect(ctx, n)
}

func (s *fakeSink) Publish(ctx context.Context, p Publication) error {
	s.mu.Lock()
	n := len(s.publishes)
	s.publishes = append(s.publishes, p)
	s.mu.Unlock()
	return s.publish(ctx, n, p)
}

func (s *fakeSink) Close() error { return nil }

// fakeSource loses its connection, and gets it back after some attempts.
type fakeSource struct {
	connect func(n int) error // n counts from 0
	consume func() error

	connects int
	ready    bool
}

func (s *fakeSource) Connect(context.Context) error {
	s.connects++
	return s.connect(s.connects - 1)
}

func (s *fakeSource) Consume(context.Context) error {
	err := s.consume()
	s.ready = err == nil
	return err
}

func (s *fakeSource) Receive(context.Context) (Delivery, error) {
	if !s.ready {
		return Delivery{}, ErrNotConnected
	}
	return Delivery{RoutingKey: "it"}, nil
}

func (s *fakeSource) Stop(context.Context) error { return nil }
func (s *fakeSource) Close() error               { return nil }

// logRecorder collects lines as "LEVEL message".
type logRecorder struct{ out bytes.Buffer }

func (b *logRecorder) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(&b.out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key != slog.LevelKey && a.Key != slog.MessageKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

func (b *logRecorder) lines() []string {
	text := strings.NewReplacer("level=", "", "msg=", "", `"`, "").Replace(b.out.String())
	return strings.Split(strings.TrimSpace(text), "\n")
}
