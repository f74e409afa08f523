package testkit

import (
	"bufio"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newEcho returns the address of a server that sends back what it gets.
func newEcho(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func dial(t *testing.T, p *FaultProxy) (net.Conn, *bufio.Reader) {
	conn, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn, bufio.NewReader(conn)
}

// refused connects, and is thrown out before or after.
func refused(t *testing.T, p *FaultProxy) {
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
}

func say(t *testing.T, conn net.Conn, line string) {
	_, err := conn.Write([]byte(line + "\n"))
	require.NoError(t, err)
}

func hear(t *testing.T, from *bufio.Reader, line string) {
	got, err := from.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, line+"\n", got)
}

func TestFaultProxyForwards(t *testing.T) {
	proxy := NewFaultProxy(t, newEcho(t))
	conn, answers := dial(t, proxy)
	say(t, conn, "hello")
	hear(t, answers, "hello")
	assert.Equal(t, 1, proxy.Connections())
}

func TestFaultProxyCuts(t *testing.T) {
	proxy := NewFaultProxy(t, newEcho(t))
	conn, answers := dial(t, proxy)
	say(t, conn, "hello")
	hear(t, answers, "hello")
	proxy.Cut()
	_, err := answers.ReadByte()
	require.Error(t, err)
	conn, answers = dial(t, proxy)
	say(t, conn, "again")
	hear(t, answers, "again")
}

func TestFaultProxyRefuses(t *testing.T) {
	proxy := NewFaultProxy(t, newEcho(t))
	old, oldAnswers := dial(t, proxy)
	say(t, old, "open")
	hear(t, oldAnswers, "open")
	proxy.Refuse(true)
	refused(t, proxy)
	say(t, old, "still open")
	hear(t, oldAnswers, "still open")
	proxy.Refuse(false)
	conn, answers := dial(t, proxy)
	say(t, conn, "welcome")
	hear(t, answers, "welcome")
}

func TestFaultProxyHolds(t *testing.T) {
	for name, direction := range map[string]Direction{"to server": ToServer, "to client": ToClient} {
		t.Run(name, func(t *testing.T) {
			proxy := NewFaultProxy(t, newEcho(t))
			conn, answers := dial(t, proxy)
			say(t, conn, "before")
			hear(t, answers, "before")
			proxy.Hold(direction)
			proxy.Hold(direction)
			say(t, conn, "during")
			heard := make(chan string, 1)
			go func() {
				line, _ := answers.ReadString('\n')
				heard <- line
			}()
			proxy.Forward()
			require.Equal(t, "during\n", <-heard)
			proxy.Hold(direction)
			say(t, conn, "lost")
			proxy.Cut()
			_, err := answers.ReadByte()
			require.Error(t, err, "what was held is lost with the connection")
			proxy.Forward()
			proxy.Forward()
		})
	}
}

func TestFaultProxyWithoutServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	proxy := NewFaultProxy(t, listener.Addr().String())
	refused(t, proxy)
}

func TestProxyURI(t *testing.T) {
	target := newEcho(t)
	proxy, uri := ProxyURI(t, "amqp://user:pass%2Fword@"+target+"/vhost?heartbeat=1")
	assert.Equal(t, "amqp://user:pass%2Fword@"+proxy.Addr()+"/vhost?heartbeat=1", uri)
	conn, answers := dial(t, proxy)
	say(t, conn, "hello")
	hear(t, answers, "hello")
}

func TestFaultProxyInjects(t *testing.T) {
	proxy := NewFaultProxy(t, newEcho(t))
	conn, answers := dial(t, proxy)
	say(t, conn, "hello")
	hear(t, answers, "hello")
	proxy.Inject(t, ToServer, []byte("to the server\n"))
	hear(t, answers, "to the server")
	proxy.Inject(t, ToClient, []byte("to the client\n"))
	hear(t, answers, "to the client")
}
