package triggers

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/schemas"
)

const (
	arn        = `"ARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-Dtjje9"`
	name       = `"Name":"shop/database"`
	at         = `"2030-01-31T12:00:00.000Z"`
	newVersion = "8b2e9d04-71c5-4f3a-b6d8-2a90e7f5c316"
	oldVersion = "3f1a7c52-0b64-4d8e-9a27-c5e8d1b06f43"
)

func TestSecretEvent(t *testing.T) {
	tests := []struct{ file, want string }{
		{"CreateSecret", arn + `,` + name + `,"Change":"created","CreatedDate":` + at},
		{"PutSecretValue", arn + `,` + name + `,"Change":"value","VersionId":"` + newVersion + `"`},
		{"PutSecretValue.staged", arn + `,` + name + `,"Change":"metadata","VersionId":"` + newVersion + `"`},
		{"UpdateSecret.description", arn + `,` + name + `,"Change":"metadata"`},
		{"UpdateSecret.value", arn + `,` + name + `,"Change":"value","VersionId":"` + newVersion + `"`},
		{"UpdateSecretVersionStage", arn + `,` + name + `,"Change":"value","VersionId":"` + newVersion + `","PreviousVersionId":"` + oldVersion + `"`},
		{"DeleteSecret", arn + `,` + name + `,"Change":"deletion","DeletedDate":` + at},
		{"RestoreSecret", arn + `,` + name + `,"Change":"restored"`},
		{"TagResource", strings.Replace(arn, "-Dtjje9", "", 1) + `,"Change":"metadata"`},
		{"RotateSecret", arn + `,` + name + `,"Change":"metadata","VersionId":"` + newVersion + `"`},
		{"RotationSucceeded", arn + `,` + name + `,"Change":"rotationSucceeded"`},
		{"RotationFailed", arn + `,` + name + `,"Change":"rotationFailed","Reason":"Error when executing lambda arn:aws:lambda:eu-central-1:123456789012:function:rotate during createSecret step"`},
		{"SecretLabelUpdated", arn + `,` + name + `,"Change":"value","VersionId":"` + newVersion + `"`},
	}
	in, out, err := schemas.Load("secretEvent")
	require.NoError(t, err)
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			text := readEvent(t, tt.file)
			_, err := in.Check(text)
			require.NoError(t, err)
			sent := new(emitter)
			require.NoError(t, handleEvent(t, text, sent))
			event := strings.ReplaceAll(strings.Split(tt.file, ".")[0], "SecretLabelUpdated", labelUpdated)
			require.Len(t, sent.bodies, 1)
			assert.JSONEq(t, `{`+tt.want+`,"EventName":"`+event+`","LastChangedDate":`+at+`}`, sent.bodies[0])
			_, err = out.Check(json.RawMessage(sent.bodies[0]))
			require.NoError(t, err)
			assert.Regexp(t, `^30000000-0000-4000-8000-0000000000\d\d$`, sent.ids[0], "the id of the event is the message's")
		})
	}
}

func TestSecretEventOfAFailedCall(t *testing.T) {
	out := new(emitter)
	require.NoError(t, handleEvent(t, readEvent(t, "PutSecretValue.denied"), out))
	assert.Empty(t, out.bodies)
}

// What is not understood is an error that repeats nothing but the name of an event.
func TestSecretEventNotUnderstood(t *testing.T) {
	const planted = "planted secret 7"
	const noEvent = "the body is no event of Amazon EventBridge: it lacks source, detail-type, or in detail an eventSource"
	put := string(readEvent(t, "PutSecretValue"))
	change := func(old, to string) string {
		require.Contains(t, put, old)
		return strings.ReplaceAll(put, old, to)
	}
	tests := []struct{ name, body, want string }{
		{"a read", string(readEvent(t, "GetSecretValue")), "this is GetSecretValue"},
		{"another event of the service", string(readEvent(t, "RotationStarted")), "this is RotationStarted"},
		{"another service", change(`"secretsmanager.amazonaws.com"`, `"kms.amazonaws.com"`), "this is an event of another source"},
		{"another sender", change("aws.secretsmanager", planted), "this is an event of another source"},
		{"a name that is none", change("PutSecretValue", planted), "this is an event without a name"},
		{"null", "null", noEvent},
		{"no event", `{"hello":"` + planted + `"}`, noEvent},
		{"no detail", `{"source":"aws.secretsmanager","detail-type":"AWS API Call via CloudTrail"}`, noEvent},
		{"CloudTrail's record alone", `{"eventSource":"secretsmanager.amazonaws.com","eventName":"PutSecretValue"}`, noEvent},
		{"a test event", `{"source":"my.test","detail-type":"test","detail":{}}`, "this is an event of another source"},
		{"a text", `"` + planted + `"`, "this is a body of another form"},
		{"nothing", "", "this is a body of another form"},
		{"a wrong type", change(`"shop/database"`, `["`+planted+`"]`), "this is a body of another form"},
		{"no time", change("2030-01-31T12:00:00Z", planted), "the event PutSecretValue has no time in ISO 8601"},
		{"no secret", strings.ReplaceAll(change("shop/database", planted), "arn:aws:secretsmanager", planted), "the event PutSecretValue names no secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := new(emitter)
			err := handleEvent(t, json.RawMessage(tt.body), out)
			assert.Empty(t, out.bodies)
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), planted)
			var failure *component.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, component.InvalidInput, failure.Name)
		})
	}
	err := handleEvent(t, json.RawMessage(`{"source":"my.test","detail-type":"test"}`), new(emitter))
	for event := range understood {
		assert.ErrorContains(t, err, event)
	}
}

// CloudTrail shows no values; if it did, nothing of them would come through.
func TestSecretEventShowsNoValue(t *testing.T) {
	const planted = "planted secret 7"
	body := strings.Replace(string(readEvent(t, "PutSecretValue")), `"requestParameters": {`,
		`"requestParameters": {"secretString": "`+planted+`", "secretBinary": "`+planted+`",`, 1)
	out := new(emitter)
	log := handleEventLogged(t, json.RawMessage(body), out)
	require.Len(t, out.bodies, 1)
	assert.NotContains(t, out.bodies[0]+log, planted)
}

func TestSecretEventExample(t *testing.T) {
	out := new(emitter)
	require.NoError(t, handleEvent(t, exampleOf(t, "secretEvent.in"), out))
	require.Len(t, out.bodies, 1)
	assert.JSONEq(t, string(exampleOf(t, "secretEvent.out")), out.bodies[0])
}

func FuzzSecretEvent(f *testing.F) {
	files, err := os.ReadDir("testdata/events")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile("testdata/events/" + file.Name())
		require.NoError(f, err)
		f.Add(text)
	}
	_, schema, err := schemas.Load("secretEvent")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		out := new(emitter)
		if err := handleEvent(t, body, out); err != nil {
			assert.Empty(t, out.bodies)
			assert.Less(t, len(err.Error()), 1000)
			return
		}
		for _, body := range out.bodies {
			_, err := schema.Check(json.RawMessage(body))
			require.NoError(t, err)
		}
	})
}

func readEvent(t *testing.T, name string) json.RawMessage {
	t.Helper()
	text, err := os.ReadFile("testdata/events/" + name + ".json")
	require.NoError(t, err)
	return text
}

func handleEvent(t *testing.T, body json.RawMessage, out *emitter) error {
	t.Helper()
	request := component.Request{Message: component.NewMessage(body), Log: slog.New(slog.DiscardHandler)}
	return newHandler(t, "secretEvent").Handle(t.Context(), request, out)
}

func handleEventLogged(t *testing.T, body json.RawMessage, out *emitter) (log string) {
	t.Helper()
	var lines bytes.Buffer
	request := component.Request{
		Message: component.NewMessage(body), Log: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	require.NoError(t, newHandler(t, "secretEvent").Handle(t.Context(), request, out))
	return lines.String()
}
