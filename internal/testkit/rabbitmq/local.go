package rabbitmq

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const stopLimit = 30 * time.Second

// findScript returns the server's start script. Debian's wrapper in /usr/sbin
// changes the user, and with it the environment, so the script behind it comes
// first.
func findScript() (string, error) {
	for _, script := range []string{
		"/usr/lib/rabbitmq/bin/rabbitmq-server",
		"rabbitmq-server",
		"/usr/local/sbin/rabbitmq-server",
		"/opt/homebrew/sbin/rabbitmq-server",
		"/usr/sbin/rabbitmq-server",
	} {
		if path, err := exec.LookPath(script); err == nil {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// node is one broker with the port mapper that Erlang wants. Both are children
// of this process and end with it.
type node struct {
	dir    string
	ports  struct{ amqp, dist, epmd int }
	mapper *process
	server *process
}

func startLocal(ctx context.Context, script string, owner account) (_ *Server, err error) {
	dir, err := os.MkdirTemp("", "rabbitmq-")
	if err != nil {
		return nil, err
	}
	n := &node{dir: dir}
	defer func() {
		if err != nil {
			err = fmt.Errorf("start RabbitMQ: %w%s", err, n.lastOutput())
			_ = n.stop()
		}
	}()
	if err := freePorts(&n.ports.amqp, &n.ports.dist, &n.ports.epmd); err != nil {
		return nil, err
	}
	if err := n.writeFiles(owner); err != nil {
		return nil, err
	}
	if epmd, err := exec.LookPath("epmd"); err == nil {
		// Without one, the broker would leave its own behind.
		if n.mapper, err = n.start(epmd, "-port", strconv.Itoa(n.ports.epmd), "-address", "127.0.0.1"); err != nil {
			return nil, err
		}
	}
	uri := owner.uri(net.JoinHostPort("127.0.0.1", strconv.Itoa(n.ports.amqp)))
	serve := func(ctx context.Context) error { return n.serve(ctx, script, uri) }
	if err := serve(ctx); err != nil {
		return nil, err
	}
	return &Server{URI: uri, stop: n.stop, halt: n.halt, resume: serve}, nil
}

// serve starts the server and waits for it to accept connections.
func (n *node) serve(ctx context.Context, script, uri string) (err error) {
	if n.server, err = n.start(script); err != nil {
		return err
	}
	return awaitAccepting(ctx, uri, n.server.ended)
}

func (n *node) halt() error {
	err := n.server.stop(syscall.SIGTERM)
	n.server = nil
	return err
}

func (n *node) path(name string) string { return filepath.Join(n.dir, name) }

func (n *node) writeFiles(owner account) error {
	config := fmt.Sprintf(`listeners.tcp.1 = 127.0.0.1:%d
default_user = %s
default_pass = %s
disk_free_limit.absolute = 1MB
`, n.ports.amqp, owner.user, owner.password)
	return errors.Join(
		os.WriteFile(n.path("rabbitmq.conf"), []byte(config), 0o600),
		os.WriteFile(n.path("plugins"), []byte("[].\n"), 0o600),
		os.WriteFile(n.path(".erlang.cookie"), []byte(rand.Text()), 0o400),
	)
}

func (n *node) environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + n.dir, // for the cookie
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"ERL_EPMD_PORT=" + strconv.Itoa(n.ports.epmd),
		"RABBITMQ_NODENAME=" + filepath.Base(n.dir) + "@localhost",
		"RABBITMQ_DIST_PORT=" + strconv.Itoa(n.ports.dist),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
		"RABBITMQ_CONF_ENV_FILE=" + os.DevNull,
		"RABBITMQ_CONFIG_FILE=" + n.path("rabbitmq.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + n.path("plugins"),
		"RABBITMQ_MNESIA_BASE=" + n.path("data"),
		"RABBITMQ_LOG_BASE=" + n.path("log"),
	}
}

// start runs a program with its output in a file.
func (n *node) start(program string, args ...string) (*process, error) {
	out, err := os.Create(n.path(filepath.Base(program) + ".out"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = n.dir, n.environment(), out, out, childAttributes()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan error, 1)}
	go func() { p.ended <- cmd.Wait(); close(p.ended) }()
	return p, nil
}

func (n *node) stop() error {
	return errors.Join(n.halt(), n.mapper.stop(syscall.SIGKILL), os.RemoveAll(n.dir))
}

// lastOutput shows the end of what the server printed. It never prints its
// configuration.
func (n *node) lastOutput() string {
	out, err := os.ReadFile(n.path("rabbitmq-server.out"))
	if err != nil || len(out) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return "\n" + strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// process is a child; a nil one has not been started.
type process struct {
	cmd   *exec.Cmd
	ended chan error // closed after its result
}

// stop sends sig, and kills when that does not help. A program that ends by
// our signal has ended well.
func (p *process) stop(sig os.Signal) error {
	if p == nil {
		return nil
	}
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s did not stop within %s and was killed", p.cmd.Path, stopLimit)
	}
}

// freePorts finds ports that nobody uses at the moment.
func freePorts(ports ...*int) error {
	for _, port := range ports {
		l, err := listenBelowEphemeral()
		if err != nil {
			return err
		}
		defer func() { _ = l.Close() }()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return nil
}

// listenBelowEphemeral takes one of the ports that no system hands out to those
// who ask for any. So nobody takes it before the broker does, or while that is
// halted.
func listenBelowEphemeral() (net.Listener, error) {
	var failures error
	for range 10 {
		offset, err := rand.Int(rand.Reader, big.NewInt(10000))
		if err != nil {
			return nil, err
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+int(offset.Int64()))))
		if err == nil {
			return l, nil
		}
		failures = errors.Join(failures, err)
	}
	return nil, failures
}
