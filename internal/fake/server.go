package fake

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Bounds of a Server. What is slow does not hold up others, but ends at last.
const (
	maxConnections = 4096 // a further one waits until one of them ends
	headTimeout    = 5 * time.Second
	requestTimeout = 30 * time.Second // head and body
	idleTimeout    = 2 * time.Minute  // between two requests
	// answerTimeout counts from the end of the head. Lambda lets each of the four
	// steps of a rotation run for 15 minutes.
	answerTimeout = time.Hour
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
	s := serve(listener, h, maxConnections)
	s.URL = "http://" + advertised(address, listener.Addr().String())
	return s, nil
}

func serve(listener net.Listener, h http.Handler, connections int) *Server {
	s := &Server{
		server: &http.Server{
			Handler: h, ConnState: bounded(connections),
			ReadHeaderTimeout: headTimeout, ReadTimeout: requestTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		},
		ended: make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		s.err = s.server.Serve(listener)
	}()
	return s
}

// bounded keeps net/http, which calls it before it accepts another connection,
// from having more than so many.
func bounded(connections int) func(net.Conn, http.ConnState) {
	open := make(chan struct{}, connections)
	return func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open <- struct{}{}
		case http.StateClosed, http.StateHijacked:
			<-open
		}
	}
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
