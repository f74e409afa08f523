package standin

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

// World is everything around the steps of a flow: the broker with its queues,
// the platform's API and AWS. Each function has a step of its own; what the
// steps emit comes to one place.
type World struct {
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
	answers  broker.Source
	outside  broker.Sink // plays the steps before ours
}

const (
	flowID = "demo-flow"
	region = "eu-central-1"

	// brokerTimeout bounds the wait for a broker that does not answer, when it
	// is first met and when all is removed there.
	brokerTimeout = 5 * time.Second
)

// Build starts a world for the named functions on queues; nil means in memory.
// Close it when all steps have ended. A Build that fails leaves nothing behind.
func Build(ctx context.Context, queues Queues, functions []string) (_ *World, err error) {
	if queues == nil {
		queues = InMemory()
	}
	w := &World{id: "demo-" + uuid.NewString()[:8], queues: queues}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close(context.WithoutCancel(ctx)))
		}
	}()
	if err := w.serve(ctx); err != nil {
		return nil, err
	}
	for _, function := range functions {
		w.SetStep(function, nil)
	}
	if err := w.openQueues(ctx, functions); err != nil {
		return nil, err
	}
	return w, nil
}

// serve starts AWS and the platform, with fresh keys for both.
func (w *World) serve(ctx context.Context) error {
	keyID, keySecret := "AKIA"+rand.Text()[:16], rand.Text()
	w.AWS = emulator.New(emulator.Options{Credentials: map[string]emulator.Credential{keyID: {SecretKey: component.NewSecret(keySecret)}}})
	aws, err := w.listen(ctx, w.AWS)
	if err != nil {
		return err
	}
	w.keys = map[string]any{"accessKeyId": keyID, "accessKeySecret": keySecret, "region": region, "endpoint": aws}

	w.Platform = &Platform{Username: "demo", Key: rand.Text()}
	api, err := w.listen(ctx, w.Platform)
	if err != nil {
		return err
	}
	password, iv := rand.Text(), rand.Text()[:16]
	w.env = map[string]string{
		"FLOW_ID": flowID, "EXEC_ID": w.id, "CONTAINER_ID": "demo", "WORKSPACE_ID": "demo", "USER_ID": "demo",
		"COMP_ID": "aws-secrets-manager", "API_URI": api, "API_USERNAME": w.Platform.Username, "API_KEY": w.Platform.Key,
		"AMQP_URI": "amqp://in-memory", "PUBLISH_MESSAGES_TO": w.id,
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv, "PROTOCOL_VERSION": "2",
	}
	w.cipher, err = envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	return err
}

func (w *World) listen(ctx context.Context, h http.Handler) (url string, err error) {
	l, err := Serve(ctx, "127.0.0.1:0", h)
	if err != nil {
		return "", err
	}
	w.servers = append(w.servers, l)
	return l.URL, nil
}

// openQueues meets the broker before it declares anything, so that a broker
// that cannot be reached is not asked to remove it either.
func (w *World) openQueues(ctx context.Context, functions []string) error {
	w.outside = w.queues.Sink()
	if err := meet(ctx, w.outside); err != nil {
		return err
	}
	w.topology = w.layout(functions)
	w.admin = w.queues.Admin()
	if err := w.admin.Declare(ctx, w.topology); err != nil {
		return fmt.Errorf("declare the queues: %w", err)
	}
	w.answers = w.queues.Source(w.answersQueue(), 1)
	if err := w.answers.Connect(ctx); err != nil {
		return err
	}
	return w.answers.Consume(ctx)
}

func meet(ctx context.Context, sink broker.Sink) error {
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
func (w *World) layout(functions []string) broker.Topology {
	answers := broker.Queue{Name: w.answersQueue(), RoutingKeys: []string{w.ReplyKey()}}
	topology := broker.Topology{Exchange: w.id}
	for _, name := range functions {
		topology.Queues = append(topology.Queues, broker.Queue{Name: w.Inbox(name), RoutingKeys: []string{w.Inbox(name)}})
		for _, kind := range []string{"data", "error", "rebound", "snapshot"} {
			answers.RoutingKeys = append(answers.RoutingKeys, name+"."+kind)
		}
	}
	topology.Queues = append(topology.Queues, answers)
	return topology
}

func (w *World) answersQueue() string { return w.id + ".answers" }

// Close removes the queues and ends the servers, all of it once.
func (w *World) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	var errs []error
	if w.answers != nil {
		errs = append(errs, w.answers.Close())
	}
	if w.outside != nil {
		errs = append(errs, w.outside.Close())
	}
	if w.admin != nil {
		errs = append(errs, w.admin.Delete(ctx, w.topology), w.admin.Close())
	}
	for _, server := range w.servers {
		errs = append(errs, server.Close())
	}
	w.answers, w.outside, w.admin, w.servers = nil, nil, nil, nil
	return errors.Join(errs...)
}

// SetStep gives a function's step these fields beside its credentials.
func (w *World) SetStep(function string, fields map[string]any) {
	config := maps.Clone(w.keys)
	maps.Copy(config, fields)
	w.Platform.SetStep(flowID, Step{ID: stepID(function), Config: config})
}

// Env returns the environment of the container that serves a function.
func (w *World) Env(function string) map[string]string {
	env := map[string]string{"OUTPUT_VALIDATION": "error"}
	own := map[string]string{
		"FUNCTION": function, "STEP_ID": stepID(function), "LISTEN_MESSAGES_ON": w.Inbox(function),
		"DATA_ROUTING_KEY": function + ".data", "ERROR_ROUTING_KEY": function + ".error",
		"REBOUND_ROUTING_KEY": function + ".rebound", "SNAPSHOT_ROUTING_KEY": function + ".snapshot",
	}
	for _, settings := range []map[string]string{w.env, own} {
		for name, value := range settings {
			env["ELASTICIO_"+name] = value
		}
	}
	return env
}

// Secrets are the values of this world that must never show, by what they are.
func (w *World) Secrets() map[string]string {
	return map[string]string{
		"access key secret": w.keys["accessKeySecret"].(string),
		"API key":           w.env["API_KEY"],
		"crypto password":   w.env["MESSAGE_CRYPTO_PASSWORD"],
		"crypto IV":         w.env["MESSAGE_CRYPTO_IV"],
	}
}

// Inbox is the queue of a function's step, and its routing key.
func (w *World) Inbox(function string) string { return w.id + "." + function + ".in" }

// ReplyKey is a routing key for reply_to that leads to what Receive returns.
func (w *World) ReplyKey() string { return w.id + ".reply" }

func stepID(function string) string { return "step-" + function }

// Waiting counts the messages in a function's queue that nobody works on.
func (w *World) Waiting(ctx context.Context, function string) (int, error) {
	count, err := w.admin.Count(ctx, w.Inbox(function))
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
func (w *World) Send(ctx context.Context, function string, body any, protocol int, headers map[string]any) (Sent, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return Sent{}, err
	}
	content, err := envelope.EncodeMessage(w.cipher, component.NewMessage(raw), protocol)
	if err != nil {
		return Sent{}, err
	}
	all := map[string]any{"messageId": uuid.NewString(), "threadId": w.id, "protocolVersion": int64(protocol)}
	maps.Copy(all, headers)
	m := Sent{At: time.Now(), Function: function, Headers: all, Body: raw}
	return m, w.outside.Publish(ctx, broker.Publication{
		Exchange: w.id, RoutingKey: w.Inbox(function), Body: content,
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
func (w *World) Receive(ctx context.Context) (Received, error) {
	d, err := w.answers.Receive(ctx)
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
		got.Failure, _, err = envelope.DecodeErrorPayload(w.cipher, d.Body)
	case "data":
		got.Content, err = w.decode(d)
	}
	return got, err
}

func (w *World) decode(d broker.Delivery) (json.RawMessage, error) {
	headers, err := envelope.ParseHeaders(d.Headers, uuid.NewString)
	if err != nil {
		return nil, err
	}
	msg, err := envelope.DecodeMessage(w.cipher, d.Body, headers.Protocol)
	return msg.Body, err
}
