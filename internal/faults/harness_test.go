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

// harness is a step between queues of its own, and all that can fail around it.
//
// Two proxies stand between the step and the broker, one behind the other, so
// that the two directions can be held and opened on their own: near, next to the
// step, holds what the broker says; far holds what the step says.
type harness struct {
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
	sink     broker.Sink // plays the step before
	cipher   *envelope.Cipher
	env      map[string]string

	logLevel   string
	tally      *tally
	containers []*container

	releaseStorage func() // of what is held
}

// harness makes a harness for a fault.
func (s *suite) harness(t *testing.T, f fault) *harness {
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
	h := &harness{
		t: t, ctx: ctx, program: s.program, id: "faults-" + uuid.NewString()[:8], logLevel: "debug", tally: newTally(),
	}
	var far, near string
	h.far, far = testkit.ProxyURI(t, uri.Reveal())
	h.near, near = testkit.ProxyURI(t, far)
	h.uri.direct, h.uri.proxied = uri, component.NewSecret(near)
	h.serve()
	maps.Copy(h.env, f.env)
	h.declare(f.next)
	t.Cleanup(func() {
		for _, c := range h.containers {
			c.Kill()
		}
		if t.Failed() {
			for i, c := range h.containers {
				t.Logf("last output of container %d:\n%s", i+1, c.LastOutput())
			}
		}
	})
	return h
}

// serve starts AWS, the platform and its object storage.
func (h *harness) serve() {
	h.aws = newCloud(h.ctx, h.t)
	h.platform = &fake.Platform{Username: "user", Key: rand.Text()}
	h.platform.SetStep(flowID, fake.Step{ID: stepID, Config: h.aws.config})
	h.storage = &fake.Maester{Token: rand.Text()}
	var api string
	h.api, api = testkit.ProxyURI(h.t, listen(h.ctx, h.t, h.platform))
	password, iv := rand.Text(), rand.Text()[:16]
	var err error
	h.cipher, err = envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	require.NoError(h.t, err)
	h.env = map[string]string{
		"FLOW_ID": flowID, "EXEC_ID": "exec", "STEP_ID": stepID, "CONTAINER_ID": "container", "WORKSPACE_ID": "workspace",
		"USER_ID": "user", "COMP_ID": "comp", "FUNCTION": function,
		"API_URI": api, "API_USERNAME": h.platform.Username, "API_KEY": h.platform.Key,
		"LISTEN_MESSAGES_ON": h.in(), "PUBLISH_MESSAGES_TO": h.id,
		"DATA_ROUTING_KEY": "data", "ERROR_ROUTING_KEY": "error", "REBOUND_ROUTING_KEY": "rebound", "SNAPSHOT_ROUTING_KEY": "snapshot",
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv,
		"OBJECT_STORAGE_URI": listen(h.ctx, h.t, h.storage), "OBJECT_STORAGE_TOKEN": h.storage.Token,
		"RABBITMQ_PREFETCH_SAILOR": strconv.Itoa(prefetch), "AMQP_PERSISTENT_MESSAGES": "true",
		"ERROR_RATE_LIMIT": "1000", "REBOUND_INITIAL_EXPIRATION": "50",
	}
}

func (h *harness) in() string       { return h.id + ".in" }
func (h *harness) next() string     { return h.id + ".next" }
func (h *harness) errors() string   { return h.id + ".errors" }
func (h *harness) rejected() string { return h.id + ".rejected" }

// inbox is the step's queue. What it rejects is kept.
func (h *harness) inbox() broker.Queue {
	return broker.Queue{Name: h.in(), RoutingKeys: []string{"in"}, DeadLetterRoutingKey: h.rejected()}
}

func (h *harness) declare(next broker.Queue) {
	next.Name, next.RoutingKeys = h.next(), []string{"data"}
	h.topology = broker.Topology{Exchange: h.id, Queues: []broker.Queue{
		h.inbox(),
		next,
		{Name: h.errors(), RoutingKeys: []string{"error"}},
		{Name: h.rejected()},
		{Name: h.id + ".rebounds", RoutingKeys: []string{"rebound"}, DeadLetterExchange: h.id, DeadLetterRoutingKey: "in"},
	}}
	opts := broker.AMQPOptions{URI: h.uri.direct, ConnectionName: h.id}
	h.admin = broker.NewAMQPAdmin(opts)
	h.sink = broker.Retry(broker.NewAMQPSink(opts), broker.RetryOptions{})
	h.t.Cleanup(func() {
		ctx := context.WithoutCancel(h.ctx)
		assert.NoError(h.t, h.sink.Close())
		assert.NoError(h.t, h.admin.Delete(ctx, h.topology))
		assert.NoError(h.t, h.admin.Close())
	})
	require.NoError(h.t, h.admin.Declare(h.ctx, h.topology))
}

func listen(ctx context.Context, t *testing.T, h http.Handler) (url string) {
	t.Helper()
	server, err := fake.Serve(ctx, "127.0.0.1:0", h)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	return server.URL
}

// send sends n messages, each with a value for a secret of its own.
func (h *harness) send(n int) {
	h.t.Helper()
	messages := make([]component.Message, n)
	for i := range messages {
		messages[i] = h.message()
	}
	h.publish(messages...)
}

// sendByReference sends n messages whose bodies are in the object storage.
func (h *harness) sendByReference(n int) {
	h.t.Helper()
	for range n {
		msg := h.message()
		id := h.storage.Add(h.cipher.Encode(msg.Body, 2))
		msg.Headers, msg.Body = map[string]any{"x-ipaas-object-storage-id": id}, json.RawMessage("{}")
		h.publish(msg)
	}
}

// sendLargeHeaders sends a message whose headers leave little room in a frame,
// but enough for what the broker adds when it is rejected.
func (h *harness) sendLargeHeaders() {
	h.t.Helper()
	p := h.publication(uuid.NewString(), h.message())
	p.Headers["x-eio-meta-large"] = strings.Repeat("x", 131072-2500)
	require.NoError(h.t, h.sink.Publish(h.ctx, p))
}

func (h *harness) message() component.Message {
	h.t.Helper()
	body, err := json.Marshal(map[string]string{"SecretId": h.aws.newSecret(h.t), "SecretString": rand.Text()})
	require.NoError(h.t, err)
	return component.NewMessage(body)
}

func (h *harness) publish(messages ...component.Message) {
	h.t.Helper()
	var group errgroup.Group
	group.SetLimit(100)
	for _, msg := range messages {
		publication := h.publication(uuid.NewString(), msg)
		group.Go(func() error { return h.sink.Publish(h.ctx, publication) })
	}
	require.NoError(h.t, group.Wait())
}

// publication is a message of the step before, under this messageId.
func (h *harness) publication(id string, msg component.Message) broker.Publication {
	h.t.Helper()
	content, err := envelope.EncodeMessage(h.cipher, msg, 2)
	require.NoError(h.t, err)
	h.tally.send(id)
	return broker.Publication{
		Exchange: h.id, RoutingKey: "in", Body: content,
		Properties: broker.Properties{
			DeliveryMode: 2, // as it has to be to survive the broker
			Headers:      map[string]any{"messageId": id, "threadId": h.id, "protocolVersion": int64(2)},
		},
	}
}

// collect takes what has come out of the step off its queues, some of it at a
// time, and reports whether there was some.
func (h *harness) collect() (some bool) {
	h.t.Helper()
	for queue, record := range map[string]func(broker.Delivery){
		h.next(): h.tally.data, h.errors(): h.tally.error, h.rejected(): h.tally.reject,
	} {
		for range 50 {
			d, ok, err := h.admin.Get(h.ctx, queue)
			require.NoError(h.t, err)
			if !ok {
				break
			}
			some = true
			record(d)
		}
	}
	return some
}

// collectAll is for when no more comes.
func (h *harness) collectAll() {
	h.t.Helper()
	for h.collect() {
	}
}

// settled collects until each message has had an outcome.
func (h *harness) settled() {
	h.t.Helper()
	h.await("an outcome of each message", func() bool {
		h.collect()
		return h.tally.complete()
	})
}

func (h *harness) ready(queue string) int {
	h.t.Helper()
	count, err := h.admin.Count(h.ctx, queue)
	require.NoError(h.t, err)
	return count.Ready
}

func (h *harness) consumers() int {
	h.t.Helper()
	count, err := h.admin.Count(h.ctx, h.in())
	require.NoError(h.t, err)
	return count.Consumers
}

// waits waits until n messages are in the queue.
func (h *harness) waits(queue string, n int) {
	h.t.Helper()
	h.await(fmt.Sprintf("%d messages in %s", n, queue), func() bool { return h.ready(queue) == n })
}

// await asks again and again, for neither a process's output nor the broker's
// state is an event.
func (h *harness) await(what string, condition func() bool) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-h.ctx.Done():
			require.FailNow(h.t, "it hangs, waiting for "+what)
		}
	}
}
