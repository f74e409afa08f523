package fake

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Server is a running HTTP server.
type Server struct {
	URL string

	server *http.Server
	ended  chan struct{} // closed when err says how serving ended
	err    error
}

// Serve serves h at address, host:port with port 0 for any free one.
func Serve(ctx context.Context, address string, h http.Handler) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:    "http://" + advertised(address, listener.Addr().String()),
		server: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
		ended:  make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		s.err = s.server.Serve(listener)
	}()
	return s, nil
}

// advertised is where the listener is, with the host as it was asked for: the
// listener on 0.0.0.0 calls itself [::].
func advertised(address, listener string) string {
	host, _, err := net.SplitHostPort(address)
	_, port, listenerErr := net.SplitHostPort(listener)
	if err != nil || listenerErr != nil || host == "" {
		return listener
	}
	return net.JoinHostPort(host, port)
}

// Close ends the server and all its connections. Once closed, it stays so.
func (s *Server) Close() error {
	err := s.server.Close()
	<-s.ended
	if !errors.Is(s.err, http.ErrServerClosed) {
		err = errors.Join(err, s.err)
	}
	return err
}
