//go:build interop

package interop

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

const (
	timeout = 30 * time.Second
	poll    = 10 * time.Millisecond

	apiUsername    = "user"
	apiKey         = "key"
	cryptoPassword = "password of the messages"
	cryptoIV       = "0123456789abcdef"
	storageToken   = "token of the storage"
	nodeDir        = "testdata/node"
)

// side is one of the two sailors with all that is around it: queues, and a
// platform.
type side struct {
	name     string
	api      *platformAPI
	apiURI   string
	storage  *fake.Maester
	objects  string // URI of the storage
	uri      component.Secret
	exchange string
	inbox    string // queue
	admin    broker.Admin
	out      broker.Source // everything that is emitted, and what is rejected
	sink     broker.Sink   // plays the step before
	cipher   *envelope.Cipher
}

// The sides, by name.
const (
	reference = "reference"
	ours      = "ours"
)

// routingKeys lead to what a side has emitted. Rejected inputs come under the
// last one.
var routingKeys = []string{"data", "error", "rebound", "snapshot", "reply", "elsewhere", rejectedKey}

const rejectedKey = "rejected"

func newSide(ctx context.Context, t *testing.T, name string, api *platformAPI) *side {
	t.Helper()
	rabbit := testkit.RabbitMQ(t)
	storage := &fake.Maester{Token: storageToken}

	id := "interop-" + name + "-" + uuid.NewString()[:8]
	opts := broker.AMQPOptions{URI: rabbit.URI, ConnectionName: id, Queue: id + ".out", Prefetch: 100}
	s := &side{
		name: name, api: api, apiURI: listen(ctx, t, api), storage: storage, objects: listen(ctx, t, storage), uri: rabbit.URI, exchange: id, inbox: id + ".in",
		admin: rabbit.Admin(t), out: broker.NewAMQPSource(opts), sink: broker.NewAMQPSink(opts), cipher: newCipher(),
	}
	topology := broker.Topology{Exchange: id, Queues: []broker.Queue{
		{Name: s.inbox, RoutingKeys: []string{"in"}, DeadLetterExchange: id, DeadLetterRoutingKey: rejectedKey},
		{Name: opts.Queue, RoutingKeys: routingKeys},
	}}
	require.NoError(t, s.admin.Declare(ctx, topology))
	t.Cleanup(func() { assert.NoError(t, s.admin.Delete(context.WithoutCancel(ctx), topology)) })
	require.NoError(t, s.out.Connect(ctx))
	t.Cleanup(func() { assert.NoError(t, s.out.Close()) })
	require.NoError(t, s.out.Consume(ctx))
	require.NoError(t, s.sink.Connect(ctx))
	t.Cleanup(func() { assert.NoError(t, s.sink.Close()) })
	return s
}

func listen(ctx context.Context, t *testing.T, h http.Handler) (uri string) {
	t.Helper()
	server, err := fake.Serve(ctx, "127.0.0.1:0", h)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	return server.URL
}

// program is how a container is started.
type program struct {
	path     string
	dir      string // works in it
	args     []string
	variable string // is set
}

// programs returns the test's component on either sailor, by side.
func programs(t *testing.T) map[string]program {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return map[string]program{
		reference: {path: "node", dir: nodeDir, args: []string{"node_modules/elasticio-sailor-nodejs/run.js"}},
		ours:      {path: self, dir: nodeDir, variable: serveStepVariable},
	}
}

// start starts a container with these settings beside the usual ones.
func (s *side) start(ctx context.Context, t *testing.T, program program, settings map[string]string) *testkit.Process {
	t.Helper()
	all := map[string]string{
		"FLOW_ID": "flow", "EXEC_ID": "exec", "STEP_ID": "step", "CONTAINER_ID": "container", "WORKSPACE_ID": "workspace",
		"USER_ID": "user", "COMP_ID": "comp", "FUNCTION": "act",
		"API_URI": s.apiURI, "API_USERNAME": apiUsername, "API_KEY": apiKey,
		"AMQP_URI": s.uri.Reveal(), "LISTEN_MESSAGES_ON": s.inbox, "PUBLISH_MESSAGES_TO": s.exchange,
		"DATA_ROUTING_KEY": "data", "ERROR_ROUTING_KEY": "error", "REBOUND_ROUTING_KEY": "rebound", "SNAPSHOT_ROUTING_KEY": "snapshot",
		"MESSAGE_CRYPTO_PASSWORD": cryptoPassword, "MESSAGE_CRYPTO_IV": cryptoIV, "OBJECT_STORAGE_URI": s.objects, "OBJECT_STORAGE_TOKEN": storageToken,
		// The rates of errors and snapshots are so low that they would tell how
		// long the tests take.
		"ERROR_RATE_LIMIT": "1000", "SNAPSHOT_RATE_LIMIT": "1000", "DATA_RATE_LIMIT": "1000",
	}
	maps.Copy(all, settings)
	env := map[string]string{"LOG_LEVEL": "debug", "OTHER_VARIABLE": "of no prefix", "ALLOW_INSECURE_ENDPOINT": "true", program.variable: "true"}
	for name, value := range all {
		if value != unset {
			env["ELASTICIO_"+name] = value
		}
	}
	p := testkit.Start(ctx, t, program.dir, env, program.path, program.args...)
	t.Cleanup(p.Kill)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("last output of %s:\n%s", s.name, p.LastOutput())
		}
	})
	return p
}

// unset takes out the setting or the header whose value it is.
const unset = "\x00"

// send sends an input to the side's step.
func (s *side) send(ctx context.Context, t *testing.T, in input) {
	t.Helper()
	if strings.Contains(in.message, storedObject) {
		id := s.storage.Add(s.cipher.Encode([]byte(`{"stored": "body"}`), envelope.Raw))
		in.message = strings.ReplaceAll(in.message, storedObject, id)
	}
	properties := in.properties
	properties.Headers = in.allHeaders()
	require.NoError(t, s.sink.Publish(ctx, broker.Publication{
		Exchange: s.exchange, RoutingKey: "in", Properties: properties, Body: in.encoded(s.cipher),
	}))
}

// receive waits for what the side does next, for as long as its process runs.
func (s *side) receive(ctx context.Context, t *testing.T, p *testkit.Process) broker.Delivery {
	t.Helper()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-p.Ended():
			cancel(fmt.Errorf("the process ended with status %d", p.Status()))
		case <-ctx.Done():
		}
	}()
	d, err := s.out.Receive(ctx)
	require.NoError(t, err, "waiting for what %s does: %v", s.name, context.Cause(ctx))
	require.NoError(t, d.Settler.Ack(ctx))
	return d
}

// until collects what the side does until it has done the marker.
func (s *side) until(ctx context.Context, t *testing.T, marker string, p *testkit.Process) []broker.Delivery {
	t.Helper()
	var all []broker.Delivery
	for {
		d := s.receive(ctx, t, p)
		if d.Headers["parentMessageId"] == marker {
			return all
		}
		all = append(all, d)
	}
}

// rest collects what a side has done whose process has ended.
func (s *side) rest(ctx context.Context, t *testing.T) []broker.Delivery {
	t.Helper()
	const end = "the end"
	require.NoError(t, s.sink.Publish(ctx, broker.Publication{
		Exchange: s.exchange, RoutingKey: "data", Properties: broker.Properties{Headers: map[string]any{"parentMessageId": end}},
	}))
	var all []broker.Delivery
	for {
		d, err := s.out.Receive(ctx)
		require.NoError(t, err)
		require.NoError(t, d.Settler.Ack(ctx))
		if d.Headers["parentMessageId"] == end {
			return all
		}
		all = append(all, d)
	}
}

// unsettled counts the inputs that came back to the queue when its consumer had
// ended.
func (s *side) unsettled(ctx context.Context, t *testing.T, queue string) (inputs int) {
	t.Helper()
	require.Eventually(t, func() bool {
		count, err := s.admin.Count(ctx, queue)
		return err == nil && count.Consumers == 0
	}, timeout, poll, "consumers are left")
	for {
		d, ok, err := s.admin.Get(ctx, queue)
		require.NoError(t, err)
		if !ok {
			return inputs
		}
		// A process that was killed need not have come to the last marker's end.
		if !isMarker(d.Headers["messageId"]) {
			inputs++
		}
	}
}

// requireReference says what is missing to run the reference.
func requireReference(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(nodeDir + "/node_modules/*/package.json")
	require.NoError(t, err)
	if !slices.ContainsFunc(files, func(file string) bool { return strings.Contains(file, "elasticio-sailor-nodejs") }) {
		t.Fatal("the reference is not installed: make interop does that")
	}
}
