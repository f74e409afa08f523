//go:build interop

package interop

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
)

// TestEmitsOfOneInput shows why each emit needs a messageId of its own: a step
// of Node.js that works on several messages at once takes those with the same
// id for one.
func TestEmitsOfOneInput(t *testing.T) {
	requireReference(t)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	fates := onBothSides(t, func(t *testing.T, name string) fate { return threeOfOne(ctx, t, name) })
	assert.Equal(t, fate{done: 3}, fates[ours])
	assert.Equal(t, 1, fates[reference].done)
	assert.GreaterOrEqual(t, fates[reference].unsettled, 2)
}

// fate is what became of messages.
type fate struct{ done, unsettled int }

// threeOfOne has a step of this side emit three messages for one input, to a
// step of the reference that has them all in work before it has done one.
func threeOfOne(ctx context.Context, t *testing.T, name string) fate {
	const one = `{"data": {"headers": {}, "body": {}}}`
	api := &platformAPI{steps: map[string]string{
		"step": `{"config": {}, "snapshot": {}}`,
		"next": `{"config": {"do": [{"ask": "/gate"}, {"echo": true}]}, "snapshot": {}}`,
	}, gate: make(chan struct{}), asked: make(chan struct{}, 3)}
	s := newSide(ctx, t, name, api)
	queue := s.declareNext(ctx, t)
	step := s.start(ctx, t, programs(t)[name], map[string]string{"DATA_ROUTING_KEY": "next"})
	next := s.start(ctx, t, programs(t)[reference], map[string]string{
		"STEP_ID": "next", "LISTEN_MESSAGES_ON": queue, "RABBITMQ_PREFETCH_SAILOR": "10",
	})

	s.send(ctx, t, input{name: "three", message: do(one, one, one)})
	s.send(ctx, t, input{name: "behind them", message: do(`{"data": {"headers": {}, "body": ` + markerBody + `}}`)})
	s.receive(ctx, t, next) // what was behind them is done, so they have all come
	close(api.gate)
	done := 1
	s.receive(ctx, t, next)
	if name == reference {
		killWaiting(t, next)
	} else {
		for ; done < 3; done++ {
			s.receive(ctx, t, next)
		}
		next.Stop(t)
	}
	step.Stop(t)
	return fate{done: done + len(s.rest(ctx, t)), unsettled: s.unsettled(ctx, t, queue)}
}

// TestTheSameEmitAgain has a step emit for a message that comes twice, as one
// does whose acknowledgement was lost. Both emits have one messageId, and a step
// of Node.js behind it does and settles both.
func TestTheSameEmitAgain(t *testing.T) {
	requireReference(t)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	s := newSide(ctx, t, ours, &platformAPI{steps: map[string]string{
		"step": `{"config": {}, "snapshot": {}}`, "next": `{"config": {"do": [{"echo": true}]}, "snapshot": {}}`,
	}})
	queue := s.declareNext(ctx, t)
	next := s.start(ctx, t, programs(t)[reference], map[string]string{"STEP_ID": "next", "LISTEN_MESSAGES_ON": queue})

	var ids []any
	for range 2 { // containers
		step := s.start(ctx, t, programs(t)[ours], map[string]string{"DATA_ROUTING_KEY": "next"})
		s.send(ctx, t, input{name: "twice", message: do(`{"data": {"headers": {}, "body": {"a": 1}}}`)})
		ids = append(ids, s.receive(ctx, t, next).Headers["parentMessageId"])
		step.Stop(t)
	}
	next.Stop(t)
	assert.Equal(t, ids[0], ids[1])
	assert.Empty(t, s.rest(ctx, t))
	assert.Zero(t, s.unsettled(ctx, t, queue))
}

// declareNext declares the queue of a step behind the side's, which the routing
// key next leads to.
func (s *side) declareNext(ctx context.Context, t *testing.T) (queue string) {
	t.Helper()
	queue = s.exchange + ".next"
	topology := broker.Topology{Exchange: s.exchange, Queues: []broker.Queue{{Name: queue, RoutingKeys: []string{"next"}}}}
	require.NoError(t, s.admin.Declare(ctx, topology))
	t.Cleanup(func() { assert.NoError(t, s.admin.Delete(context.WithoutCancel(ctx), topology)) })
	return queue
}
