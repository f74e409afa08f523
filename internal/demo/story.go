package demo

import (
	"encoding/json"
	"fmt"

	"aws-secrets-manager-connector/internal/standin"
)

// answers are what earlier chapters learned, by name.
type answers map[string]string

// chapter is one message and what must come of it.
type chapter struct {
	title    string
	function string
	protocol int
	body     func(answers) map[string]any
	// wantError is the name of the error that must come; empty means data.
	wantError string
	// remember keeps members of the answer, name in answers → member.
	remember map[string]string
}

const secretName = "demo/database"

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
		remember: map[string]string{"arn": "ARN", "first": "VersionId"},
	},
	{
		title: "read it", function: "GetSecretValue", protocol: 2,
		body: func(a answers) map[string]any { return map[string]any{"SecretId": a["arn"]} },
	},
	{
		title: "store a new version", function: "PutSecretValue", protocol: 1,
		body: fixed(map[string]any{
			"SecretId": secretName, "SecretString": `{"user":"app","password":"second-demo-password"}`,
		}),
	},
	{
		title: "read the version before", function: "GetSecretValue", protocol: 1,
		body: fixed(map[string]any{"SecretId": secretName, "VersionStage": "AWSPREVIOUS"}),
	},
	{
		title: "list what there is", function: "ListSecrets", protocol: 2,
		body: fixed(map[string]any{"Filters": []any{map[string]any{"Key": "name", "Values": []any{"demo/"}}}}),
	},
	{
		title: "rotate it", function: "RotateSecret", protocol: 2,
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

func fixed(body map[string]any) func(answers) map[string]any {
	return func(answers) map[string]any {
		if body == nil {
			return map[string]any{}
		}
		return body
	}
}

// check compares an answer with the chapter and remembers what it asks for.
func (c chapter) check(got standin.Received, known answers) error {
	if got.Failure.Name != c.wantError {
		return fmt.Errorf("wanted %s, got %s", outcome(c.wantError), outcome(got.Failure.Name))
	}
	var members map[string]any
	if c.remember == nil {
		return nil
	}
	if err := json.Unmarshal(got.Content, &members); err != nil {
		return fmt.Errorf("answer is no JSON object: %w", err)
	}
	for name, member := range c.remember {
		text, ok := members[member].(string)
		if !ok {
			return fmt.Errorf("answer has no %s", member)
		}
		known[name] = text
	}
	return nil
}

func outcome(errorName string) string {
	if errorName == "" {
		return "data"
	}
	return "the error " + errorName
}
