package testkit

import (
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Direction is one way through a FaultProxy.
type Direction int

// The two ways.
const (
	ToServer Direction = iota
	ToClient
)

// FaultProxy stands on loopback between clients and a server, and fails on
// request.
type FaultProxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu       sync.Mutex // guards what follows
	pairs    map[*pair]struct{}
	refusing bool
	gates    [2]chan struct{} // closed while the direction is open
}

// NewFaultProxy returns a proxy in front of target, a host:port. It ends with
// the test.
func NewFaultProxy(t testing.TB, target string) *FaultProxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &FaultProxy{target: target, listener: listener, pairs: make(map[*pair]struct{})}
	for direction := range p.gates {
		p.gates[direction] = make(chan struct{})
		close(p.gates[direction])
	}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.Refuse(true)
		p.Cut()
		p.running.Wait()
	})
	return p
}

// Addr is the proxy's host:port.
func (p *FaultProxy) Addr() string { return p.listener.Addr().String() }

// ProxyURI returns a proxy in front of the server at uri, and the same URI by
// way of the proxy.
func ProxyURI(t testing.TB, uri string) (*FaultProxy, string) {
	u, err := url.Parse(uri)
	if err != nil {
		require.FailNow(t, "URI cannot be parsed") // its error shows the password
	}
	target := u.Host
	if u.Port() == "" {
		port := map[string]string{"amqp": "5672", "amqps": "5671", "http": "80", "https": "443"}[u.Scheme]
		target = net.JoinHostPort(u.Hostname(), port)
	}
	p := NewFaultProxy(t, target)
	u.Host = p.Addr()
	return p, u.String()
}

// Cut breaks all connections, without a goodbye.
func (p *FaultProxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		pair.close(reset)
	}
}

// Refuse makes new connections fail, or succeed again.
func (p *FaultProxy) Refuse(refuse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusing = refuse
}

// Hold stops forwarding in one direction: what is sent stays on the way.
func (p *FaultProxy) Hold(direction Direction) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if isOpen(p.gates[direction]) {
		p.gates[direction] = make(chan struct{})
	}
}

// Forward lets everything pass again, what was held first.
func (p *FaultProxy) Forward() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, gate := range p.gates {
		if !isOpen(gate) {
			close(gate)
		}
	}
}

// Inject sends data in one direction of all connections, as if the other end
// had. It belongs between two writes of that end, so nothing else may be on its
// way.
func (p *FaultProxy) Inject(t testing.TB, direction Direction, data []byte) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		to := c.server
		if direction == ToClient {
			to = c.client
		}
		_, err := to.Write(data)
		require.NoError(t, err)
	}
}

// Connections is the number of open connections.
func (p *FaultProxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pairs)
}

func isOpen(gate chan struct{}) bool {
	select {
	case <-gate:
		return true
	default:
		return false
	}
}

func (p *FaultProxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.serve(client)
		}
	}
}

func (p *FaultProxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	c := &pair{client: client, server: server, closed: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refusing {
		c.close(reset)
		return
	}
	p.pairs[c] = struct{}{}
	p.running.Go(func() { p.forward(c, ToServer, client, server) })
	p.running.Go(func() { p.forward(c, ToClient, server, client) })
}

// forward copies one direction, and ends the pair with it.
func (p *FaultProxy) forward(c *pair, direction Direction, from, to net.Conn) {
	defer p.forget(c)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && (!p.pass(c, direction) || !written(to, buffer[:n])) {
			return
		}
		if err != nil {
			return
		}
	}
}

// pass waits until the direction is open. It reports false when the pair is
// closed first.
func (p *FaultProxy) pass(c *pair, direction Direction) bool {
	p.mu.Lock()
	gate := p.gates[direction]
	p.mu.Unlock()
	select {
	case <-gate:
		return true
	case <-c.closed:
		return false
	}
}

func written(to net.Conn, data []byte) bool {
	_, err := to.Write(data)
	return err == nil
}

func (p *FaultProxy) forget(c *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.close(func(conn net.Conn) { _ = conn.Close() })
	delete(p.pairs, c)
}

// pair is one connection through the proxy.
type pair struct {
	client, server net.Conn
	once           sync.Once
	closed         chan struct{}
}

func (c *pair) close(how func(net.Conn)) {
	c.once.Do(func() {
		close(c.closed)
		how(c.client)
		how(c.server)
	})
}

// reset closes a connection as a crash does.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
