package awsapi

import (
	"context"
	"fmt"
	"net"
	"syscall"
)

// socket is a TCP connection that can also be read without waiting.
type socket struct {
	net.Conn

	raw  syscall.RawConn
	poll bool // Read returns what is there; os.ErrDeadlineExceeded when nothing is
	now  reading
}

func openSocket(ctx context.Context, dialer *net.Dialer, host, port string) (*socket, error) {
	tcp, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	raw, err := tcp.(syscall.Conn).SyscallConn()
	if err != nil {
		_ = tcp.Close()
		return nil, fmt.Errorf("open a connection: %w", err)
	}
	s := &socket{Conn: tcp, raw: raw}
	s.now.once = s.now.read
	return s, nil
}

// Read implements io.Reader.
func (s *socket) Read(p []byte) (int, error) {
	if s.poll {
		return s.now.do(s.raw, p)
	}
	return s.Conn.Read(p)
}
