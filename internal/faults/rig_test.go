package faults

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// What takes longer than this hangs.
const (
	timeout     = 2 * time.Minute
	longTimeout = 15 * time.Minute
	endLimit    = 40 * time.Second // from SIGTERM to the end
)

const (
	function = "PutSecretValue"
	flowID   = "flow"
	stepID   = "step"

	// prefetch is how many messages are in work at once, unless a fault says
	// otherwise.
	prefetch = 5
)

// rig is a step between queues of its own, and all that can fail around it.
//
// Two proxies stand between the step and the broker, one behind the other, so
// that the two directions can be held and opened on their own: near, next to the
// step, holds what the broker says; far holds what the step says.
type rig struct {
	t   *testing.T
	ctx context.Context // bounds a test that hangs

	program   string
	near, far *testkit.FaultProxy
	uri       struct{ direct, proxied component.Secret }
	api       *testkit.FaultProxy // in front of the platform
	platform  *fake.Platform
	storage   *fake.Maester
	aws       *cloud

	id       string // makes names on a shared broker unique, and is the exchange
	topology broker.Topology
	admin    broker.Admin
	outside  broker.Sink // plays the step before
	cipher   *envelope.Cipher
	env      map[string]string

	logLevel   string
	tally      *tally
	containers []*container

	releaseStorage func() // of what is held
}

// rig makes a rig for a fault.
func (s *suite) rig(t *testing.T, f fault) *rig {
	t.Helper()
	uri := s.uri
	if f.broker != nil {
		uri = f.broker.begin(t)
	}
	limit := timeout
	if f.long {
		limit = longTimeout
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	r := &rig{
		t: t, ctx: ctx, program: s.program, id: "faults-" + uuid.NewString()[:8], logLevel: "debug", tally: newTally(),
	}
	var far, near string
	r.far, far = testkit.ProxyURI(t, uri.Reveal())
	r.near, near = testkit.ProxyURI(t, far)
	r.uri.direct, r.uri.proxied = uri, component.NewSecret(near)
	r.serve()
	maps.Copy(r.env, f.env)
	r.lay(f.next)
	t.Cleanup(func() {
		for _, c := range r.containers {
			c.Kill()
		}
		if t.Failed() {
			for i, c := range r.containers {
				t.Logf("last words of container %d:\n%s", i+1, c.lastWords())
			}
		}
	})
	return r
}

// serve starts AWS, the platform and its object storage.
func (r *rig) serve() {
	r.aws = newCloud(r.ctx, r.t)
	r.platform = &fake.Platform{Username: "user", Key: rand.Text()}
	r.platform.SetStep(flowID, fake.Step{ID: stepID, Config: r.aws.config})
	r.storage = &fake.Maester{Token: rand.Text()}
	var api string
	r.api, api = testkit.ProxyURI(r.t, listen(r.ctx, r.t, r.platform))
	password, iv := rand.Text(), rand.Text()[:16]
	var err error
	r.cipher, err = envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	require.NoError(r.t, err)
	r.env = map[string]string{
		"FLOW_ID": flowID, "EXEC_ID": "exec", "STEP_ID": stepID, "CONTAINER_ID": "container", "WORKSPACE_ID": "workspace",
		"USER_ID": "user", "COMP_ID": "comp", "FUNCTION": function,
		"API_URI": api, "API_USERNAME": r.platform.Username, "API_KEY": r.platform.Key,
		"LISTEN_MESSAGES_ON": r.in(), "PUBLISH_MESSAGES_TO": r.id,
		"DATA_ROUTING_KEY": "data", "ERROR_ROUTING_KEY": "error", "REBOUND_ROUTING_KEY": "rebound", "SNAPSHOT_ROUTING_KEY": "snapshot",
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv,
		"OBJECT_STORAGE_URI": listen(r.ctx, r.t, r.storage), "OBJECT_STORAGE_TOKEN": r.storage.Token,
		"RABBITMQ_PREFETCH_SAILOR": strconv.Itoa(prefetch), "AMQP_PERSISTENT_MESSAGES": "true",
		"ERROR_RATE_LIMIT": "1000", "REBOUND_INITIAL_EXPIRATION": "50",
	}
}

func (r *rig) in() string       { return r.id + ".in" }
func (r *rig) next() string     { return r.id + ".next" }
func (r *rig) errors() string   { return r.id + ".errors" }
func (r *rig) rejected() string { return r.id + ".rejected" }

// inbox is the step's queue. What it rejects is kept.
func (r *rig) inbox() broker.Queue {
	return broker.Queue{Name: r.in(), RoutingKeys: []string{"in"}, DeadLetterRoutingKey: r.rejected()}
}

func (r *rig) lay(next broker.Queue) {
	next.Name, next.RoutingKeys = r.next(), []string{"data"}
	r.topology = broker.Topology{Exchange: r.id, Queues: []broker.Queue{
		r.inbox(),
		next,
		{Name: r.errors(), RoutingKeys: []string{"error"}},
		{Name: r.rejected()},
		{Name: r.id + ".rebounds", RoutingKeys: []string{"rebound"}, DeadLetterExchange: r.id, DeadLetterRoutingKey: "in"},
	}}
	opts := broker.AMQPOptions{URI: r.uri.direct, ConnectionName: r.id}
	r.admin = broker.NewAMQPAdmin(opts)
	r.outside = broker.Retry(broker.NewAMQPSink(opts), broker.RetryOptions{})
	r.t.Cleanup(func() {
		ctx := context.WithoutCancel(r.ctx)
		assert.NoError(r.t, r.outside.Close())
		assert.NoError(r.t, r.admin.Delete(ctx, r.topology))
		assert.NoError(r.t, r.admin.Close())
	})
	require.NoError(r.t, r.admin.Declare(r.ctx, r.topology))
}

func listen(ctx context.Context, t *testing.T, h http.Handler) (url string) {
	t.Helper()
	server, err := fake.Serve(ctx, "127.0.0.1:0", h)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	return server.URL
}

// send sends n messages, each with a value for a secret of its own.
func (r *rig) send(n int) {
	r.t.Helper()
	messages := make([]component.Message, n)
	for i := range messages {
		messages[i] = r.message()
	}
	r.publish(messages...)
}

// sendByReference sends n messages whose bodies are in the object storage.
func (r *rig) sendByReference(n int) {
	r.t.Helper()
	for range n {
		msg := r.message()
		id := r.storage.Add(r.cipher.Encode(msg.Body, 2))
		msg.Headers, msg.Body = map[string]any{"x-ipaas-object-storage-id": id}, json.RawMessage("{}")
		r.publish(msg)
	}
}

// sendLargeHeaders sends a message whose headers leave little room in a frame,
// but enough for what the broker adds when it is rejected.
func (r *rig) sendLargeHeaders() {
	r.t.Helper()
	p := r.publication(uuid.NewString(), r.message())
	p.Headers["x-eio-meta-large"] = strings.Repeat("x", 131072-2500)
	require.NoError(r.t, r.outside.Publish(r.ctx, p))
}

func (r *rig) message() component.Message {
	r.t.Helper()
	body, err := json.Marshal(map[string]string{"SecretId": r.aws.newSecret(r.t), "SecretString": rand.Text()})
	require.NoError(r.t, err)
	return component.NewMessage(body)
}

func (r *rig) publish(messages ...component.Message) {
	r.t.Helper()
	var group errgroup.Group
	group.SetLimit(100)
	for _, msg := range messages {
		publication := r.publication(uuid.NewString(), msg)
		group.Go(func() error { return r.outside.Publish(r.ctx, publication) })
	}
	require.NoError(r.t, group.Wait())
}

// publication is a message of the step before, under this messageId.
func (r *rig) publication(id string, msg component.Message) broker.Publication {
	r.t.Helper()
	content, err := envelope.EncodeMessage(r.cipher, msg, 2)
	require.NoError(r.t, err)
	r.tally.send(id)
	return broker.Publication{
		Exchange: r.id, RoutingKey: "in", Body: content,
		Properties: broker.Properties{
			DeliveryMode: 2, // as it has to be to survive the broker
			Headers:      map[string]any{"messageId": id, "threadId": r.id, "protocolVersion": int64(2)},
		},
	}
}

// collect takes what has come out of the step off its queues, some of it at a
// time, and reports whether there was some.
func (r *rig) collect() (some bool) {
	r.t.Helper()
	for queue, enter := range map[string]func(broker.Delivery){
		r.next(): r.tally.data, r.errors(): r.tally.error, r.rejected(): r.tally.reject,
	} {
		for range 50 {
			d, ok, err := r.admin.Get(r.ctx, queue)
			require.NoError(r.t, err)
			if !ok {
				break
			}
			some = true
			enter(d)
		}
	}
	return some
}

// collectAll is for when no more comes.
func (r *rig) collectAll() {
	r.t.Helper()
	for r.collect() {
	}
}

// settled collects until each message has had an outcome.
func (r *rig) settled() {
	r.t.Helper()
	r.await("an outcome of each message", func() bool {
		r.collect()
		return r.tally.complete()
	})
}

func (r *rig) ready(queue string) int {
	r.t.Helper()
	count, err := r.admin.Count(r.ctx, queue)
	require.NoError(r.t, err)
	return count.Ready
}

func (r *rig) consumers() int {
	r.t.Helper()
	count, err := r.admin.Count(r.ctx, r.in())
	require.NoError(r.t, err)
	return count.Consumers
}

// waits waits until n messages are in the queue.
func (r *rig) waits(queue string, n int) {
	r.t.Helper()
	r.await(fmt.Sprintf("%d messages in %s", n, queue), func() bool { return r.ready(queue) == n })
}

// await asks again and again, for neither a process's output nor the broker's
// state is an event.
func (r *rig) await(what string, condition func() bool) {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			require.FailNow(r.t, "it hangs, waiting for "+what)
		}
	}
}
