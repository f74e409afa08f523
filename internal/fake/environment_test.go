package fake_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/testkit"
)

var functions = []string{"CreateSecret", "GetSecretValue"}

func newEnvironment(t *testing.T, queues fake.Queues) *fake.Environment {
	t.Helper()
	e, err := fake.NewEnvironment(t.Context(), queues, functions)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, e.Close(context.Background())) })
	return e
}

func read(t *testing.T, e *fake.Environment, function string) settings.Settings {
	t.Helper()
	env := e.Env(function)
	set, err := settings.Read(func(name string) (string, bool) { value, ok := env[name]; return value, ok })
	require.NoError(t, err)
	return set
}

// TestEnvironments: two environments on one broker have nothing in common.
func TestEnvironments(t *testing.T) {
	queues := fake.InMemory()
	one, other := newEnvironment(t, queues), newEnvironment(t, queues)

	var mine, theirs []string
	for e, names := range map[*fake.Environment]*[]string{one: &mine, other: &theirs} {
		*names = append(*names, e.ReplyKey(), e.Env("GetSecretValue")["ELASTICIO_PUBLISH_MESSAGES_TO"])
		for _, function := range functions {
			*names = append(*names, e.Inbox(function))
		}
		for _, secret := range e.Secrets() {
			*names = append(*names, secret)
			assert.GreaterOrEqual(t, len(secret), 16, "too short to be searched for")
		}
	}
	all := slices.Sorted(slices.Values(append(mine, theirs...)))
	assert.Len(t, slices.Compact(all), len(mine)+len(theirs), "some names or secrets are the same")

	_, err := one.Send(t.Context(), "GetSecretValue", struct{}{}, 2, nil)
	require.NoError(t, err)
	waiting, err := one.Waiting(t.Context(), "GetSecretValue")
	require.NoError(t, err)
	assert.Equal(t, 1, waiting)
	waiting, err = other.Waiting(t.Context(), "GetSecretValue")
	require.NoError(t, err)
	assert.Zero(t, waiting)
}

func TestSecretsAreTheOnesInUse(t *testing.T) {
	e := newEnvironment(t, nil)
	set := read(t, e, "GetSecretValue")
	secrets := e.Secrets()
	assert.Equal(t, secrets["API key"], set.APIKey.Reveal())
	assert.Equal(t, secrets["crypto password"], set.MessageCryptoPassword.Reveal())
	assert.Equal(t, secrets["crypto IV"], set.MessageCryptoIV.Reveal())
	assert.Equal(t, secrets["access key secret"], stepConfig(t, e, set)["accessKeySecret"])
}

func TestSetStep(t *testing.T) {
	e := newEnvironment(t, nil)
	set := read(t, e, "CreateSecret")
	before := stepConfig(t, e, set)
	e.SetStep("CreateSecret", map[string]any{"region": "eu-west-1", "more": "1"})
	after := stepConfig(t, e, set)
	assert.Equal(t, "eu-central-1", before["region"])
	assert.Equal(t, "eu-west-1", after["region"])
	assert.Equal(t, "1", after["more"])
	assert.Equal(t, before["accessKeyId"], after["accessKeyId"])

	untouched := stepConfig(t, e, read(t, e, "GetSecretValue"))
	assert.Equal(t, before, untouched)
}

// stepConfig asks the platform as a step does.
func stepConfig(t *testing.T, e *fake.Environment, set settings.Settings) map[string]any {
	t.Helper()
	response := ask(e.Platform, "GET", "/v1/tasks/"+set.FlowID+"/steps/"+set.StepID, set.APIUsername, set.APIKey.Reveal())
	require.Equal(t, http.StatusOK, response.StatusCode)
	var step fake.Step
	require.NoError(t, json.NewDecoder(response.Body).Decode(&step))
	return step.Config
}

func TestSendAndReceive(t *testing.T) {
	for _, protocol := range []int{1, 2} {
		queues := fake.InMemory()
		e := newEnvironment(t, queues)
		set := read(t, e, "GetSecretValue")
		cipher, err := envelope.NewCipher(set.MessageCryptoPassword, set.MessageCryptoIV)
		require.NoError(t, err)

		// In comes what was sent.
		inbox := queues.Source(set.ListenMessagesOn, 1)
		require.NoError(t, errors.Join(inbox.Connect(t.Context()), inbox.Consume(t.Context())))
		sent, err := e.Send(t.Context(), "GetSecretValue", map[string]any{"SecretId": "x"}, protocol, map[string]any{"reply_to": e.ReplyKey()})
		require.NoError(t, err)
		d, err := inbox.Receive(t.Context())
		require.NoError(t, err)
		require.NoError(t, inbox.Close())
		msg, err := envelope.DecodeMessage(cipher, d.Body, protocol)
		require.NoError(t, err)
		assert.JSONEq(t, `{"SecretId":"x"}`, string(msg.Body))
		assert.JSONEq(t, `{"SecretId":"x"}`, string(sent.Body))
		assert.Equal(t, sent.Headers["messageId"], d.Headers["messageId"])
		assert.Equal(t, e.ReplyKey(), d.Headers["reply_to"])

		// Out comes what a step emits, by the kind that its routing key says.
		outside := queues.Sink()
		require.NoError(t, outside.Connect(t.Context()))
		data, err := envelope.EncodeMessage(cipher, component.NewMessage(json.RawMessage(`{"a":1}`)), protocol)
		require.NoError(t, err)
		failure := envelope.ErrorPayload(envelope.EncodeError(cipher, envelope.Failure{Name: "Bad", Message: "it broke"}), nil, 1)
		for _, emit := range []struct {
			key, function, kind string
			body                []byte
			content, failed     string
		}{
			{set.DataRoutingKey, "GetSecretValue", "data", data, `{"a":1}`, ""},
			{set.ErrorRoutingKey, "GetSecretValue", "error", failure, ``, "Bad"},
			{set.ReboundRoutingKey, "GetSecretValue", "rebound", d.Body, ``, ""},
			{set.SnapshotRoutingKey, "GetSecretValue", "snapshot", []byte(`{}`), ``, ""},
			{e.ReplyKey(), strings.TrimSuffix(e.ReplyKey(), ".reply"), "reply", data, ``, ""},
		} {
			require.NoError(t, outside.Publish(t.Context(), broker.Publication{
				Exchange: set.PublishMessagesTo, RoutingKey: emit.key, Body: emit.body,
				Properties: broker.Properties{Headers: map[string]any{"messageId": "m", "protocolVersion": int64(protocol)}},
			}), emit.kind)
			got, err := e.Receive(t.Context())
			require.NoError(t, err, emit.kind)
			assert.Equal(t, emit.function, got.Function)
			assert.Equal(t, emit.kind, got.Kind)
			assert.Equal(t, emit.content, string(got.Content))
			assert.Equal(t, emit.failed, got.Failure.Name)
		}
		require.NoError(t, outside.Close())
	}
}

func TestReceiveRefusesWhatItCannotRead(t *testing.T) {
	queues := fake.InMemory()
	e := newEnvironment(t, queues)
	set := read(t, e, "CreateSecret")
	outside := queues.Sink()
	require.NoError(t, outside.Connect(t.Context()))
	defer outside.Close()
	for _, key := range []string{set.DataRoutingKey, set.ErrorRoutingKey} {
		require.NoError(t, outside.Publish(t.Context(), broker.Publication{
			Exchange: set.PublishMessagesTo, RoutingKey: key, Body: []byte("no ciphertext"),
			Properties: broker.Properties{Headers: map[string]any{"messageId": "m"}},
		}))
		_, err := e.Receive(t.Context())
		require.Error(t, err, key)
	}
}

func TestSendRefuses(t *testing.T) {
	e := newEnvironment(t, nil)
	_, err := e.Send(t.Context(), "CreateSecret", func() {}, 2, nil)
	require.Error(t, err, "no JSON")
	var returned *broker.ReturnedError
	_, err = e.Send(t.Context(), "Nothing", struct{}{}, 2, nil)
	require.ErrorAs(t, err, &returned)
}

func TestCloseTwice(t *testing.T) {
	e, err := fake.NewEnvironment(t.Context(), nil, functions)
	require.NoError(t, err)
	require.NoError(t, e.Close(t.Context()))
	require.NoError(t, e.Close(t.Context()))
	require.NoError(t, new(fake.Environment).Close(t.Context()))
}

// failing is a broker in memory of which one part fails.
type failing struct {
	*broker.Memory
	sink, declare, source bool
	admins                []*admin
}

var errTold = errors.New("as told")

func (f *failing) Admin() broker.Admin {
	a := &admin{MemoryAdmin: f.Memory.Admin(), fail: f.declare}
	f.admins = append(f.admins, a)
	return a
}

func (f *failing) Source(queue string, prefetch int) broker.Source {
	if f.source {
		f.Refuse(true)
	}
	return f.Memory.Source(queue, prefetch)
}

func (f *failing) Sink() broker.Sink {
	if f.sink {
		f.Refuse(true)
	}
	return f.Memory.Sink()
}

// admin declares half of what it shall before it fails.
type admin struct {
	*broker.MemoryAdmin
	fail     bool
	declared broker.Topology
}

func (a *admin) Declare(ctx context.Context, topology broker.Topology) error {
	a.declared = topology
	if !a.fail {
		return a.MemoryAdmin.Declare(ctx, topology)
	}
	topology.Queues = topology.Queues[:1]
	return errors.Join(a.MemoryAdmin.Declare(ctx, topology), errTold)
}

// TestNewEnvironmentFails: what was begun is ended. goleak sees to the
// servers.
func TestNewEnvironmentFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		queues failing
		want   error
		admins int
	}{
		{"broker away", failing{sink: true}, broker.ErrNotConnected, 0},
		{"not declared", failing{declare: true}, errTold, 1},
		{"output cannot be consumed", failing{source: true}, broker.ErrNotConnected, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.queues.Memory = broker.NewMemory()
			e, err := fake.NewEnvironment(t.Context(), &test.queues, functions)
			require.ErrorIs(t, err, test.want)
			assert.Nil(t, e)
			require.Len(t, test.queues.admins, test.admins)
			for _, a := range test.queues.admins {
				require.NotEmpty(t, a.declared.Queues)
				for _, queue := range a.declared.Queues {
					_, err := a.Count(t.Context(), queue.Name)
					assert.ErrorContains(t, err, "no such queue", queue.Name)
				}
			}
		})
	}
}

func TestNewEnvironmentIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, err := fake.NewEnvironment(ctx, nil, functions)
	require.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, e)
}

func TestNewEnvironmentWithoutRabbitMQ(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer mute.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := free.Addr().String()
	require.NoError(t, free.Close())

	var planted testkit.Planted
	password := "pl4nted-passw0rd"
	planted.Add("broker password", password)
	for _, test := range []struct {
		name, uri string
		is        error
	}{
		{"nobody listens", "amqp://user:" + password + "@" + nobody, broker.ErrNotConnected},
		{"no answer", "amqp://user:" + password + "@" + mute.Addr().String() + "?connection_timeout=50", broker.ErrNotConnected},
		{"no URI", "http://user:" + password + "@" + nobody, broker.ErrURI},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := fake.NewEnvironment(t.Context(), fake.OnRabbitMQ(component.NewSecret(test.uri), "test", nil), functions)
			require.ErrorIs(t, err, test.is)
			assert.Nil(t, e)
			planted.AssertAbsent(t, "the error", []byte(err.Error()))
			assert.NotContains(t, err.Error(), "\n", "one reason, told once")
		})
	}
}

func TestOnRabbitMQ(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	e := newEnvironment(t, fake.OnRabbitMQ(rabbit.URI, "test", nil))
	_, err := e.Send(t.Context(), "GetSecretValue", struct{}{}, 2, nil)
	require.NoError(t, err)
	inbox, exchange := e.Inbox("GetSecretValue"), e.Env("GetSecretValue")["ELASTICIO_PUBLISH_MESSAGES_TO"]
	admin := rabbit.Admin(t)
	count, err := admin.Count(t.Context(), inbox)
	require.NoError(t, err)
	assert.Equal(t, 1, count.Ready)

	require.NoError(t, e.Close(t.Context()))
	_, err = admin.Count(t.Context(), inbox)
	require.ErrorContains(t, err, "NOT_FOUND")
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: rabbit.URI})
	require.NoError(t, sink.Connect(t.Context()))
	defer sink.Close()
	require.Error(t, sink.Publish(t.Context(), broker.Publication{Exchange: exchange}), "the exchange is gone")
}
