//go:build interop

package interop

import (
	"time"

	"aws-secrets-manager-connector/internal/broker"
)

type header = map[string]any

// messageScenarios are about what comes in and what is emitted, with settings
// as the platform gives them.
func messageScenarios() []scenario {
	return []scenario{
		{name: "what comes in", inputs: incoming()},
		{name: "what is no message", inputs: undecodable()},
		{name: "what is emitted", inputs: emitted(), statuses: map[string][]int{"PUT " + accountPath: {200, 403}}},
		{name: "rebounds", inputs: rebounds()},
	}
}

const full = `{"id": "own id", "headers": {"X": "y", "n": 1}, "body": {"a": [1, null, "ü<&>\u2028"]}, "attachments": {"f": {"url": "u"}}, "passthrough": {"before": {"headers": {}, "body": {}}}}`

func incoming() []input {
	inputs := []input{
		{name: "protocol 1", message: full, headers: header{"protocolVersion": 1}},
		{name: "protocol 2", message: full, raw: true},
		{name: "no protocol", message: full},
		{name: "protocol as text", message: full, raw: true, headers: header{"protocolVersion": "2"}},
		{name: "protocol 1 as text", message: full, headers: header{"protocolVersion": "1"}},
		{name: "protocol 3", message: full, raw: true, headers: header{"protocolVersion": 3}},
		{name: "protocol 0", message: full, headers: header{"protocolVersion": 0}},
		{name: "protocol 1.5", message: full, headers: header{"protocolVersion": 1.5}},
		{name: "protocol is no number", message: full, raw: true, headers: header{"protocolVersion": "x"}},
		{name: "protocol 2 sent as 1", message: full, headers: header{"protocolVersion": 2}},
		{name: "protocol 1 sent as 2", message: full, raw: true, headers: header{"protocolVersion": 1}},

		{name: "no threadId", message: full, headers: header{"threadId": unset}},
		{name: "empty threadId", message: full, headers: header{"threadId": ""}},
		{name: "threadId of the trace", message: full, headers: header{"threadId": unset, "X-EIO-Meta-Trace-Id": "trace"}},
		{name: "threadId is true", message: full, headers: header{"threadId": true}},
		{name: "threadId is a list", message: full, headers: header{"threadId": []any{"a", int64(1)}}},
		{name: "threadId is 0", message: full, headers: header{"threadId": 0}},
		{name: "threadId is a number", message: full, headers: header{"threadId": 7}},
		{name: "messageId is a number", message: full, headers: header{"messageId": 7}},
		{name: "parentMessageId", message: full, headers: header{"parentMessageId": "parent"}},
		{name: "stepId", message: full, headers: header{"stepId": "step before"}},
		{name: "what the platform adds", message: full, headers: header{
			"execId": "other", "taskId": "other", "userId": "other", "workspaceId": "other", "containerId": "other", "compId": "other",
			"function": "other", "start": 1, "end": 2, "retry": 3, "x-other": "dropped",
		}},
		{name: "meta headers", message: full, headers: header{
			"x-eio-meta-a": "a", "X-EIO-META-B": "B", "x-eio-Meta-n": 5, "x-eio-meta-t": true, "x-eio-meta-f": 1.5, "x-eio-meta-e": "",
			"x-eio-meta-list": []any{"a", int64(1)}, "x-eio-meta-table": map[string]any{"a": "b"}, "x-eio-meta-null": nil, "x-eio-metal": "no",
		}},
		{name: "reply_to", message: full, headers: header{"reply_to": "reply"}},
		{name: "empty reply_to", message: full, headers: header{"reply_to": ""}},
		{name: "reply_to is a number", message: full, headers: header{"reply_to": 7}},
		{name: "reply_to is 0", message: full, headers: header{"reply_to": 0}},
		{name: "properties", message: full, properties: broker.Properties{
			ContentType: "text/plain", ContentEncoding: "x", DeliveryMode: 2, Priority: 3, CorrelationID: "c", ReplyTo: "r", MessageID: "m",
			Timestamp: time.Unix(1700000000, 0), Type: "t", AppID: "a",
		}},

		{name: "empty object", message: `{}`},
		{name: "other members", message: `{"body": {}, "other": 1}`},
		{name: "of a webhook", message: `{"headers": {"host": "h"}, "body": {}, "method": "POST", "query": {"a": ["b", null]}, "url": "/?a=b", "originalUrl": "/?a=b", "params": {}}`},
		{name: "null members", message: `{"id": null, "headers": null, "body": null, "attachments": null, "passthrough": null}`},
		{name: "body is null", message: `{"body": null}`},
		{name: "body is a text", message: `{"body": "text"}`},
		{name: "body is a number", message: `{"body": 12}`},
		{name: "body is a list", message: `{"body": [1, 2]}`},
		{name: "body is true", message: `{"body": true}`},
		{name: "large number", message: `{"body": 12345678901234567890}`},
		{name: "id is a number", message: `{"id": 5, "body": {}}`},
		{name: "id is empty", message: `{"id": "", "body": {}}`},
		{name: "id is an object", message: `{"id": {"a": 1}, "body": {}}`},
		{name: "headers is false", message: `{"headers": false, "body": {}}`},
		{name: "headers is a list", message: `{"headers": ["a"], "body": {}}`},
		{name: "headers is a text", message: `{"headers": "a", "body": {}}`},
		{name: "passthrough is empty", message: `{"body": {}, "passthrough": {}}`},
		{name: "attachments is a text", message: `{"attachments": "a", "body": {}}`},
		{name: "body twice", message: `{"body": 1, "body": 2}`},
		{name: "other case", message: `{"Body": 1, "BODY": 2, "Headers": {"a": "b"}}`},
		{name: "no UTF-8", message: "{\"body\": \"\xff\"}"},
		{name: "again", message: full},
	}
	again := inputs[len(inputs)-1]
	again.name, again.headers = "and again, with its messageId", header{"messageId": again.id()}
	return append(inputs, again)
}

func undecodable() []input {
	return []input{
		{name: "empty", plain: ""},
		{name: "empty, raw", plain: "", raw: true},
		{name: "not encrypted", plain: `{"body": {}}`},
		{name: "not encrypted, raw", plain: `{"body": {}}`, raw: true},
		{name: "16 bytes of anything, raw", plain: "0123456789abcdef", raw: true},
		{name: "no JSON", message: "body"},
		{name: "null", message: "null"},
		{name: "null, raw", message: "null", raw: true},
		{name: "number", message: "12"},
		{name: "text", message: `"text"`},
		{name: "true", message: "true"},
		{name: "list", message: "[1]"},
		{name: "no headers", message: full, noHeaders: true},
	}
}

func emitted() []input {
	const one, two = `{"data": {"headers": {}, "body": {"n": 1}}}`, `{"data": {"headers": {}, "body": {"n": 2}}}`
	const anError, failure = `{"error": {"name": "Emitted", "message": "an error"}}`, `{"fail": {"name": "Failed", "message": "a failure"}}`
	waiting := header{"reply_to": "reply"}
	return []input{
		{name: "nothing", message: do()},
		{name: "data", message: do(one)},
		{name: "data twice", message: do(one, two)},
		{name: "data with all members", message: do(`{"data": {"id": "own id", "headers": {"h": 1}, "body": {"a": "<ü>"}, "attachments": {"f": {"url": "u"}}}}`)},
		{name: "data with own id twice", message: do(`{"data": {"id": "own id", "body": 1}}`, `{"data": {"body": 2}}`)},
		{name: "data without members", message: do(`{"data": {}}`)},
		{name: "data with null members", message: do(`{"data": {"headers": null, "body": null}}`)},
		{name: "data with passthrough", message: do(`{"data": {"headers": {}, "body": {}, "passthrough": {"s": {"headers": {}, "body": {"a": 1}}}}}`)},
		{name: "data with empty passthrough", message: do(`{"data": {"headers": {}, "body": {}, "passthrough": {}}}`)},
		{name: "data with null passthrough", message: do(`{"data": {"headers": {}, "body": {}, "passthrough": null}}`)},
		{name: "data with a number as id", message: do(`{"data": {"id": 5, "headers": {}, "body": {}}}`)},
		{name: "data with 0 as id", message: do(`{"data": {"id": 0, "headers": {}, "body": {}}}`)},
		{name: "data with other members", message: do(`{"data": {"headers": {}, "body": {}, "other": 1}}`)},
		{name: "routing key", message: do(`{"data": {"headers": {"x-eio-routing-key": "elsewhere", "h": 1}, "body": {}}}`)},
		{name: "routing key in other case", message: do(`{"data": {"headers": {"X-Eio-Routing-KEY": "elsewhere"}, "body": {}}}`)},
		{name: "empty routing key", message: do(`{"data": {"headers": {"x-eio-routing-key": ""}, "body": {}}}`)},
		{name: "unroutable", message: do(`{"data": {"headers": {"x-eio-routing-key": "nowhere"}, "body": {}}}`)},
		{name: "data to who waits", message: do(one), headers: waiting},

		{name: "error", message: do(anError)},
		{name: "error, raw", message: do(anError), raw: true},
		{name: "error with a reply", message: do(anError), headers: waiting},
		{name: "error with an unroutable reply", message: do(anError), headers: header{"reply_to": "nowhere"}},
		{name: "errors", message: do(anError, anError)},
		{name: "error and data", message: do(one, anError, two)},
		{name: "failure", message: do(failure)},
		{name: "failure, raw, with a reply and meta headers", message: do(failure), raw: true, headers: header{"reply_to": "reply", "X-EIO-META-A": "a"}},
		{name: "failure after data", message: do(one, failure)},
		{name: "failure after an error", message: do(anError, failure)},
		{name: "failure without texts", message: do(`{"fail": {"name": "", "message": ""}}`)},
		{name: "panic", message: do(`{"panic": "a panic"}`)},

		{name: "httpReply", message: do(`{"httpReply": {"statusCode": 201, "headers": {"x": "y"}, "body": {"a": 1}}}`), headers: waiting},
		{name: "httpReply without members", message: do(`{"httpReply": {}}`), headers: waiting},
		{name: "httpReply, raw", message: do(`{"httpReply": {"statusCode": 201, "headers": {"x": "y"}, "body": {"a": 1}}}`), raw: true, headers: waiting},
		{name: "httpReply and data", message: do(`{"httpReply": {"headers": {}, "body": "text"}}`, one), headers: waiting},
		{name: "httpReply to nobody", message: do(`{"httpReply": {"headers": {}, "body": {}}}`)},
		{name: "httpReply to nowhere", message: do(`{"httpReply": {"headers": {}, "body": {}}}`), headers: header{"reply_to": "nowhere"}},

		{name: "snapshot as it was", message: do(`{"echo": true}`)},
		{name: "updateSnapshot", message: do(`{"updateSnapshot": {"new": {"a": 1}}}`)},
		{name: "updateSnapshot of what is there", message: do(`{"updateSnapshot": {"new": {"b": 2}, "was": null}}`)},
		{name: "snapshot updated", message: do(`{"echo": true}`)},
		{name: "updateSnapshot with $set", message: do(`{"updateSnapshot": {"$set": {"a": 1}}}`)},
		{name: "updateSnapshot with a text", message: do(`{"updateSnapshot": "text"}`)},
		{name: "snapshot", message: do(`{"snapshot": {"only": "this"}}`), headers: header{"reply_to": "reply", "x-eio-meta-a": "a"}},
		{name: "snapshot and data", message: do(`{"snapshot": {"only": "this"}}`, one)},
		{name: "snapshot replaced", message: do(`{"echo": true}`)},

		{name: "updateKeys", message: do(`{"updateKeys": {"token": "new"}}`)},
		{name: "updateKeys refused", message: do(`{"updateKeys": {"token": "new"}}`)},
	}
}

func rebounds() []input {
	const again = `{"rebound": "not now"}`
	return []input{
		{name: "first", message: do(again)},
		{name: "raw", message: do(again), raw: true},
		{name: "after data", message: do(`{"data": {"headers": {}, "body": 1}}`, again)},
		{name: "with a reply", message: do(again), headers: header{"reply_to": "reply"}},
		{name: "with headers and properties", message: do(again), headers: header{
			"reboundIteration": 1, "reboundReason": "earlier", "parentMessageId": "p", "x-other": "kept", "X-EIO-Meta-A": "a", "start": 5, "end": 6,
		}, properties: broker.Properties{
			ContentType: "text/plain", ContentEncoding: "x", DeliveryMode: 2, Priority: 3, CorrelationID: "c", ReplyTo: "r", MessageID: "m",
			Expiration: "60000", Timestamp: time.Unix(1700000000, 0), Type: "t", AppID: "a",
		}},
		{name: "iteration 5", message: do(again), headers: header{"reboundIteration": 5}},
		{name: "iteration as text", message: do(again), headers: header{"reboundIteration": "5"}},
		{name: "iteration 19", message: do(again), headers: header{"reboundIteration": 19}},
		{name: "iteration 20", message: do(again), headers: header{"reboundIteration": 20}},
		{name: "iteration 20, with a reply", message: do(again), headers: header{"reboundIteration": 20, "reply_to": "reply"}},
	}
}
