//go:build interop

package interop

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place is where a difference shows: "scenario/input", or the scenario alone
// for what its container does as a whole.
type place struct {
	where string
	difference
}

// row is a difference that is meant, because the reference is at fault, with the
// places where it shows.
type row struct {
	what   string
	why    string // what a user of the reference suffers
	places []place
}

// expectation is the table of differences, by place.
type expectation map[string][]difference

// newExpectation finds that all places of the table are among the scenarios.
func newExpectation(t *testing.T, scenarios []scenario) expectation {
	t.Helper()
	var places []string
	add := func(place string) {
		assert.NotContains(t, places, place, "a name twice")
		places = append(places, place)
	}
	for _, sc := range scenarios {
		add(sc.name)
		for _, in := range sc.inputs {
			add(sc.name + "/" + in.name)
		}
	}
	e := expectation{}
	for _, r := range meant() {
		for _, p := range r.places {
			assert.Contains(t, places, p.where, "there is no such input")
			e[p.where] = append(e[p.where], p.difference)
		}
	}
	return e
}

// compare finds that two records differ where the table says so, and nowhere
// else.
func (e expectation) compare(t *testing.T, where string, of, against record) {
	t.Helper()
	found := differences(t, of, against)
	for _, d := range found {
		if !slices.Contains(e[where], d) {
			t.Errorf("not in the table:\n{%q, difference{%q, `%s`, `%s`}},", where, d.at, d.reference, d.ours)
		}
	}
	for _, d := range e[where] {
		if !slices.Contains(found, d) {
			t.Errorf("in the table, but does not show:\n{%q, difference{%q, `%s`, `%s`}},", where, d.at, d.reference, d.ours)
		}
	}
}

// TestDocumented holds the table of docs/interop.md against the one here.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/interop.md")
	require.NoError(t, err)
	var rows []string
	for _, r := range meant() {
		rows = append(rows, fmt.Sprintf("| %s | %s |", r.what, r.why))
	}
	_, table, found := strings.Cut(string(page), "| --- | --- |\n")
	require.True(t, found, "no table")
	table, _, _ = strings.Cut(table, "\n\n")
	assert.Equal(t, rows, strings.Split(strings.TrimSpace(table), "\n"))
}

func meant() []row {
	const first, second, third = `"UUID 1"`, `"UUID 2"`, `"UUID 3"`
	const acked, rejected, none = `"acked"`, `"rejected"`, ``
	return []row{
		{
			"a message without messageId is settled like any other",
			"at prefetch 1, one such message keeps the step from taking another, for good",
			[]place{
				{"no messageId/echo", difference{"error[0]", `{"error":{"message":"Message with ID undefined not found in messagesDB","name":"AssertionError","stack":"text"},"errorInput":` + fullJSON + `}`, none}},
				{"no messageId", difference{"exit", `-1`, `0`}},
				{"no messageId", difference{"unsettled", `1`, `0`}},
			},
		},
		{
			"of a message delivered twice at once, both deliveries are settled",
			"the first one stays unacknowledged, takes a place of the prefetch and runs again in the next container",
			[]place{
				{"twice at once", difference{"exit", `-1`, `0`}},
				{"twice at once", difference{"unsettled", `1`, `0`}},
			},
		},
		{
			"the end is never held up by a message that failed before its function ran",
			"a container that does not end is killed, and what it has in work then runs twice",
			[]place{
				{"odd passthrough", difference{"exit", `-1`, `0`}},
				{"reference to nothing", difference{"exit", `-1`, `0`}},
				{"reference to nothing in passthrough", difference{"exit", `-1`, `0`}},
			},
		},
		{
			"what no queue takes is an error emit, and its input is rejected",
			"the result is lost without a word, and the input acknowledged",
			[]place{
				{"what is emitted/unroutable", difference{"error[0]", none, unroutable(`{"data":{"body":{},"headers":{"x-eio-routing-key":"nowhere"}}}`)}},
				{"what is emitted/unroutable", difference{"settled", acked, rejected}},
				{"what is emitted/httpReply to nowhere", difference{"error[0]", none, unroutable(`{"httpReply":{"body":{},"headers":{}}}`)}},
				{"what is emitted/httpReply to nowhere", difference{"settled", acked, rejected}},
				{"keys that lead nowhere/snapshot", difference{"reply[0]", none, `{"message":` + isUnroutable + `,"name":"Unroutable","stack":"text"}`}},
				{"keys that lead nowhere/snapshot", difference{"settled", acked, rejected}},
				{"keys that lead nowhere/rebound", difference{"settled", acked, rejected}},
			},
		},
		{
			"API_REQUEST_RETRY_ATTEMPTS counts for the step request",
			"an operator sets it, and nothing changes",
			[]place{
				{"platform fails, two tries", difference{"requests[2]", `{"authorized":true,"method":"GET","path":"/v1/tasks/flow/steps/step"}`, none}},
			},
		},
		{
			"each emit has a messageId of its own, the same wherever it is made again",
			"the next step takes emits under one id for one message: above prefetch 1 it loses all but one, and never settles them",
			[]place{
				{"what is emitted/data twice", difference{"data[1].headers.messageId", first, second}},
				{"what is emitted/errors", difference{"error[1].headers.messageId", first, second}},
				{"what is emitted/error and data", difference{"data[1].headers.messageId", first, second}},
				{"what is emitted/error and data", difference{"error[0].headers.messageId", first, third}},
				{"what is emitted/failure after data", difference{"error[0].headers.messageId", first, second}},
				{"what is emitted/failure after an error", difference{"error[1].headers.messageId", first, second}},
				{"what is emitted/httpReply and data", difference{"reply[0].headers.messageId", first, second}},
				{"what is emitted/snapshot and data", difference{"snapshot[0].headers.messageId", first, second}},
				{"PROTOCOL_VERSION=2/snapshot", difference{"snapshot[1].headers.messageId", first, second}},
				{"AMQP_PERSISTENT_MESSAGES/snapshot", difference{"snapshot[1].headers.messageId", first, second}},
				{"NO_ERROR_REPLIES/snapshot", difference{"snapshot[1].headers.messageId", first, second}},
				{"ADDITIONAL_VARS_FOR_HEADERS/snapshot", difference{"snapshot[1].headers.messageId", first, second}},
				{"OUTGOING_MESSAGE_SIZE_LIMIT/large data between small", difference{"error[0].headers.messageId", first, second}},
				{"no snapshot/updateSnapshot", difference{"snapshot[0].headers.messageId", first, second}},
			},
		},
		{
			"what is not a message is an error emit that names the rule",
			"the function runs on something that is no message, or only the log tells, and the sender looks for the fault elsewhere",
			[]place{
				{"what is no message/text", difference{"error[0]", none, noObject("message", "a string", `"text"`)}},
				{"what is no message/true", difference{"error[0]", none, noObject("message", "true or false", `true`)}},
				{"what is no message/list", difference{"error[0]", none, noObject("message", "a list", `[1]`)}},
				{"what is no message/list", difference{"data[0]", echoed(`[1]`), none}},
				{"what is no message/list", difference{"settled", acked, rejected}},
				{"what comes in/headers is a list", difference{"error[0]", none, noObject("headers", "a list", `{"body":{},"headers":["a"]}`)}},
				{"what comes in/headers is a list", difference{"data[0]", echoed(`{"body":{},"headers":["a"]}`), none}},
				{"what comes in/headers is a list", difference{"settled", acked, rejected}},
				{"what comes in/headers is a text", difference{"error[0]", none, noObject("headers", "a string", `{"body":{},"headers":"a"}`)}},
				{"what comes in/headers is a text", difference{"data[0]", echoed(`{"body":{},"headers":"a"}`), none}},
				{"what comes in/headers is a text", difference{"settled", acked, rejected}},
				{"odd passthrough/text", difference{"error[0].body.error.message", `"Cannot create property 'body' on string 'a'"`, `"passthrough: must be an object (given: a string)"`}},
				{"odd passthrough/text", difference{"error[0].body.error.name", `"TypeError"`, `"InvalidInput"`}},
				{"odd passthrough/null entry", difference{"error[0].body.error.message", `"Cannot destructure property 'body' of 'message' as it is null."`, `"entry in passthrough: must be an object (given: null)"`}},
				{"odd passthrough/null entry", difference{"error[0].body.error.name", `"TypeError"`, `"InvalidInput"`}},
				{"odd passthrough/list as entry", difference{"error[0]", none, noObject("entry in passthrough", "a list", `{"body":{},"passthrough":{"before":[]}}`)}},
				{"odd passthrough/list as entry", difference{"data[0]", echoed(`{"body":{},"headers":{},"passthrough":{"before":[]}}`), none}},
				{"odd passthrough/list as entry", difference{"settled", acked, rejected}},
				{"INPUT_FORMAT=error/text", difference{"error[0]", none, noObject("message", "a string", `"\"a\""`)}},
				{"INPUT_FORMAT=error/text", difference{"data[0]", echoed(`{"body":"a","headers":{"messageId":"id of text","threadId":"thread"}}`), none}},
				{"INPUT_FORMAT=error/text", difference{"settled", acked, rejected}},
				{"INPUT_FORMAT=error/number", difference{"error[0]", none, noObject("message", "a number", `"5"`)}},
				{"INPUT_FORMAT=error/number", difference{"data[0]", echoed(`{"body":5,"headers":{"messageId":"id of number","threadId":"thread"}}`), none}},
				{"INPUT_FORMAT=error/number", difference{"settled", acked, rejected}},
				{"INPUT_FORMAT=error/list", difference{"error[0]", none, noObject("message", "a list", `"[]"`)}},
				{"INPUT_FORMAT=error/list", difference{"data[0]", echoed(`{"body":[],"headers":{"messageId":"id of list","threadId":"thread"}}`), none}},
				{"INPUT_FORMAT=error/list", difference{"settled", acked, rejected}},
			},
		},
		{
			"with EMIT_LIGHTWEIGHT_MESSAGE, too, a message without a body is sent",
			"a message that passes without that setting is lost with it",
			[]place{
				{"EMIT_LIGHTWEIGHT_MESSAGE/no body", difference{"data[0]", none, `{"headers":{"h":1}}`}},
				{"EMIT_LIGHTWEIGHT_MESSAGE/no body", difference{"error[0]", failsWithoutBody(`{"body":{"do":[{"data":{"headers":{"h":1}}}]}}`), none}},
				{"EMIT_LIGHTWEIGHT_MESSAGE/no body", difference{"settled", rejected, acked}},
				{"EMIT_LIGHTWEIGHT_MESSAGE, passthrough/no body", difference{"data[0]", none, `{"headers":{"h":1},"passthrough":{"step":{"headers":{"h":1}}}}`}},
				{"EMIT_LIGHTWEIGHT_MESSAGE, passthrough/no body", difference{"error[0]", failsWithoutBody(`{"body":{"do":[{"data":{"headers":{"h":1}}}]}}`), none}},
				{"EMIT_LIGHTWEIGHT_MESSAGE, passthrough/no body", difference{"settled", rejected, acked}},
				{"EMIT_LIGHTWEIGHT_MESSAGE, passthrough/no body in passthrough", difference{"data[0]", none, `{"body":` + bodyless + `,"headers":{},"passthrough":{"before":{"headers":{"h":1}},"step":{"body":` + bodyless + `,"headers":{}}}}`}},
				{"EMIT_LIGHTWEIGHT_MESSAGE, passthrough/no body in passthrough", difference{"error[0]", failsWithoutBody(`{"body":1,"passthrough":{"before":{"headers":{"h":1}}}}`), none}},
				{"EMIT_LIGHTWEIGHT_MESSAGE, passthrough/no body in passthrough", difference{"settled", rejected, acked}},
			},
		},
		{
			"startup data that replace others are those of the first try",
			"when the hook returns nothing, the first try carries {} and the second nothing at all, so the shutdown hook may get no object",
			[]place{
				{"startup without a result, 409", difference{"requests[4].body", none, `{}`}},
				{"startup without a result, 409", difference{"requests[4].contentType", none, `"application/json"`}},
			},
		},
		{
			"numbers in a body keep all their digits",
			"a number of more than 15 digits, such as an id, arrives as another one",
			[]place{
				{"what comes in/large number", difference{"data[0].body.body.message.body", `12345678901234567000`, `12345678901234567890`}},
			},
		},
		{
			"updateSnapshot with what cannot be merged is an error",
			"nothing is stored, and only the log tells",
			[]place{
				{"what is emitted/updateSnapshot with $set", difference{"error[0]", none, `{"error":{"message":"$set is not supported: give the members to change","name":"Error","stack":"text"},"errorInput":{"body":{"do":[{"updateSnapshot":{"$set":{"a":1}}}]}}}`}},
				{"what is emitted/updateSnapshot with $set", difference{"settled", acked, rejected}},
				{"what is emitted/updateSnapshot with a text", difference{"error[0]", none, `{"error":{"message":"a snapshot must be a JSON object","name":"Error","stack":"text"},"errorInput":{"body":{"do":[{"updateSnapshot":"text"}]}}}`}},
				{"what is emitted/updateSnapshot with a text", difference{"settled", acked, rejected}},
			},
		},
		{
			"of a panic only the type is told",
			"its text may hold a secret, and everybody who may read the flow's errors reads it",
			[]place{
				{"what is emitted/panic", difference{"error[0].body.error.message", `"a panic"`, `"the function failed unexpectedly (panic of type string); please report it"`}},
				{"what is emitted/panic", difference{"error[0].body.error.name", `"TypeError"`, `"InternalError"`}},
			},
		},
		{
			"errors of the runtime say which request or hook failed and how",
			"what the platform answered is told instead: nobody knows what is in it, and it does not say what it answered",
			[]place{
				{"what is emitted/httpReply to nobody", difference{"error[0].body.error.message", `"Component emitted 'httpReply' event but 'reply_to' was not found in AMQP headers"`, `"an HTTP reply was emitted, but the message has no reply_to: nobody waits"`}},
				{"what is emitted/updateKeys refused", difference{"error[0].body.error.message", answered, `"update the account's keys: PUT /v1/accounts/account: the platform answered 403 Forbidden"`}},
				{"no snapshot/updateKeys", difference{"error[0].body.error.message", `"Missing value for parameter '{id}'. Please provide argument: 0"`, `"the step's configuration names no account"`}},
				{"step refused", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 401 Unauthorized"`}},
				{"step unknown", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 404 Not Found"`}},
				{"platform fails for good", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 500 Internal Server Error"`}},
				{"platform fails, two tries", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 500 Internal Server Error"`}},
				{"step is null", difference{"error[0].body.error.message", `"The expression evaluated to a falsy value:\n\n  assert(stepData)\n"`, `"fetch the step: GET /v1/tasks/flow/steps/step: the response is not a JSON object"`}},
				{"init fails", difference{"error[0].body.error.message", `"no init"`, `"init hook of hooked: no init"`}},
				{"startup, 409 again", difference{"error[0].body.error.message", `"as told"`, `"startup hook of hooked: create the startup data: POST /sailor-support/hooks/task/flow/startup/data: the platform answered 409 Conflict"`}},
				{"startup refused", difference{"error[0].body.error.message", `"as told"`, `"startup hook of hooked: create the startup data: POST /sailor-support/hooks/task/flow/startup/data: the platform answered 403 Forbidden"`}},
				{"startup fails", difference{"error[0].body.error.message", `"no startup"`, `"startup hook of hooked: no startup"`}},
			},
		},
	}
}

// answered is the text of a response of the fake platform.
const answered = `"{\"error\":\"as told\"}"`

// fullJSON is the message full in the form of a record.
const fullJSON = `{"attachments":{"f":{"url":"u"}},"body":{"a":[1,null,"ü\u003c\u0026\u003e\u2028"]},"headers":{"X":"y","n":1},"id":"own id","passthrough":{"before":{"body":{},"headers":{}}}}`

// echoed is the body of an echo.
func echoed(message string) string {
	return `{"body":{"message":` + message + `,"snapshot":{"was":"there"}},"headers":{}}`
}

// failsWithoutBody is the body of the reference's error about a message without
// one.
func failsWithoutBody(input string) string {
	return `{"error":{"message":"The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received undefined","name":"TypeError","stack":"text"},"errorInput":` + input + `}`
}

// bodyless is the body of an echo of a message with an entry without a body.
const bodyless = `{"message":{"body":1,"headers":{},"passthrough":{"before":{"headers":{"h":1}}}},"snapshot":{}}`

// noObject is the body of the error emit of an input with something in the place
// of an object.
func noObject(name, given, input string) string {
	return fmt.Sprintf(`{"error":{"message":"%s: must be an object (given: %s)","name":"InvalidInput","stack":"text"},"errorInput":%s}`, name, given, input)
}

// unroutable is the body of the error that an unroutable emit becomes.
func unroutable(deed string) string {
	return `{"error":{"message":` + isUnroutable + `,"name":"Unroutable","stack":"text"},"errorInput":{"body":{"do":[` + deed + `]}}}`
}

const isUnroutable = `"message is unroutable: exchange \"exchange\" has no queue for routing key \"nowhere\" (312 NO_ROUTE)"`
