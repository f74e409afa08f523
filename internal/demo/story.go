package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"aws-secrets-manager-connector/internal/fake"
)

// remembered are members of earlier outputs, by name.
type remembered map[string]string

// chapter is one message and what must come of it.
type chapter struct {
	title    string
	function string
	protocol int
	body     func(remembered) map[string]any
	// again says that the message is the one before, delivered again.
	again bool
	// wantError is the name of the error that must come; empty means data.
	wantError string
	// want are members of the output and what they must equal: what an earlier
	// chapter remembered under that name.
	want map[string]string
	// remember keeps members of the output under a name.
	remember map[string]string
}

const secretName = "demo/database"

// messageID is the name under which the id of the message before is remembered.
const messageID = "message before"

var story = []chapter{
	{
		title: "the flow starts", function: "startFlow", protocol: 2,
		body: fixed(nil),
	},
	{
		title: "create a secret", function: "CreateSecret", protocol: 2,
		body: fixed(map[string]any{
			"Name": secretName, "Description": "login of the demo database",
			"SecretString": `{"user":"app","password":"first-demo-password"}`,
			"Tags":         []any{map[string]any{"Key": "stage", "Value": "demo"}},
		}),
		remember: map[string]string{"ARN": "ARN of the secret", "VersionId": "first version"},
	},
	{
		title: "read it", function: "GetSecretValue", protocol: 2,
		body: func(r remembered) map[string]any { return map[string]any{"SecretId": r["ARN of the secret"]} },
		want: map[string]string{"VersionId": "first version"},
	},
	{
		title: "store a new version", function: "PutSecretValue", protocol: 1,
		body: fixed(map[string]any{
			"SecretId": secretName, "SecretString": `{"user":"app","password":"second-demo-password"}`,
		}),
		want:     map[string]string{"ARN": "ARN of the secret"},
		remember: map[string]string{"VersionId": "second version"},
	},
	{
		title: "read the new version", function: "GetSecretValue", protocol: 2,
		body: fixed(map[string]any{"SecretId": secretName}),
		want: map[string]string{"VersionId": "second version"},
	},
	{
		title: "read the version before", function: "GetSecretValue", protocol: 1,
		body: fixed(map[string]any{"SecretId": secretName, "VersionStage": "AWSPREVIOUS"}),
		want: map[string]string{"VersionId": "first version"},
	},
	{
		title: "list what there is", function: "ListSecrets", protocol: 2,
		body: fixed(map[string]any{"Filters": []any{map[string]any{"Key": "name", "Values": []any{"demo/"}}}}),
	},
	{
		title: "begin a rotation: a new password, not valid yet", function: "BeginRotation", protocol: 2,
		body:     fixed(newPassword),
		want:     map[string]string{"CurrentVersionId": "second version"},
		remember: map[string]string{"VersionId": "third version", "SecretString": "third value"},
	},
	{
		title: "the same message, delivered again: the same version and value", function: "BeginRotation", protocol: 2, again: true,
		body: fixed(newPassword),
		want: map[string]string{"CurrentVersionId": "second version", "VersionId": "third version", "SecretString": "third value"},
	},
	{
		title: "another rotation cannot begin meanwhile", function: "BeginRotation", protocol: 2,
		body:      fixed(newPassword),
		wantError: "Conflict",
	},
	{
		title: "the database's step reads the new value, sets it and tests it", function: "GetSecretValue", protocol: 2,
		body: fixed(map[string]any{"SecretId": secretName, "VersionStage": "AWSPENDING"}),
		want: map[string]string{"VersionId": "third version", "SecretString": "third value"},
	},
	{
		title: "it works: finish the rotation", function: "FinishRotation", protocol: 2,
		body: rotationOf("third version"),
		want: map[string]string{"VersionId": "third version"},
	},
	{
		title: "begin another rotation", function: "BeginRotation", protocol: 2,
		body:     fixed(newPassword),
		want:     map[string]string{"CurrentVersionId": "third version"},
		remember: map[string]string{"VersionId": "fourth version"},
	},
	{
		title: "this one does not work: take it back", function: "AbortRotation", protocol: 2,
		body: rotationOf("fourth version"),
		want: map[string]string{"VersionId": "fourth version"},
	},
	{
		title: "everybody reads the value of the rotation that was finished", function: "GetSecretValue", protocol: 2,
		body: fixed(map[string]any{"SecretId": secretName}),
		want: map[string]string{"VersionId": "third version", "SecretString": "third value"},
	},
	{
		title: "or let a Lambda function rotate it every 30 days", function: "RotateSecret", protocol: 2,
		body: fixed(map[string]any{
			"SecretId":          secretName,
			"RotationLambdaARN": "arn:aws:lambda:eu-central-1:123456789012:function:rotate",
			"RotationRules":     map[string]any{"AutomaticallyAfterDays": "30"}, // a mapper's number
		}),
	},
	{
		title: "delete it, with a week to think again", function: "DeleteSecret", protocol: 2,
		body: fixed(map[string]any{"SecretId": secretName, "RecoveryWindowInDays": 7}),
	},
	{
		title: "reading it now is an error", function: "GetSecretValue", protocol: 2,
		body:      fixed(map[string]any{"SecretId": secretName}),
		wantError: "InvalidRequestException",
	},
	{
		title: "restore it", function: "RestoreSecret", protocol: 2,
		body: fixed(map[string]any{"SecretId": secretName}),
	},
	{
		title: "a bad message: every fault is told at once, AWS is not called", function: "PutSecretValue", protocol: 2,
		body: fixed(map[string]any{
			"SecretID": secretName, "SecretString": "third-demo-password", "SecretBinary": "Zm91cnRo",
			"VersionStages": []any{}, "ClientRequestToken": "short",
		}),
		wantError: "InvalidInput",
	},
}

var newPassword = map[string]any{"SecretId": secretName, "Key": "password", "ExcludePunctuation": true}

func rotationOf(version string) func(remembered) map[string]any {
	return func(r remembered) map[string]any {
		return map[string]any{"SecretId": secretName, "VersionId": r[version]}
	}
}

func fixed(body map[string]any) func(remembered) map[string]any {
	return func(remembered) map[string]any {
		if body == nil {
			return map[string]any{}
		}
		return body
	}
}

// headers are those that the message has of its own.
func (c chapter) headers(known remembered) map[string]any {
	if !c.again {
		return nil
	}
	return map[string]any{"messageId": known[messageID]}
}

// check compares an output with the chapter and remembers what it asks for.
func (c chapter) check(sent fake.Sent, got fake.Received, known remembered) error {
	if parent := got.Headers["parentMessageId"]; parent != sent.Headers["messageId"] || got.Function != c.function {
		return fmt.Errorf("the output of %s belongs to another message", got.Function)
	}
	want := "data"
	if c.wantError != "" {
		want = "error " + c.wantError
	}
	if outcome := strings.TrimSpace(got.Kind + " " + got.Failure.Name); outcome != want {
		return fmt.Errorf("wanted %s, got %s", want, outcome)
	}
	known[messageID] = fmt.Sprint(sent.Headers["messageId"])
	if c.want == nil && c.remember == nil {
		return nil
	}
	var members map[string]any
	if err := json.Unmarshal(got.Content, &members); err != nil {
		return errors.New("output is not a JSON object")
	}
	for member, name := range c.want {
		if members[member] != known[name] {
			return fmt.Errorf("%s is not the %s", member, name)
		}
	}
	for member, name := range c.remember {
		text, ok := members[member].(string)
		if !ok {
			return fmt.Errorf("output has no %s", member)
		}
		known[name] = text
	}
	return nil
}
