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
	h := s.harness(t, fault{env: unlimited, long: true})
	h.logLevel = "info"
	c := h.start(h.uri.proxied)
	h.send(s.long)
	cuts := 0
	h.await("all results", func() bool {
		h.collect()
		if len(h.tally.out) >= every*(cuts+1) {
			h.cut()
			cuts++
		}
		return h.tally.complete()
	})
	s.finish(h, c, outcome{calls: s.long, sameID: anyNumber}, row{
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
	h := s.harness(t, fault{env: env, broker: private, next: broker.Queue{MaxLength: s.long / 10, RejectPublish: true}, long: true})
	h.logLevel = "info"
	h.send(s.long)
	containers := make([]*container, 3)
	for i := range containers {
		containers[i] = h.start(h.uri.direct)
	}
	every, kills, restarts := s.long/20, 0, 0
	h.await("all results", func() bool {
		h.collect()
		if len(h.tally.out) < every*(kills+restarts+1) {
			return h.tally.complete()
		}
		if (kills+restarts)%5 == 4 {
			private.halt(h)
			private.resume(h)
			restarts++
		} else {
			killed := kills % len(containers)
			containers[killed].Kill()
			containers[killed] = h.start(h.uri.direct)
			kills++
		}
		return false
	})
	for _, c := range containers[1:] {
		c.stop()
	}
	s.finish(h, containers[0], outcome{sameID: anyNumber}, row{
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
	h := s.harness(t, fault{env: unlimited, long: true})
	h.logLevel, h.env["FUNCTION"] = "info", reader
	h.program = buildPlain(t)
	name := "read-often"
	require.NoError(t, h.aws.Seed(strings.NewReader(`{"region": "eu-central-1", "secrets": [{"name": "`+name+`", "secretString": "value"}]}`)))
	body, err := json.Marshal(map[string]string{"SecretId": name})
	require.NoError(t, err)

	c := h.start(h.uri.proxied)
	const warm = 8000 // by then the deduplicator is full
	rest := (10*s.long - warm) / 2
	require.Positive(t, rest, "too few messages to see memory grow")
	var resident []int
	for _, count := range []int{warm, rest, rest} {
		messages := make([]component.Message, count)
		for i := range messages {
			messages[i] = component.NewMessage(body)
		}
		h.publish(messages...)
		h.settled()
		resident = append(resident, c.residentMemory())
		s.table.note(fmt.Sprintf("memory after %6d messages, prefetch 100: %.1f MiB", len(h.tally.sent), mebibytes(resident[len(resident)-1])))
	}
	ended := c.stop()
	h.collectAll()
	sameID, otherID := h.tally.again()
	s.table.add(row{
		place: place + 4, fault: "none, for long", in: len(h.tally.sent), out: len(h.tally.out), sameID: sameID, otherID: otherID,
		errors: len(h.tally.errors), unacked: h.ready(h.in()), calls: h.aws.Calls()[reader], ended: ended,
	})
	assert.Len(t, h.tally.out, len(h.tally.sent))
	assert.Zero(t, sameID+otherID, "published again")
	assert.Zero(t, h.ready(h.in()), "not acknowledged")
	assert.Equal(t, len(h.tally.sent), h.aws.Calls()[reader])
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
	c.h.t.Helper()
	pid := pidInLog.FindStringSubmatch(c.Output())
	require.NotNil(c.h.t, pid)
	status, err := os.ReadFile(filepath.Join("/proc", pid[1], "status"))
	require.NoError(c.h.t, err)
	_, rest, found := bytes.Cut(status, []byte("VmRSS:"))
	require.True(c.h.t, found)
	kilobytes, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	require.NoError(c.h.t, err)
	return kilobytes << 10
}

func mebibytes(bytes int) float64 { return float64(bytes) / (1 << 20) }
