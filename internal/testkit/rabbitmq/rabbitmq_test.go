package rabbitmq

import (
	"context"
	"net/url"
	"os"
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

// script skips the tests that start a server where there is none.
func script(t *testing.T) string {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	path, err := findScript()
	if err != nil {
		t.Skipf("%v\n%s", err, HowToGet)
	}
	return path
}

func TestLocalServerLeavesNothing(t *testing.T) {
	path := script(t)
	t.Setenv("TMPDIR", t.TempDir())
	server, err := startLocal(t.Context(), path, newAccount())
	require.NoError(t, err)
	uri, err := url.Parse(server.URI)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1", uri.Hostname())
	conn, err := amqp.Dial(server.URI)
	require.NoError(t, err)
	require.NoError(t, conn.Close())

	require.NoError(t, server.Stop())
	_, err = amqp.Dial(server.URI)
	require.Error(t, err)
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left)
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

// There is a stand-in for docker, and a real broker behind the port that it
// names.
func TestDocker(t *testing.T) {
	path := script(t)
	owner := newAccount()
	server, err := startLocal(t.Context(), path, owner)
	require.NoError(t, err)
	defer func() { assert.NoError(t, server.Stop()) }()
	uri, err := url.Parse(server.URI)
	require.NoError(t, err)

	calls := fakeDocker(t, uri.Host)
	require.True(t, dockerAnswers(t.Context()))
	container, err := startDocker(t.Context(), owner)
	require.NoError(t, err)
	assert.Equal(t, server.URI, container.URI)
	require.NoError(t, container.Stop())

	log, err := os.ReadFile(calls)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"info --format {{.ServerVersion}}",
		"run --detach --rm --publish 127.0.0.1::5672 --env RABBITMQ_DEFAULT_USER --env RABBITMQ_DEFAULT_PASS " + image,
		"user connector, password given",
		"port c0ffee 5672/tcp",
		"stop c0ffee",
	}, strings.Split(strings.TrimSpace(string(log)), "\n"))
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
