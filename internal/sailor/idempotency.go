package sailor

import (
	"aws-secrets-manager-connector/internal/idempotency"
	"aws-secrets-manager-connector/internal/settings"
)

// idempotencyToken returns what makes the tokens of the step (decision 7). They
// are keyed, for AWS shows them: nobody must be able to test guesses of a
// secret with one.
func idempotencyToken(set settings.Settings) (func(messageID string, input []byte) string, error) {
	key, err := idempotency.NewKey(set.MessageCryptoPassword, "idempotency token of a message's input")
	if err != nil {
		return nil, err
	}
	flow, step := []byte(set.FlowID), []byte(set.StepID)
	return func(messageID string, input []byte) string {
		return key.UUID(flow, step, []byte(messageID), input).String()
	}, nil
}
