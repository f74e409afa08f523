//go:build interop

package interop

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/testkit"
)

// scenario is a step with its settings, and what it is sent.
type scenario struct {
	name     string
	settings map[string]string // variables, without the prefix
	step     string            // JSON, what the platform says the step is
	statuses map[string][]int  // of the platform's responses, where they are not good
	inputs   []input
	// play replaces sending the inputs one after the other.
	play func(ctx context.Context, t *testing.T, s *side, p *testkit.Process) map[string]record
	// hangs: the reference, told to end, never does. stuck: it would not, and is
	// killed without being told, so that what it holds goes back at once.
	hangs, stuck bool
}

// TestSideBySide sends the same to both sides and compares what they do.
func TestSideBySide(t *testing.T) {
	requireReference(t)
	scenarios := slices.Concat(messageScenarios(), settingScenarios(), lightweightScenarios(), startScenarios())
	expected := newExpectation(t, scenarios)
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			records := onBothSides(t, func(t *testing.T, name string) map[string]record { return sc.run(ctx, t, name) })
			for _, in := range sc.inputs {
				t.Run(in.name, func(t *testing.T) {
					expected.compare(t, sc.name+"/"+in.name, records[reference][in.name], records[ours][in.name])
				})
			}
			expected.compare(t, sc.name, records[reference][""], records[ours][""])
		})
	}
}

// onBothSides runs both at once and returns what they return, by side.
func onBothSides[T any](t *testing.T, run func(t *testing.T, name string) T) map[string]T {
	t.Helper()
	results := map[string]T{}
	var mu sync.Mutex
	require.True(t, t.Run("run", func(t *testing.T) {
		for _, name := range []string{reference, ours} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				result := run(t, name)
				mu.Lock()
				defer mu.Unlock()
				results[name] = result
			})
		}
	}))
	return results
}

// run runs the scenario on one side and returns a record for each input, by
// name. The record without a name is that of the container.
func (sc scenario) run(ctx context.Context, t *testing.T, name string) map[string]record {
	step := sc.step
	if step == "" {
		step = `{"id": "step", "config": {"_account": "account"}, "snapshot": {"was": "there"}}`
	}
	api := &platformAPI{steps: map[string]string{"step": step}, statuses: maps.Clone(sc.statuses), gate: make(chan struct{}), asked: make(chan struct{}, 1)}
	s := newSide(ctx, t, name, api)
	process := s.start(ctx, t, programs(t)[name], sc.settings)
	play := sc.oneByOne
	if sc.play != nil {
		play = sc.play
	}
	records := play(ctx, t, s, process)
	sc.stop(t, name, process)
	records[""] = s.ending(ctx, t, process)
	return records
}

// oneByOne sends all inputs, each when the one before is settled.
func (sc scenario) oneByOne(ctx context.Context, t *testing.T, s *side, p *testkit.Process) map[string]record {
	records := map[string]record{}
	for i, in := range sc.inputs {
		s.send(ctx, t, in)
		var first []broker.Delivery
		for range in.awaited {
			first = append(first, s.receive(ctx, t, p))
		}
		// One message is in work at a time, so the marker's output tells that
		// the input is settled.
		marker := marker(i)
		if sc.settings["INPUT_FORMAT"] == "error" {
			marker.message, marker.plain = "", markerBody
		}
		s.send(ctx, t, marker)
		records[in.name] = s.emits(t, append(first, s.until(ctx, t, marker.id(), p)...))
		if sc.settings["RABBITMQ_PREFETCH_SAILOR"] != "" {
			delete(records[in.name], "settled") // the marker did not wait for it
		}
	}
	return records
}

// twiceAtOnce delivers a message again while it is in work.
func twiceAtOnce(ctx context.Context, t *testing.T, s *side, p *testkit.Process) map[string]record {
	in := input{name: "input", message: do(`{"ask": "/gate"}`, `{"data": {"headers": {}, "body": 1}}`)}
	s.send(ctx, t, in)
	select {
	case <-s.api.asked:
	case <-ctx.Done():
		t.Fatal("the input was not taken")
	}
	s.send(ctx, t, in)
	s.send(ctx, t, marker(1))
	all := s.until(ctx, t, marker(1).id(), p) // the second delivery was taken, too
	close(s.api.gate)
	all = append(all, s.receive(ctx, t, p))
	s.send(ctx, t, marker(2))
	all = append(all, s.until(ctx, t, marker(2).id(), p)...)
	emits := s.emits(t, all)
	delete(emits, "settled")
	return map[string]record{in.name: emits}
}

// stop ends the process, unless it does so itself.
func (sc scenario) stop(t *testing.T, name string, p *testkit.Process) {
	t.Helper()
	switch {
	case len(sc.inputs) == 0: // it ends itself
	case sc.stuck && name == reference:
		p.Kill()
	case sc.hangs && name == reference:
		killWaiting(t, p)
	default:
		require.NoError(t, p.Terminate())
	}
}

// killWaiting tells the reference to end, and kills it once it waits for work
// that never ends.
func killWaiting(t *testing.T, p *testkit.Process) {
	t.Helper()
	require.NoError(t, p.Terminate())
	require.Eventually(t, func() bool { return strings.Contains(p.Output(), "shutdown is scheduled") }, timeout, poll)
	p.Kill()
}

// ending is the record of a container that ends.
func (s *side) ending(ctx context.Context, t *testing.T, p *testkit.Process) record {
	t.Helper()
	status := p.Status()
	r := s.emits(t, s.rest(ctx, t))
	delete(r, "settled")
	r["exit"] = status
	r["unsettled"] = s.unsettled(ctx, t, s.inbox)
	r["requests"] = s.api.noted()
	return r
}
