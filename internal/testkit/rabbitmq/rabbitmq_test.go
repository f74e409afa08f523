package rabbitmq

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// One server serves for both parts: starting it takes seconds.
func TestServers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	script, err := findScript()
	if err != nil {
		t.Skipf("%v\n%s", err, HowToGet)
	}
	t.Setenv("TMPDIR", t.TempDir())
	owner := newAccount()
	server, err := startLocal(t.Context(), script, owner)
	require.NoError(t, err)
	uri, err := url.Parse(server.URI)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1", uri.Hostname())

	t.Run("docker", func(t *testing.T) { testDocker(t, uri.Host, owner) })
	t.Run("halt and resume", func(t *testing.T) { testHalt(t, server) })

	require.NoError(t, server.Stop())
	_, err = amqp.Dial(server.URI)
	require.Error(t, err)
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left)
}

// testDocker has a fake docker, which names the port of a real broker.
func testDocker(t *testing.T, address string, owner account) {
	calls := fakeDocker(t, address)
	require.True(t, dockerAnswers(t.Context()))
	server, err := startDocker(t.Context(), owner)
	require.NoError(t, err)
	assert.Equal(t, owner.uri(address), server.URI)
	require.NoError(t, server.Halt())
	require.NoError(t, server.Resume(t.Context()))
	require.NoError(t, server.Stop())

	log, err := os.ReadFile(calls)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"info --format {{.ServerVersion}}",
		"run --detach --rm --publish 127.0.0.1::5672 --env RABBITMQ_DEFAULT_USER --env RABBITMQ_DEFAULT_PASS " + image,
		"user connector, password given",
		"port c0ffee 5672/tcp",
		"exec c0ffee rabbitmqctl stop_app",
		"exec c0ffee rabbitmqctl start_app",
		"stop c0ffee",
	}, strings.Split(strings.TrimSpace(string(log)), "\n"))
}

// testHalt finds what is durable again when the broker is back.
func testHalt(t *testing.T, server *Server) {
	const queue = "kept"
	conn, err := amqp.Dial(server.URI)
	require.NoError(t, err)
	ch, err := conn.Channel()
	require.NoError(t, err)
	require.NoError(t, ch.Confirm(false))
	_, err = ch.QueueDeclare(queue, true, false, false, false, nil)
	require.NoError(t, err)
	confirm, err := ch.PublishWithDeferredConfirm("", queue, true, false, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("kept")})
	require.NoError(t, err)
	require.True(t, confirm.Wait())
	_ = conn.Close()

	require.NoError(t, server.Halt())
	_, err = amqp.Dial(server.URI)
	require.Error(t, err)

	require.NoError(t, server.Resume(t.Context()))
	conn, err = amqp.Dial(server.URI)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	ch, err = conn.Channel()
	require.NoError(t, err)
	message, found, err := ch.Get(queue, true)
	require.NoError(t, err)
	require.True(t, found)
	assert.Equal(t, "kept", string(message.Body))
}

func TestLocalServerThatFailsIsTold(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	broken := executable(t, t.TempDir(), "rabbitmq-server", "echo 'no room on the disk'; exit 7")
	_, err := startLocal(t.Context(), broken, newAccount())
	require.ErrorContains(t, err, "exit status 7")
	require.ErrorContains(t, err, "no room on the disk")
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestForbidServices(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy-rc.d")
	restore, err := forbidServices(file)
	require.NoError(t, err)
	var exit *exec.ExitError
	require.ErrorAs(t, exec.Command(file).Run(), &exit)
	assert.Equal(t, 101, exit.ExitCode(), "Debian's word for: action not allowed")

	keep, err := forbidServices(file)
	require.NoError(t, err)
	require.NoError(t, keep())
	require.FileExists(t, file, "the system's own policy stays")
	require.NoError(t, restore())
	require.NoFileExists(t, file)
}

func TestDockerThatFailsIsStopped(t *testing.T) {
	calls := fakeDocker(t, "127.0.0.1:1")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := startDocker(ctx, newAccount())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	log, err := os.ReadFile(calls)
	require.NoError(t, err)
	assert.Contains(t, string(log), "stop c0ffee")
}

func TestDockerWithoutDaemon(t *testing.T) {
	dir := t.TempDir()
	executable(t, dir, "docker", "echo 'cannot connect'; exit 1")
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	assert.False(t, dockerAnswers(t.Context()))
}

// fakeDocker puts a docker on the PATH that writes down its calls.
func fakeDocker(t *testing.T, address string) (calls string) {
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	executable(t, dir, "docker", `echo "$*" >>`+calls+`
case $1 in
run)
	echo "user $RABBITMQ_DEFAULT_USER, password ${RABBITMQ_DEFAULT_PASS:+given}" >>`+calls+`
	echo c0ffee ;;
port) echo `+address+` ;;
esac`)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return calls
}

func executable(t *testing.T, dir, name, body string) string {
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700))
	return path
}
