package sailor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/settings"
)

func TestIdempotencyToken(t *testing.T) {
	base := settings.Settings{
		FlowID: "flow", StepID: "step", MessageCryptoPassword: component.NewSecret("password"), ContainerID: "one",
	}
	token := func(change func(*settings.Settings), messageID, input string) string {
		set := base
		change(&set)
		made, err := idempotencyToken(set)
		require.NoError(t, err)
		return made(messageID, []byte(input))
	}
	same := func(*settings.Settings) {}
	first := token(same, "message", "input")
	// Fixed: work that is in flight during an update would be repeated if it changed.
	assert.Equal(t, "13a9ad76-d9c7-8724-9cfe-27c935ad3ee7", first)
	assert.Equal(t, first, token(func(s *settings.Settings) { s.ContainerID, s.ExecID = "two", "two" }, "message", "input"), "in another container")
	assert.NotEqual(t, first, token(same, "other", "input"))
	assert.NotEqual(t, first, token(same, "message", "other"))
	assert.NotEqual(t, first, token(func(s *settings.Settings) { s.FlowID = "other" }, "message", "input"))
	assert.NotEqual(t, first, token(func(s *settings.Settings) { s.StepID = "other" }, "message", "input"))
	assert.NotEqual(t, first, token(func(s *settings.Settings) { s.MessageCryptoPassword = component.NewSecret("other") }, "message", "input"),
		"who does not know the password must not be able to test guesses of the input")
}
