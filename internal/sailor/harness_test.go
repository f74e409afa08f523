package sailor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/platform"
	"aws-secrets-manager-connector/internal/schema"
	"aws-secrets-manager-connector/internal/settings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	planted     = "planted-secret-value"
	testTimeout = 20 * time.Second
	poll        = time.Millisecond
	inputSchema = `{"type": "object", "additionalProperties": false, "properties": {
		"Name": {"type": "string", "required": true},
		"Size": {"type": "integer"},
		"Secret": {"type": "string", "format": "password", "maxLength": 40}}}`
)

// harness is one sailor between queues in memory.
type harness struct {
	*fakePlatform
	t           testing.TB
	ctx         context.Context
	memory      *broker.Memory
	admin       broker.Admin
	cipher      *envelope.Cipher
	env         map[string]string
	step        platform.Step
	stepErr     error
	hookErr     error
	startupData json.RawMessage
	storage     Storage
	descriptor  string
	schema      string
	handle      component.HandlerFunc
	log         *safeBuffer
	next        int
	unsendable  func(broker.Publication) bool // what the sailor's sink refuses
	out         broker.Source
	outside     broker.Sink
}

func newHarness(t testing.TB, handle component.HandlerFunc) *harness {
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	t.Cleanup(cancel)
	r := &harness{
		t: t, ctx: ctx, memory: broker.NewMemory(), handle: handle, log: &safeBuffer{}, schema: inputSchema,
		descriptor: `{"actions": {"echo": {"main": "./echo.go"}}}`,
		step: platform.Step{
			Config: json.RawMessage(`{"_account": "account", "accessKeySecret": "` + planted + `"}`), Snapshot: json.RawMessage("{}"),
		},
		env: map[string]string{
			"FLOW_ID": "flow", "EXEC_ID": "exec", "STEP_ID": "step", "CONTAINER_ID": "container",
			"WORKSPACE_ID": "workspace", "USER_ID": "user", "COMP_ID": "comp", "FUNCTION": "echo",
			"API_URI": "http://127.0.0.1:1", "API_USERNAME": "name", "API_KEY": planted,
			"AMQP_URI": "amqp://unused", "LISTEN_MESSAGES_ON": "in", "PUBLISH_MESSAGES_TO": "exchange",
			"DATA_ROUTING_KEY": "data", "ERROR_ROUTING_KEY": "error", "REBOUND_ROUTING_KEY": "rebound",
			"SNAPSHOT_ROUTING_KEY": "snapshot", "MESSAGE_CRYPTO_IV": "0123456789abcdef",
			"MESSAGE_CRYPTO_PASSWORD": planted, "AMQP_PUBLISH_RETRY_DELAY": "1",
		},
	}
	r.fakePlatform = &fakePlatform{}
	r.admin = r.memory.Admin()
	require.NoError(t, r.admin.Declare(ctx, broker.Topology{Exchange: "exchange", Queues: []broker.Queue{
		{Name: "in", RoutingKeys: []string{"in"}, DeadLetterRoutingKey: "rejected"},
		{Name: "rejected"},
		{Name: "out", RoutingKeys: []string{"data", "error", "rebound", "snapshot", "other", "reply"}},
	}}))
	var err error
	r.cipher, err = envelope.NewCipher(component.NewSecret(planted), component.NewSecret("0123456789abcdef"))
	require.NoError(t, err)
	r.out, r.outside = r.memory.Source("out", 100), r.memory.Sink()
	require.NoError(t, r.out.Connect(ctx))
	require.NoError(t, r.out.Consume(ctx))
	require.NoError(t, r.outside.Connect(ctx))
	t.Cleanup(func() {
		assert.NoError(t, r.out.Close())
		assert.NoError(t, r.outside.Close())
		assert.NotContains(t, r.log.String(), planted, "the log shows a secret")
	})
	return r
}

// Step makes the harness its own platform, as far as it is needed.
func (r *harness) Step(context.Context, string, string) (platform.Step, error) {
	return r.step, r.stepErr
}

func (r *harness) sailor() *Sailor {
	r.t.Helper()
	set, err := settings.Read(func(name string) (string, bool) {
		value, ok := r.env[name[min(len(name), len("ELASTICIO_")):]]
		return value, ok
	})
	require.NoError(r.t, err)
	registry, err := component.NewRegistry([]byte(r.descriptor), component.Spec{
		Name: "echo", Kind: component.Action,
		New:  func(component.Deps) (component.Handler, error) { return r.handle, nil },
		Init: r.hook("init"),
		Startup: func(ctx context.Context, deps component.Deps) (json.RawMessage, error) {
			return r.startupData, r.hook("startup")(ctx, deps)
		},
		Shutdown: func(ctx context.Context, deps component.Deps, data json.RawMessage) error {
			return r.hook("shutdown "+string(data))(ctx, deps)
		},
	})
	require.NoError(r.t, err)
	log := slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.Level(-8)}))
	var ids sync.Mutex
	s, err := New(Options{
		Settings: set, Registry: registry, Platform: r, Storage: r.storage, Log: log, ComponentLog: log,
		Schemas: func(string) (in, out *schema.Schema, err error) {
			in, err = schema.Compile("in", []byte(r.schema))
			return in, in, err
		},
		Source: r.memory.Source(set.ListenMessagesOn, set.Prefetch), Sink: refusingSink{r.memory.Sink(), r.unsendable},
		NewID: func() string {
			ids.Lock()
			defer ids.Unlock()
			r.next++
			return fmt.Sprintf("new-%d", r.next)
		},
	})
	require.NoError(r.t, err)
	return s
}

// refusingSink refuses some messages for good, when told to.
type refusingSink struct {
	broker.Sink
	unsendable func(broker.Publication) bool
}

func (s refusingSink) Publish(ctx context.Context, p broker.Publication) error {
	if s.unsendable != nil && s.unsendable(p) {
		return fmt.Errorf("%w: refused", broker.ErrUnsendable)
	}
	return s.Sink.Publish(ctx, p)
}

// hook notes that it ran, and fails when it was made to.
func (r *harness) hook(name string) func(context.Context, component.Deps) error {
	return func(_ context.Context, deps component.Deps) error {
		assert.JSONEq(r.t, string(r.step.Config), string(deps.Config))
		r.note("hook " + name)
		return r.hookErr
	}
}

// start runs a sailor; the returned function ends it and returns Run's error.
func (r *harness) start() (stop func() error) {
	r.t.Helper()
	return r.run(r.sailor())
}

func (r *harness) run(s *Sailor) (stop func() error) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() {
			cancel()
			err = <-ended
		})
		return err
	}
	r.t.Cleanup(func() { _ = stop() })
	return stop
}

func (r *harness) send(body string, headers map[string]any) {
	r.t.Helper()
	msg := component.NewMessage(json.RawMessage(body))
	content, err := envelope.EncodeMessage(r.cipher, msg, envelope.Base64)
	require.NoError(r.t, err)
	r.sendRaw(content, headers)
}

func (r *harness) sendRaw(content []byte, headers map[string]any) {
	r.t.Helper()
	require.NoError(r.t, r.outside.Publish(r.ctx, broker.Publication{
		Exchange: "exchange", RoutingKey: "in", Body: content, Properties: broker.Properties{Headers: headers},
	}))
}

// receive waits for the next emitted message.
func (r *harness) receive() broker.Delivery {
	r.t.Helper()
	d, err := r.out.Receive(r.ctx)
	require.NoError(r.t, err)
	require.NoError(r.t, d.Settler.Ack(r.ctx))
	return d
}

func (r *harness) receiveData() (broker.Delivery, component.Message) {
	r.t.Helper()
	d := r.receive()
	require.NotEqual(r.t, "error", d.RoutingKey, "got an error emit")
	headers, err := envelope.ParseHeaders(d.Headers, func() string { return "" })
	require.NoError(r.t, err)
	msg, err := envelope.DecodeMessage(r.cipher, d.Body, headers.Protocol)
	require.NoError(r.t, err)
	return d, msg
}

func (r *harness) receiveError() (broker.Delivery, envelope.Failure, component.Message) {
	r.t.Helper()
	d := r.receive()
	require.Equal(r.t, "error", d.RoutingKey)
	failure, input, err := envelope.DecodeErrorPayload(r.cipher, d.Body)
	require.NoError(r.t, err)
	var msg component.Message
	if input != nil {
		msg, err = envelope.ParseMessage(input)
		require.NoError(r.t, err)
	}
	assert.NotContains(r.t, failure.Message, planted)
	return d, failure, msg
}

// rejected counts the messages that were rejected.
func (r *harness) rejected() int {
	r.t.Helper()
	count, err := r.admin.Count(r.ctx, "rejected")
	require.NoError(r.t, err)
	return count.Ready
}

// requireDrained ends the sailor and finds nothing left behind.
func (r *harness) requireDrained(stop func() error) {
	r.t.Helper()
	require.NoError(r.t, stop())
	count, err := r.admin.Count(r.ctx, "in")
	require.NoError(r.t, err)
	assert.Zero(r.t, count.Ready, "messages came back to the queue")
	out, err := r.admin.Count(r.ctx, "out")
	require.NoError(r.t, err)
	assert.Zero(r.t, out.Ready, "more was emitted than expected")
}

func echo(ctx context.Context, req component.Request, out component.Emitter) error {
	return out.Data(ctx, component.NewMessage(req.Message.Body))
}

var errTest = errors.New("something failed")

// safeBuffer is a bytes.Buffer for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// fakePlatform notes what it is asked for.
type fakePlatform struct {
	mu       sync.Mutex
	noted    []string
	conflict bool // there are startup data already
	keysErr  error
}

func (p *fakePlatform) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noted = append(p.noted, text)
}

func (p *fakePlatform) notes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.noted
}

func (p *fakePlatform) CreateStartupData(_ context.Context, flowID string, data json.RawMessage) error {
	p.note("create " + flowID + " " + string(data))
	if p.conflict {
		p.conflict = false
		return platform.ErrConflict
	}
	return nil
}

func (p *fakePlatform) StartupData(_ context.Context, flowID string) (json.RawMessage, error) {
	p.note("fetch " + flowID)
	return json.RawMessage(`{"id": 1}`), nil
}

func (p *fakePlatform) DeleteStartupData(_ context.Context, flowID string) error {
	p.note("delete " + flowID)
	return nil
}

func (p *fakePlatform) UpdateKeys(_ context.Context, accountID string, keys json.RawMessage) error {
	p.note("update " + accountID + " " + string(keys))
	return p.keysErr
}
