package fake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/envelope"
)

// Environment is everything around the steps of a flow: the broker with its
// queues, the platform's API and AWS. Each function has a step of its own; what
// the steps emit comes to one queue.
type Environment struct {
	AWS      *emulator.Emulator
	Platform *Platform

	id       string // makes names on a shared broker unique
	env      map[string]string
	keys     map[string]any // credentials of the steps
	cipher   *envelope.Cipher
	servers  []*Server
	queues   Queues
	topology broker.Topology
	admin    broker.Admin // nil until something may have been declared
	output   broker.Source
	sink     broker.Sink // plays the steps before ours
}

const (
	flowID = "demo-flow"
	region = "eu-central-1"

	// brokerTimeout bounds the wait for a broker that does not answer, when it
	// is first connected and when all is removed there.
	brokerTimeout = 5 * time.Second
)

// NewEnvironment starts an environment for the named functions on queues; nil
// means in memory. Close it when all steps have ended. If it fails, it leaves
// nothing behind.
func NewEnvironment(ctx context.Context, queues Queues, functions []string) (_ *Environment, err error) {
	if queues == nil {
		queues = InMemory()
	}
	e := &Environment{id: "demo-" + uuid.NewString()[:8], queues: queues}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close(context.WithoutCancel(ctx)))
		}
	}()
	if err := e.serve(ctx); err != nil {
		return nil, err
	}
	for _, function := range functions {
		e.SetStep(function, nil)
	}
	if err := e.openQueues(ctx, functions); err != nil {
		return nil, err
	}
	return e, nil
}

// serve starts AWS and the platform, with fresh keys for both.
func (e *Environment) serve(ctx context.Context) error {
	keyID, keySecret := "AKIA"+rand.Text()[:16], rand.Text()
	e.AWS = emulator.New(emulator.Options{Credentials: map[string]emulator.Credential{keyID: {SecretKey: component.NewSecret(keySecret)}}})
	aws, err := e.listen(ctx, e.AWS)
	if err != nil {
		return err
	}
	e.keys = map[string]any{"accessKeyId": keyID, "accessKeySecret": keySecret, "region": region, "endpoint": aws}

	e.Platform = &Platform{Username: "demo", Key: rand.Text()}
	api, err := e.listen(ctx, e.Platform)
	if err != nil {
		return err
	}
	password, iv := rand.Text(), rand.Text()[:16]
	e.env = map[string]string{
		"FLOW_ID": flowID, "EXEC_ID": e.id, "CONTAINER_ID": "demo", "WORKSPACE_ID": "demo", "USER_ID": "demo",
		"COMP_ID": "aws-secrets-manager", "API_URI": api, "API_USERNAME": e.Platform.Username, "API_KEY": e.Platform.Key,
		"AMQP_URI": "amqp://in-memory", "PUBLISH_MESSAGES_TO": e.id,
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv, "PROTOCOL_VERSION": "2",
	}
	e.cipher, err = envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	return err
}

func (e *Environment) listen(ctx context.Context, h http.Handler) (url string, err error) {
	l, err := Serve(ctx, "127.0.0.1:0", h)
	if err != nil {
		return "", err
	}
	e.servers = append(e.servers, l)
	return l.URL, nil
}

// openQueues connects to the broker before it declares anything, so that a
// broker that cannot be reached is not asked to remove it either.
func (e *Environment) openQueues(ctx context.Context, functions []string) error {
	e.sink = e.queues.Sink()
	if err := connect(ctx, e.sink); err != nil {
		return err
	}
	e.topology = e.layout(functions)
	e.admin = e.queues.Admin()
	if err := e.admin.Declare(ctx, e.topology); err != nil {
		return fmt.Errorf("declare the queues: %w", err)
	}
	e.output = e.queues.Source(e.outputQueue(), 1)
	if err := e.output.Connect(ctx); err != nil {
		return err
	}
	return e.output.Consume(ctx)
}

func connect(ctx context.Context, sink broker.Sink) error {
	attempt, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	err := sink.Connect(attempt)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%w: no answer within %v", broker.ErrNotConnected, brokerTimeout)
	}
	return err
}

// layout is an exchange, a queue for each function and one that takes all that
// they emit.
func (e *Environment) layout(functions []string) broker.Topology {
	output := broker.Queue{Name: e.outputQueue(), RoutingKeys: []string{e.ReplyKey()}}
	topology := broker.Topology{Exchange: e.id}
	for _, name := range functions {
		topology.Queues = append(topology.Queues, broker.Queue{Name: e.Inbox(name), RoutingKeys: []string{e.Inbox(name)}})
		for _, kind := range []string{"data", "error", "rebound", "snapshot"} {
			output.RoutingKeys = append(output.RoutingKeys, name+"."+kind)
		}
	}
	topology.Queues = append(topology.Queues, output)
	return topology
}

func (e *Environment) outputQueue() string { return e.id + ".output" }

// Close removes the queues and ends the servers, all of it once.
func (e *Environment) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	var errs []error
	if e.output != nil {
		errs = append(errs, e.output.Close())
	}
	if e.sink != nil {
		errs = append(errs, e.sink.Close())
	}
	if e.admin != nil {
		errs = append(errs, e.admin.Delete(ctx, e.topology), e.admin.Close())
	}
	for _, server := range e.servers {
		errs = append(errs, server.Close())
	}
	e.output, e.sink, e.admin, e.servers = nil, nil, nil, nil
	return errors.Join(errs...)
}

// SetStep gives a function's step these fields beside its credentials.
func (e *Environment) SetStep(function string, fields map[string]any) {
	e.SetStepWithSnapshot(function, fields, nil)
}

// SetStepWithSnapshot is SetStep for a step that has run before.
func (e *Environment) SetStepWithSnapshot(function string, fields, snapshot map[string]any) {
	e.Platform.SetStep(flowID, Step{ID: stepID(function), Config: e.Config(fields), Snapshot: snapshot})
}

// Config is the configuration of a step that has these fields: its credentials
// stand beside them, unless they are among the fields.
func (e *Environment) Config(fields map[string]any) map[string]any {
	config := maps.Clone(e.keys)
	maps.Copy(config, fields)
	return config
}

// Env returns the environment of the container that serves a function.
func (e *Environment) Env(function string) map[string]string {
	env := map[string]string{"OUTPUT_VALIDATION": "error", "ALLOW_INSECURE_ENDPOINT": "true"} // AWS is on loopback
	own := map[string]string{
		"FUNCTION": function, "STEP_ID": stepID(function), "LISTEN_MESSAGES_ON": e.Inbox(function),
		"DATA_ROUTING_KEY": function + ".data", "ERROR_ROUTING_KEY": function + ".error",
		"REBOUND_ROUTING_KEY": function + ".rebound", "SNAPSHOT_ROUTING_KEY": function + ".snapshot",
	}
	for _, settings := range []map[string]string{e.env, own} {
		for name, value := range settings {
			env["ELASTICIO_"+name] = value
		}
	}
	return env
}

// Secrets are the values of this environment that must never show, by what they are.
func (e *Environment) Secrets() map[string]string {
	return map[string]string{
		"access key secret": e.keys["accessKeySecret"].(string),
		"API key":           e.env["API_KEY"],
		"crypto password":   e.env["MESSAGE_CRYPTO_PASSWORD"],
		"crypto IV":         e.env["MESSAGE_CRYPTO_IV"],
	}
}

// Inbox is the queue of a function's step, and its routing key.
func (e *Environment) Inbox(function string) string { return e.id + "." + function + ".in" }

// ReplyKey is a routing key for reply_to that leads to what Receive returns.
func (e *Environment) ReplyKey() string { return e.id + ".reply" }

func stepID(function string) string { return "step-" + function }

// Waiting counts the messages in a function's queue that nobody works on.
func (e *Environment) Waiting(ctx context.Context, function string) (int, error) {
	count, err := e.admin.Count(ctx, e.Inbox(function))
	return count.Ready, err
}

// Sent is a message on its way to a step.
type Sent struct {
	At       time.Time
	Function string
	Headers  map[string]any
	Body     json.RawMessage
}

// Send sends a message to a function's step in the given protocol, with a new
// messageId and what headers say.
func (e *Environment) Send(ctx context.Context, function string, body any, protocol int, headers map[string]any) (Sent, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return Sent{}, err
	}
	content, err := envelope.EncodeMessage(e.cipher, component.NewMessage(raw), protocol)
	if err != nil {
		return Sent{}, err
	}
	all := map[string]any{"messageId": uuid.NewString(), "threadId": e.id, "protocolVersion": int64(protocol)}
	maps.Copy(all, headers)
	m := Sent{At: time.Now(), Function: function, Headers: all, Body: raw}
	return m, e.sink.Publish(ctx, broker.Publication{
		Exchange: e.id, RoutingKey: e.Inbox(function), Body: content,
		Properties: broker.Properties{ContentType: "application/json", Headers: all},
	})
}

// Received is a message that a step emitted.
type Received struct {
	Function string
	Kind     string // the last part of the routing key: data, error, rebound, snapshot or reply
	broker.Delivery
	Content json.RawMessage  // body of data
	Failure envelope.Failure // of an error
}

// Receive waits for the next message that any step emits.
func (e *Environment) Receive(ctx context.Context) (Received, error) {
	d, err := e.output.Receive(ctx)
	if err != nil {
		return Received{}, err
	}
	if err := d.Settler.Ack(ctx); err != nil {
		return Received{}, err
	}
	function, kind, _ := strings.Cut(d.RoutingKey, ".")
	got := Received{Function: function, Kind: kind, Delivery: d}
	switch kind {
	case "error":
		got.Failure, _, err = envelope.DecodeErrorPayload(e.cipher, d.Body)
	case "data":
		got.Content, err = e.decode(d)
	}
	return got, err
}

func (e *Environment) decode(d broker.Delivery) (json.RawMessage, error) {
	headers, err := envelope.ParseHeaders(d.Headers, uuid.NewString)
	if err != nil {
		return nil, err
	}
	msg, err := envelope.DecodeMessage(e.cipher, d.Body, headers.Protocol)
	return msg.Body, err
}
