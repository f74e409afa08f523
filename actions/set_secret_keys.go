package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/secretjson"
)

type setSecretKeysInput struct {
	SecretId string
	Set      json.RawMessage // keys to values
	Remove   []string        // keys
}

// setSecretKeys sets and removes single keys of a secret that is a JSON object, and
// leaves the others to whoever changes them at the same time (decision 23).
//
// It needs secretsmanager:GetSecretValue, secretsmanager:PutSecretValue and
// secretsmanager:UpdateSecretVersionStage, for a secret with a customer-managed key
// also kms:Decrypt and kms:GenerateDataKey.
func setSecretKeys(s *step) component.Handler {
	turns := new(oneAtATime)
	return compose(s, func(ctx context.Context, api awsapi.API, req component.Request, in setSecretKeysInput) (*swapped, error) {
		changes, err := secretjson.NewChanges(in.Set, in.Remove)
		if err != nil {
			return nil, component.Errorf(component.InvalidInput, "body: %v", err)
		}
		end, err := turns.begin(ctx, req.Stopping, in.SecretId)
		if err != nil {
			return nil, err
		}
		defer end()
		return newSwap(api, in.SecretId, s.tokenOf(req.MessageID, req.Message.Body), func(current string) (string, error) {
			next, err := changes.Apply([]byte(current))
			if errors.Is(err, secretjson.ErrNotObject) {
				err = fmt.Errorf("%w; store one with PutSecretValue, which replaces the whole value", err)
			}
			if err != nil {
				return "", component.Errorf(component.InvalidInput, "%s of %.256q failed: %v", s.operation, in.SecretId, err)
			}
			return string(next), nil
		}).run(ctx)
	})
}

// lostEachTime is the error of a write that others were faster than, each time.
func lostEachTime(secretID string) error {
	e := component.Errorf(component.Unavailable,
		"SetSecretKeys of %.256q failed: others changed the secret at the same time, %d times in a row; send the message again, or change it from fewer places at once",
		secretID, maxSwaps)
	return &component.Rebound{Reason: e.Message, Err: e}
}

// leftBehind adds to an error that a label could not be taken away.
func leftBehind(err error, label string) error {
	return fmt.Errorf("the staging label %s is left behind: take it away with UpdateSecretVersionStage; %w", label, err)
}
