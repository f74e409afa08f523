package demo

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
	"aws-secrets-manager-connector/schemas"
	"aws-secrets-manager-connector/triggers"
)

// watched is an output that calls seen once it holds a text.
type watched struct {
	testkit.Output
	text string
	seen func()
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Output.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.seen()
	}
	return n, err
}

// options have a log at level trace.
func options(t *testing.T, out, log io.Writer) Options {
	t.Helper()
	aws := awsapi.Options{AllowInsecureEndpoint: true}
	registry, err := component.NewRegistry(connector.Descriptor,
		append(triggers.Specs(time.Now, aws), actions.Specs(aws)...)...)
	require.NoError(t, err)
	return Options{
		Registry: registry, Schemas: schemas.Load, Out: out,
		Log: bunyan.New(log, bunyan.Options{Name: "sailor", Level: bunyan.LevelTrace}),
	}
}

// passwords are the secret values of the story.
var passwords = []string{"first-demo-password", "second-demo-password", "third-demo-password", "Zm91cnRo"}

func planted() *testkit.Planted {
	var p testkit.Planted
	for _, password := range passwords {
		p.Add(password, password)
	}
	return &p
}

func checkTrace(t *testing.T, trace string) {
	t.Helper()
	rest := trace
	for _, chapter := range story {
		_, after, found := strings.Cut(rest, "  "+chapter.title+"\n")
		require.True(t, found, "no chapter %q", chapter.title)
		text, _, _ := strings.Cut(after, "\n\n")
		rest = after

		kind, id := "data", `[0-9a-f]{8}`
		if chapter.wantError != "" {
			kind = "error"
			assert.Contains(t, text, "\n"+strings.Repeat(" ", bodyIndent)+chapter.wantError+"\n", chapter.title)
		}
		const clock = `\d\d:\d\d:\d\d\.\d{3}`
		in := regexp.MustCompile(`(?m)^ +` + clock + ` → ` + chapter.function + ` +in +[12] +(` + id + `)$`).FindStringSubmatch(text)
		out := regexp.MustCompile(`(?m)^ +` + clock + ` ← ` + chapter.function + ` +` + kind + ` +2? +` + id + ` +(` + id + `) +\d+\.\d ms$`).FindStringSubmatch(text)
		if assert.NotNil(t, in, "%s: no message in", chapter.title) && assert.NotNil(t, out, "%s: no message out", chapter.title) {
			assert.Equal(t, in[1], out[1], "%s: parentMessageId", chapter.title)
		}
	}
	for line := range strings.Lines(trace) {
		assert.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), 110, line)
	}
	assert.NotContains(t, trace, "\x1b")
}

func TestStory(t *testing.T) {
	var out, log testkit.Output
	require.NoError(t, Run(t.Context(), options(t, &out, &log)))

	trace := out.String()
	checkTrace(t, trace)
	assert.Contains(t, trace, "a broker in memory")
	assert.Contains(t, trace, `"SecretString": "***"`)
	assert.Contains(t, trace, "20 messages in, 20 out, 36 AWS calls")
	// The bad message did not come to AWS: there is one call of its operation beside those of two rotations.
	assert.Contains(t, trace, "PutSecretValue 3,")
	assert.Contains(t, log.String(), `"level":20`, "the log tells details")
	planted().AssertAbsent(t, "the trace", []byte(trace))
	planted().AssertAbsent(t, "the log", []byte(log.String()))
	assert.Contains(t, withoutTimes(trace), withoutTimes(sampleInReadme(t)), "the README shows something else")
}

// sampleInReadme is what the README shows of the story.
func sampleInReadme(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(readme), "```text\n")
	sample, _, found := strings.Cut(rest, "```")
	require.True(t, found, "the README has no sample")
	return sample
}

// withoutTimes is a trace without what differs from run to run: times, ids, durations.
func withoutTimes(trace string) string {
	return regexp.MustCompile(`\d\d:\d\d:\d\d\.\d{3}|\b[0-9a-f]{8}\b| +\d+\.\d ms`).ReplaceAllString(trace, "")
}

// TestStoryIsComplete: what a newcomer has to see is there, in this order.
func TestStoryIsComplete(t *testing.T) {
	want := []string{
		"CreateSecret", "GetSecretValue", "PutSecretValue", "GetSecretValue", "ListSecrets",
		"BeginRotation", "Conflict", "GetSecretValue", "FinishRotation", "BeginRotation", "AbortRotation", "RotateSecret",
		"DeleteSecret", "RestoreSecret", "InvalidInput",
	}
	for _, chapter := range story {
		if len(want) > 0 && (chapter.function == want[0] || chapter.wantError == want[0]) {
			want = want[1:]
		}
	}
	assert.Empty(t, want, "missing in the story")
}

func TestShowSecretsAndColours(t *testing.T) {
	var out, log testkit.Output
	o := options(t, &out, &log)
	o.Style.ShowSecrets, o.Style.Colour = true, true
	require.NoError(t, Run(t.Context(), o))
	for _, password := range passwords {
		assert.Contains(t, out.String(), password, "it was sent, so hiding it is what the other tests see")
	}
	made := regexp.MustCompile(`password\W+(\w{32})\W`).FindStringSubmatch(out.String())
	require.NotNil(t, made, "no password was made")
	assert.NotContains(t, log.String(), made[1])
	assert.Contains(t, out.String(), "\x1b[31mInvalidInput\x1b[0m")
	assert.Contains(t, out.String(), "secrets are shown")
	planted().AssertAbsent(t, "the log", []byte(log.String()))
}

// exchangeOf finds the name that this demo's things have on the broker.
var exchangeOf = regexp.MustCompile(`demo-[0-9a-f]{8}`)

func TestStoryOnRabbitMQ(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	var out, log testkit.Output
	o := options(t, &out, &log)
	o.AMQPURI = rabbit.URI
	require.NoError(t, Run(t.Context(), o))
	checkTrace(t, out.String())
	assert.Contains(t, out.String(), "the RabbitMQ of AMQP_URI")
	planted().AssertAbsent(t, "the trace", []byte(out.String()))
	planted().AssertAbsent(t, "the log", []byte(log.String()))
	assertGone(t, rabbit, log.String(), o.Registry.Names())
}

func TestCancelledOnRabbitMQ(t *testing.T) {
	rabbit := testkit.RabbitMQ(t)
	ctx, cancel := context.WithCancel(t.Context())
	out, log := watched{text: story[4].title, seen: cancel}, testkit.Output{}
	o := options(t, &out, &log)
	o.AMQPURI = rabbit.URI
	require.ErrorIs(t, Run(ctx, o), context.Canceled)
	assertGone(t, rabbit, log.String(), o.Registry.Names())
}

// assertGone finds neither queues nor the exchange of the demo that logged.
func assertGone(t *testing.T, rabbit *testkit.Rabbit, log string, functions []string) {
	t.Helper()
	name := exchangeOf.FindString(log)
	require.NotEmpty(t, name, "the log does not name the queue")
	admin := rabbit.Admin(t)
	queues := []string{name + ".output"}
	for _, function := range functions {
		queues = append(queues, name+"."+function+".in")
	}
	for _, queue := range queues {
		_, err := admin.Count(t.Context(), queue)
		assert.ErrorContains(t, err, "NOT_FOUND", queue)
	}
	sink := broker.NewAMQPSink(broker.AMQPOptions{URI: rabbit.URI})
	require.NoError(t, sink.Connect(t.Context()))
	defer sink.Close()
	assert.Error(t, sink.Publish(t.Context(), broker.Publication{Exchange: name}), "the exchange is still there")
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, log := watched{text: story[4].title, seen: cancel}, testkit.Output{}
	require.ErrorIs(t, Run(ctx, options(t, &out, &log)), context.Canceled)
	assert.NotContains(t, out.String(), story[5].title)
}

func TestBrokerAway(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())

	var out, log testkit.Output
	o := options(t, &out, &log)
	password := "pl4nted-passw0rd"
	o.AMQPURI = component.NewSecret("amqp://user:" + password + "@" + address)
	err = Run(t.Context(), o)
	require.ErrorContains(t, err, "not connected to the broker: dial tcp "+address)
	var p testkit.Planted
	p.Add("broker password", password)
	for name, text := range map[string]string{"error": err.Error(), "trace": out.String(), "log": log.String()} {
		p.AssertAbsent(t, name, []byte(text))
	}
}

// TestWrongOutputs: a story that expects something else does not pass.
func TestWrongOutputs(t *testing.T) {
	create, read := story[1], story[2]
	require.Equal(t, "CreateSecret", create.function)
	for _, test := range []struct {
		name string
		bend func(create, read *chapter)
		want string
	}{
		{"an error instead of data", func(_, read *chapter) { read.wantError = "InvalidInput" }, "chapter 2, read it: wanted error InvalidInput, got data"},
		{
			"data instead of an error",
			func(_, read *chapter) { read.body = fixed(map[string]any{"SecretId": "nowhere"}) },
			"chapter 2, read it: wanted data, got error ResourceNotFoundException",
		},
		{
			"another error",
			func(_, read *chapter) { read.wantError, read.body = "InvalidRequestException", fixed(nil) },
			"chapter 2, read it: wanted error InvalidRequestException, got error InvalidInput",
		},
		{
			"another version",
			func(_, read *chapter) { read.want = map[string]string{"VersionId": "ARN of the secret"} },
			"VersionId is not the ARN of the secret",
		},
		{
			"nothing to remember",
			func(create, _ *chapter) { create.remember = map[string]string{"Colour": "colour"} },
			"chapter 1, create a secret: output has no Colour",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			create, read := create, read
			test.bend(&create, &read)
			var out, log testkit.Output
			err := options(t, &out, &log).run(t.Context(), []chapter{create, read})
			require.ErrorContains(t, err, test.want)
			planted().AssertAbsent(t, "the error", []byte(err.Error()))
		})
	}
}

func TestCheck(t *testing.T) {
	sent := fake.Sent{Headers: map[string]any{"messageId": "m"}}
	output := func(function, parent, kind, content string) fake.Received {
		return fake.Received{
			Function: function, Kind: kind, Content: json.RawMessage(content),
			Delivery: broker.Delivery{Properties: broker.Properties{Headers: map[string]any{"parentMessageId": parent}}},
		}
	}
	for _, test := range []struct {
		name string
		got  fake.Received
		want string
	}{
		{"right", output("Get", "m", "data", `{"A":"a"}`), ""},
		{"of another function", output("Put", "m", "data", `{"A":"a"}`), "the output of Put belongs to another message"},
		{"to another message", output("Get", "n", "data", `{"A":"a"}`), "the output of Get belongs to another message"},
		{"a rebound", output("Get", "m", "rebound", ``), "wanted data, got rebound"},
		{"no object", output("Get", "m", "data", `[]`), "output is not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			known := remembered{}
			err := chapter{function: "Get", remember: map[string]string{"A": "first"}}.check(sent, test.got, known)
			if test.want != "" {
				require.EqualError(t, err, test.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, remembered{"first": "a", messageID: "m"}, known)
		})
	}
}

func TestWithoutAStep(t *testing.T) {
	var out, log testkit.Output
	o := options(t, &out, &log)
	o.Log = slog.New(slog.DiscardHandler)
	err := o.run(t.Context(), []chapter{{title: "none", function: "Nothing", protocol: 2, body: fixed(nil)}})
	require.ErrorContains(t, err, "chapter 1, none: ")
}
