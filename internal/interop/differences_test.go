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

// row is a difference that is meant, with the places where it shows.
type row struct {
	kind     string
	what     string
	sections string // of the sailor contract, where it is said
	places   []place
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

// The kinds of rows.
const (
	better   = "better"   // the reference is at fault
	contract = "contract" // the contract says so, and the reference does otherwise
	beside   = "beside"   // the contract leaves it open
)

// TestDocumented holds the table of docs/interop.md against the one here.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/interop.md")
	require.NoError(t, err)
	var rows []string
	for _, r := range meant() {
		rows = append(rows, fmt.Sprintf("| %s | %s |", r.kind, r.what))
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
		{better, "a message without messageId is settled like any other", "4, 10.2", []place{
			{"no messageId/echo", difference{"error[0]", `{"error":{"message":"Message with ID undefined not found in messagesDB","name":"AssertionError","stack":"text"},"errorInput":` + fullJSON + `}`, none}},
			{"no messageId", difference{"exit", `-1`, `0`}},
			{"no messageId", difference{"unsettled", `1`, `0`}},
		}},
		{better, "of a message delivered twice at once, both deliveries are settled", "10.7", []place{
			{"twice at once", difference{"exit", `-1`, `0`}},
			{"twice at once", difference{"unsettled", `1`, `0`}},
		}},
		{better, "the end is never held up by a message that failed before its function ran", "10.3", []place{
			{"odd passthrough", difference{"exit", `-1`, `0`}},
			{"reference to nothing", difference{"exit", `-1`, `0`}},
			{"reference to nothing in passthrough", difference{"exit", `-1`, `0`}},
		}},
		{better, "what no queue takes is an error emit, and its input is rejected", "5, 10.8", []place{
			{"what is emitted/unroutable", difference{"error[0]", none, unroutable(`{"data":{"body":{},"headers":{"x-eio-routing-key":"nowhere"}}}`)}},
			{"what is emitted/unroutable", difference{"settled", acked, rejected}},
			{"what is emitted/httpReply to nowhere", difference{"error[0]", none, unroutable(`{"httpReply":{"body":{},"headers":{}}}`)}},
			{"what is emitted/httpReply to nowhere", difference{"settled", acked, rejected}},
			{"keys that lead nowhere/snapshot", difference{"reply[0]", none, `{"message":` + isUnroutable + `,"name":"Unroutable","stack":"text"}`}},
			{"keys that lead nowhere/snapshot", difference{"settled", acked, rejected}},
			{"keys that lead nowhere/rebound", difference{"settled", acked, rejected}},
		}},
		{better, "API_REQUEST_RETRY_ATTEMPTS counts for the step request", "10.9", []place{
			{"platform fails, two tries", difference{"requests[2]", `{"authorized":true,"method":"GET","path":"/v1/tasks/flow/steps/step"}`, none}},
		}},

		{contract, "each emit has a messageId of its own; the reference gives all of one input the same", "5", []place{
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
		}},
		{contract, "every error emit has the header end, the one past the rebound limit, too", "5", []place{
			{"rebounds/iteration 20", difference{"error[0].headers.end", none, `"ms"`}},
			{"rebounds/iteration 20, with a reply", difference{"error[0].headers.end", none, `"ms"`}},
			{"rebounds/iteration 20, with a reply", difference{"reply[0].headers.end", none, `"ms"`}},
			{"REBOUND_LIMIT/third", difference{"error[0].headers.end", none, `"ms"`}},
		}},
		{contract, "a message is an object, and so are its headers and passthrough; others are rejected unread", "4", []place{
			{"what is no message/list", difference{"data[0]", echoed(`[1]`), none}},
			{"what is no message/list", difference{"settled", acked, rejected}},
			{"what comes in/headers is a list", difference{"data[0]", echoed(`{"body":{},"headers":["a"]}`), none}},
			{"what comes in/headers is a list", difference{"settled", acked, rejected}},
			{"what comes in/headers is a text", difference{"data[0]", echoed(`{"body":{},"headers":"a"}`), none}},
			{"what comes in/headers is a text", difference{"settled", acked, rejected}},
			{"odd passthrough/text", difference{"error[0]", `{"error":{"message":"Cannot create property 'body' on string 'a'","name":"TypeError","stack":"text"},"errorInput":{"body":{},"passthrough":"a"}}`, none}},
			{"INPUT_FORMAT=error/list", difference{"data[0]", echoed(`{"body":[],"headers":{"messageId":"id of list","threadId":"thread"}}`), none}},
			{"INPUT_FORMAT=error/list", difference{"settled", acked, rejected}},
		}},
		{contract, "a message has the members that the contract names: others, and null for id or passthrough, are left out", "4", []place{
			{"what comes in/other members", difference{"data[0].body.body.message.other", `1`, none}},
			{"what comes in/null members", difference{"data[0].body.body.message.id", `null`, none}},
			{"what comes in/null members", difference{"data[0].body.body.message.passthrough", `null`, none}},
			{"what comes in/other case", difference{"data[0].body.body.message.BODY", `2`, none}},
			{"what comes in/other case", difference{"data[0].body.body.message.Body", `1`, none}},
			{"what comes in/other case", difference{"data[0].body.body.message.Headers", `{"a":"b"}`, none}},
			{"what is emitted/data with other members", difference{"data[0].body.other", `1`, none}},
		}},
		{contract, "a message always has a body: null where it is absent", "4", []place{
			{"what comes in/empty object", difference{"data[0].body.body.message.body", none, `null`}},
			{"what comes in/other case", difference{"data[0].body.body.message.body", none, `null`}},
			{"what is emitted/data without members", difference{"data[0].body.body", none, `null`}},
		}},
		{contract, "a step that passes nothing through sends no passthrough, not even one that its function made", "6", []place{
			{"what is emitted/data with passthrough", difference{"data[0].body.passthrough", `{"s":{"body":{"a":1},"headers":{}}}`, none}},
			{"passthrough off/of its own", difference{"data[0].body.passthrough", `{"own":{"body":1}}`, none}},
			{"passthrough off, as text/of its own", difference{"data[0].body.passthrough", `{"own":{"body":1}}`, none}},
		}},
		{contract, "startup data are {} when the hook returns nothing, also when they replace others", "3", []place{
			{"startup without a result, 409", difference{"requests[4].body", none, `{}`}},
			{"startup without a result, 409", difference{"requests[4].contentType", none, `"application/json"`}},
		}},

		{beside, "ids, thread and reply_to are texts", "4", []place{
			{"what comes in/threadId is a number", difference{"data[0].headers.threadId", `7`, `"7"`}},
			{"what comes in/messageId is a number", difference{"data[0].headers.parentMessageId", `7`, `"7"`}},
			{"what comes in/reply_to is a number", difference{"data[0].body.body.message.headers.reply_to", `7`, `"7"`}},
			{"what comes in/reply_to is a number", difference{"data[0].headers.reply_to", `7`, `"7"`}},
			{"what comes in/id is a number", difference{"data[0].body.body.message.id", `5`, `"5"`}},
		}},
		{beside, "numbers keep all their digits", "4", []place{
			{"what comes in/large number", difference{"data[0].body.body.message.body", `12345678901234567000`, `12345678901234567890`}},
		}},
		{beside, "an empty passthrough is left out", "6", []place{
			{"passthrough, NO_SELF_PASSTRHOUGH/none came", difference{"data[0].body.passthrough", `{}`, none}},
			{"passthrough, NO_SELF_PASSTRHOUGH/twice", difference{"data[0].body.passthrough", `{}`, none}},
			{"passthrough, NO_SELF_PASSTRHOUGH/twice", difference{"elsewhere[0].body.passthrough", `{}`, none}},
			{"passthrough, NO_SELF_PASSTRHOUGH/of its own", difference{"data[0].body.passthrough", `{}`, none}},
		}},
		{beside, "updateSnapshot with what cannot be merged is an error, not only a line in the log", "5", []place{
			{"what is emitted/updateSnapshot with $set", difference{"error[0]", none, `{"error":{"message":"$set is not supported: give the members to change","name":"Error","stack":"text"},"errorInput":{"body":{"do":[{"updateSnapshot":{"$set":{"a":1}}}]}}}`}},
			{"what is emitted/updateSnapshot with $set", difference{"settled", acked, rejected}},
			{"what is emitted/updateSnapshot with a text", difference{"error[0]", none, `{"error":{"message":"a snapshot must be a JSON object","name":"Error","stack":"text"},"errorInput":{"body":{"do":[{"updateSnapshot":"text"}]}}}`}},
			{"what is emitted/updateSnapshot with a text", difference{"settled", acked, rejected}},
		}},
		{beside, "of a panic only the type is told, for its text may hold a secret", "8", []place{
			{"what is emitted/panic", difference{"error[0].body.error.message", `"a panic"`, `"the function failed unexpectedly (panic of type string); please report it"`}},
			{"what is emitted/panic", difference{"error[0].body.error.name", `"TypeError"`, `"InternalError"`}},
		}},
		{beside, "errors of the runtime say what failed and where; what the platform answered stays out of them", "3, 5", []place{
			{"what is emitted/httpReply to nobody", difference{"error[0].body.error.message", `"Component emitted 'httpReply' event but 'reply_to' was not found in AMQP headers"`, `"an HTTP reply was emitted, but the message has no reply_to: nobody waits"`}},
			{"what is emitted/updateKeys refused", difference{"error[0].body.error.message", answered, `"update the account's keys: PUT /v1/accounts/account: the platform answered 403 Forbidden"`}},
			{"no snapshot/updateKeys", difference{"error[0].body.error.message", `"Missing value for parameter '{id}'. Please provide argument: 0"`, `"the step's configuration names no account"`}},
			{"step refused", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 401 Unauthorized"`}},
			{"step unknown", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 404 Not Found"`}},
			{"platform fails for good", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 500 Internal Server Error"`}},
			{"platform fails, two tries", difference{"error[0].body.error.message", answered, `"fetch the step: GET /v1/tasks/flow/steps/step: the platform answered 500 Internal Server Error"`}},
			{"step is null", difference{"error[0].body.error.message", `"The expression evaluated to a falsy value:\n\n  assert(stepData)\n"`, `"fetch the step: GET /v1/tasks/flow/steps/step: the answer is not a JSON object"`}},
			{"step is null", difference{"error[0].body.error.name", `"AssertionError"`, `"Error"`}},
			{"init fails", difference{"error[0].body.error.message", `"no init"`, `"init hook of hooked: no init"`}},
			{"startup, 409 again", difference{"error[0].body.error.message", `"as told"`, `"startup hook of hooked: create the startup data: POST /sailor-support/hooks/task/flow/startup/data: the platform answered 409 Conflict"`}},
			{"startup refused", difference{"error[0].body.error.message", `"as told"`, `"startup hook of hooked: create the startup data: POST /sailor-support/hooks/task/flow/startup/data: the platform answered 403 Forbidden"`}},
			{"startup fails", difference{"error[0].body.error.message", `"no startup"`, `"startup hook of hooked: no startup"`}},
		}},
		{beside, "HOOK_SHUTDOWN for an unknown function ends before the startup data are asked for", "3", []place{
			{"shutdown of an unknown FUNCTION", difference{"requests[1]", `{"authorized":true,"method":"GET","path":"/sailor-support/hooks/task/flow/startup/data"}`, none}},
		}},
	}
}

// answered is the text of an answer of the platform's stand-in.
const answered = `"{\"error\":\"as told\"}"`

// fullJSON is the message full in the form of a record.
const fullJSON = `{"attachments":{"f":{"url":"u"}},"body":{"a":[1,null,"ü\u003c\u0026\u003e\u2028"]},"headers":{"X":"y","n":1},"id":"own id","passthrough":{"before":{"body":{},"headers":{}}}}`

// echoed is the body of an echo.
func echoed(message string) string {
	return `{"body":{"message":` + message + `,"snapshot":{"was":"there"}},"headers":{}}`
}

// unroutable is the body of the error that an unroutable emit becomes.
func unroutable(deed string) string {
	return `{"error":{"message":` + isUnroutable + `,"name":"Unroutable","stack":"text"},"errorInput":{"body":{"do":[` + deed + `]}}}`
}

const isUnroutable = `"message is unroutable: exchange \"exchange\" has no queue for routing key \"nowhere\" (312 NO_ROUTE)"`
