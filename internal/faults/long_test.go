package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
)

// unlimited takes the rates out of the way.
var unlimited = map[string]string{"DATA_RATE_LIMIT": "1000000", "RABBITMQ_PREFETCH_SAILOR": "100"}

// manyCuts has the connections break after each 200 results.
func (s *suite) manyCuts(t *testing.T, place int) {
	s.onlyLong(t)
	const every = 200
	r := s.rig(t, fault{env: unlimited, long: true})
	r.logLevel = "info"
	c := r.start(r.uri.proxied)
	r.send(s.long)
	cuts := 0
	r.await("all results", func() bool {
		r.collect()
		if len(r.tally.out) >= every*(cuts+1) {
			r.cut()
			cuts++
		}
		return r.tally.complete()
	})
	s.finish(r, c, outcome{calls: s.long, sameID: anyNumber}, row{
		place: place + 3, fault: fmt.Sprintf("%d cuts, one every %d messages", cuts, every),
	})
}

// killsAndRestarts has three containers share the work, while one after the
// other is killed and the broker restarts.
func (s *suite) killsAndRestarts(t *testing.T, private *outage, place int) {
	s.onlyLong(t)
	// The work goes on only as fast as its results are collected, so that
	// whatever happens hits it.
	env := maps.Clone(unlimited)
	env["AMQP_PUBLISH_MAX_RETRY_DELAY"] = "100"
	r := s.rig(t, fault{env: env, broker: private, next: broker.Queue{MaxLength: s.long / 10, RejectPublish: true}, long: true})
	r.logLevel = "info"
	r.send(s.long)
	containers := make([]*container, 3)
	for i := range containers {
		containers[i] = r.start(r.uri.direct)
	}
	every, kills, restarts := s.long/20, 0, 0
	r.await("all results", func() bool {
		r.collect()
		if len(r.tally.out) < every*(kills+restarts+1) {
			return r.tally.complete()
		}
		if (kills+restarts)%5 == 4 {
			private.halt(r)
			private.resume(r)
			restarts++
		} else {
			killed := kills % len(containers)
			containers[killed].Kill()
			containers[killed] = r.start(r.uri.direct)
			kills++
		}
		return false
	})
	for _, c := range containers[1:] {
		c.stop()
	}
	s.finish(r, containers[0], outcome{sameID: anyNumber}, row{
		place: place, fault: fmt.Sprintf("3 containers, %d × SIGKILL, %d broker restarts", kills, restarts),
	})
}

// memory sends ten times as many messages, and looks at how much memory the
// container has.
func (s *suite) memory(t *testing.T, place int) {
	s.onlyLong(t)
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("there is no /proc")
	}
	const reader = "GetSecretValue" // so that AWS, in this process, does not grow
	r := s.rig(t, fault{env: unlimited, long: true})
	r.logLevel, r.env["FUNCTION"] = "info", reader
	r.program = buildPlain(t)
	name := "read-often"
	require.NoError(t, r.aws.Seed(strings.NewReader(`{"region": "eu-central-1", "secrets": [{"name": "`+name+`", "secretString": "value"}]}`)))
	body, err := json.Marshal(map[string]string{"SecretId": name})
	require.NoError(t, err)

	c := r.start(r.uri.proxied)
	const warm = 8000 // by then the deduplicator is full
	rest := (10*s.long - warm) / 2
	require.Positive(t, rest, "too few messages to see memory grow")
	var resident []int
	for _, count := range []int{warm, rest, rest} {
		messages := make([]component.Message, count)
		for i := range messages {
			messages[i] = component.NewMessage(body)
		}
		r.publish(messages...)
		r.settled()
		resident = append(resident, c.residentMemory())
		s.table.note(fmt.Sprintf("memory after %6d messages, prefetch 100: %.1f MiB", len(r.tally.sent), mebibytes(resident[len(resident)-1])))
	}
	ended := c.stop()
	r.collectAll()
	sameID, otherID := r.tally.again()
	s.table.add(row{
		place: place + 4, fault: "none, for long", in: len(r.tally.sent), out: len(r.tally.out), sameID: sameID, otherID: otherID,
		errors: len(r.tally.errors), unacked: r.ready(r.in()), calls: r.aws.Calls()[reader], ended: ended,
	})
	assert.Len(t, r.tally.out, len(r.tally.sent))
	assert.Zero(t, sameID+otherID, "published again")
	assert.Zero(t, r.ready(r.in()), "not acknowledged")
	assert.Equal(t, len(r.tally.sent), r.aws.Calls()[reader])
	limit := resident[0] + resident[0]/10 + 2<<20
	for _, later := range resident[1:] {
		assert.LessOrEqual(t, later, limit, "memory grows")
	}
}

// buildPlain builds the program as it is shipped, for the race detector has a
// memory of its own.
func buildPlain(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "component")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "aws-secrets-manager-connector/cmd/component").CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

var pidInLog = regexp.MustCompile(`"pid":(\d+)`)

// residentMemory is in bytes.
func (c *container) residentMemory() int {
	c.r.t.Helper()
	pid := pidInLog.FindStringSubmatch(c.Output())
	require.NotNil(c.r.t, pid)
	status, err := os.ReadFile(filepath.Join("/proc", pid[1], "status"))
	require.NoError(c.r.t, err)
	_, rest, found := bytes.Cut(status, []byte("VmRSS:"))
	require.True(c.r.t, found)
	kilobytes, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	require.NoError(c.r.t, err)
	return kilobytes << 10
}

func mebibytes(bytes int) float64 { return float64(bytes) / (1 << 20) }
