package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"aws-secrets-manager-connector/internal/component"
)

// Step is what the platform knows of one step of a flow. Config holds
// credentials, and snapshot and variables may; so a Step prints as its sizes.
type Step struct {
	Config        json.RawMessage   `json:"-"` // a JSON object, {} if there is none
	Snapshot      json.RawMessage   `json:"-"` // as the step left it, {} if there is none
	Variables     map[string]string `json:"-"` // those that are no text as JSON
	IsPassthrough bool
}

// Step fetches a step.
func (c *Client) Step(ctx context.Context, flowID, stepID string) (Step, error) {
	path := "/v1/tasks/" + url.PathEscape(flowID) + "/steps/" + url.PathEscape(stepID)
	response, err := c.do(ctx, "fetch the step", http.MethodGet, path, nil)
	if err != nil {
		return Step{}, err
	}
	step, err := parseStep(response)
	if err != nil {
		return Step{}, fmt.Errorf("fetch the step: GET %s: %w", path, err)
	}
	return step, nil
}

// parseStep reads the platform's response. Its errors are constant, for a
// parser's own would show parts of it.
func parseStep(response []byte) (Step, error) {
	var members struct {
		Config        json.RawMessage `json:"config"`
		Snapshot      json.RawMessage `json:"snapshot"`
		Variables     json.RawMessage `json:"variables"`
		IsPassthrough json.RawMessage `json:"is_passthrough"`
	}
	if response = bytes.TrimSpace(response); len(response) == 0 || response[0] != '{' || json.Unmarshal(response, &members) != nil {
		// The name is the reference sailor's, so that flows that look for it find it.
		return Step{}, component.Errorf("AssertionError", "the response is not a JSON object")
	}
	config := orObject(members.Config)
	if config[0] != '{' {
		return Step{}, errors.New("the step's config is not a JSON object")
	}
	return Step{
		Config:        config,
		Snapshot:      orObject(members.Snapshot),
		Variables:     texts(members.Variables),
		IsPassthrough: string(members.IsPassthrough) == "true",
	}, nil
}

// orObject returns an empty object for what counts as nothing in JavaScript.
func orObject(raw json.RawMessage) json.RawMessage {
	switch string(raw) {
	case "", "null", "false", "0", `""`:
		return json.RawMessage("{}")
	}
	return raw
}

// texts reads an object whose values should be texts. Null values are left
// out, and so is all when it is no object.
func texts(raw json.RawMessage) map[string]string {
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return nil
	}
	result := make(map[string]string, len(values))
	for name, value := range values {
		var text *string
		if json.Unmarshal(value, &text) != nil {
			other := string(value)
			text = &other
		}
		if text != nil {
			result[name] = *text
		}
	}
	return result
}

// String tells the step's shape without its contents.
func (s Step) String() string {
	return fmt.Sprintf("step{config: %d bytes, snapshot: %d bytes, variables: %d, passthrough: %t}",
		len(s.Config), len(s.Snapshot), len(s.Variables), s.IsPassthrough)
}

// Format prints String for every verb.
func (s Step) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue is String, for slog.
func (s Step) LogValue() slog.Value { return slog.StringValue(s.String()) }
