package faults

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// fault is something that goes wrong, and ends again.
type fault struct {
	name   string
	env    map[string]string // of the container, without prefix
	next   broker.Queue      // limits of the queue that the results go to
	broker *outage           // the broker to use, the shared one if nil
	long   bool              // it may take minutes

	// enter starts the step and brings it into the fault, with all messages
	// sent that mend does not send.
	enter func(h *harness) *container
	// mend ends the fault.
	mend func(h *harness)

	// over is what comes of it when the fault ends, and stopped when the
	// container is told to end before, and another one takes over.
	over, stopped outcome
}

// outcome is what there must be in the end, beside one result of each message.
type outcome struct {
	skip bool // there is no such moment
	slow bool // it takes more than a few seconds

	calls   int // of AWS; 0: any number
	sameID  int // results published again under the same messageId, by whichever container, or anyNumber
	retried int // results with the header retry, at least
	errors  int // messages that end in an error instead of a result
}

const anyNumber = -1

// suite is what the faults share.
type suite struct {
	program string
	uri     component.Secret
	table   *table
	long    int // messages of the long runs; 0: only what is quick
}

func TestFaults(t *testing.T) {
	s := newSuite(t)
	private := &outage{t: t}
	place := 0
	for _, f := range slices.Concat(networkFaults(), brokerFaults(private), serviceFaults()) {
		s.run(t, f, f.name, place, f.over, s.over)
		s.run(t, f, f.name+", SIGTERM", place+1, f.stopped, s.stopped)
		place += 2
	}
	for name, test := range map[string]func(t *testing.T, place int){
		"platform away for good": s.platformAwayForGood,
		"cut after SIGTERM":      s.cutAfterSIGTERM,
		"second SIGTERM":         s.secondSIGTERM,
		"many cuts":              s.manyCuts,
		"one id, two messages":   s.oneIDTwoMessages,
		"memory":                 s.memory,
		"keys of one secret":     s.keysOfOneSecret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, place)
		})
	}
	t.Run("kills and restarts", func(t *testing.T) {
		t.Parallel()
		s.killsAndRestarts(t, private, place+5)
	})
}

func newSuite(t *testing.T) *suite {
	t.Helper()
	s := &suite{uri: testkit.RabbitMQ(t).URI, table: &table{}}
	var err error
	s.program, err = testkit.BuildComponent(t.TempDir())
	require.NoError(t, err)
	if messages := os.Getenv("FAULT_MESSAGES"); messages != "" {
		s.long, err = strconv.Atoi(messages)
		require.NoError(t, err, "FAULT_MESSAGES")
		t.Cleanup(func() { s.table.print(os.Stdout) })
	}
	return s
}

// run tests one of a fault's outcomes.
func (s *suite) run(t *testing.T, f fault, name string, place int, o outcome, test func(*testing.T, fault, row)) {
	t.Helper()
	if o.skip {
		return
	}
	t.Run(name, func(t *testing.T) {
		if o.slow {
			s.onlyLong(t)
		}
		t.Parallel()
		test(t, f, row{place: place, fault: name})
	})
}

func (s *suite) onlyLong(t *testing.T) {
	t.Helper()
	if s.long == 0 {
		t.Skip("make faults runs it")
	}
}

// over has the container live through the fault.
func (s *suite) over(t *testing.T, f fault, got row) {
	h := s.harness(t, f)
	c := f.enter(h)
	f.mend(h)
	s.finish(h, c, f.over, got)
}

// stopped has the container end in the fault, and another one take over when
// that has ended.
func (s *suite) stopped(t *testing.T, f fault, got row) {
	h := s.harness(t, f)
	first := f.enter(h)
	began := time.Now()
	first.terminate()
	h.aws.release()
	first.end(0)
	got.ended = time.Since(began)

	f.mend(h)
	s.finish(h, h.start(h.uri.direct), f.stopped, got)
}

// finish has the container do what is left to do and end, and compares what
// there is then with what there should be.
func (s *suite) finish(h *harness, c *container, want outcome, got row) {
	t := h.t
	h.settled()
	// What was delivered again came before this one, so it is in work by now,
	// and settled before the end.
	h.send(1)
	h.settled()
	got.left = h.ready(h.in())
	ended := c.stop()
	if got.ended == 0 {
		got.ended = ended
	}
	h.collectAll()
	got.unacked = h.ready(h.in()) - got.left
	got.in, got.out, got.errors = len(h.tally.sent), len(h.tally.out), len(h.tally.errors)
	got.sameID, got.otherID = h.tally.again()
	got.calls = h.aws.calls()
	s.table.add(got)

	assert.Equal(t, got.in-want.errors, got.out, "results")
	assert.Equal(t, want.errors, got.errors, "errors")
	assert.Equal(t, h.tally.errors, h.tally.rejected, "what ends in an error is rejected, once")
	assert.Zero(t, h.tally.strange, "results that nobody asked for")
	assert.Zero(t, got.left, "left in the queue")
	assert.Zero(t, got.unacked, "not acknowledged")
	assert.GreaterOrEqual(t, h.tally.retried, want.retried, "results with the header retry")
	if want.sameID != anyNumber {
		assert.Equal(t, want.sameID, got.sameID, "published again, same id")
	}
	assert.Zero(t, got.otherID, "published again, other id")
	if want.calls > 0 {
		assert.Equal(t, want.calls+1, got.calls, "calls of AWS")
	}
	assert.Less(t, got.ended, endLimit, "the end takes too long")
	once, oftener := h.aws.versions(h.ctx, t)
	assert.GreaterOrEqual(t, once, got.out, "secrets that were written once")
	assert.Zero(t, oftener, "secrets that were written more often")
}
