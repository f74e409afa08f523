package settings_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/settings"
)

func completeCall() environment {
	return environment{
		"ELASTICIO_POST_RESULT_URL": "value of POST_RESULT_URL", "ELASTICIO_CFG": "value of CFG", "ELASTICIO_API_URI": "x",
		"ELASTICIO_API_USERNAME": "x", "ELASTICIO_API_KEY": "x",
	}
}

func TestReadService(t *testing.T) {
	s, err := settings.ReadService(completeCall().lookup)
	require.NoError(t, err)
	assert.Equal(t, "value of POST_RESULT_URL", s.PostResultURL.Reveal())
	assert.Equal(t, "value of CFG", s.Cfg.Reveal())
	assert.Equal(t, 3, s.APIRequestRetryAttempts)
	assert.Equal(t, 100*time.Millisecond, s.APIRequestRetryDelay)
	assert.Equal(t, "info", s.LogLevel)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", s, s, s), "value of", "configuration and URL are secrets")

	s, err = settings.ReadService(completeCall().with(
		"ELASTICIO_ACTION_OR_TRIGGER", "Get", "ELASTICIO_GET_MODEL_METHOD", "things", "ELASTICIO_COMPONENT_PATH", "dir",
		"ELASTICIO_API_REQUEST_RETRY_ATTEMPTS", "7", "ELASTICIO_API_REQUEST_RETRY_DELAY", "250", "ALLOW_AMBIENT_CREDENTIALS", "true",
	).lookup, "ACTION_OR_TRIGGER", "GET_MODEL_METHOD")
	require.NoError(t, err)
	assert.Equal(t, "Get", s.ActionOrTrigger)
	assert.Equal(t, "things", s.GetModelMethod)
	assert.Equal(t, "dir", s.ComponentPath)
	assert.Equal(t, 7, s.APIRequestRetryAttempts)
	assert.Equal(t, 250*time.Millisecond, s.APIRequestRetryDelay)
	assert.True(t, s.AllowAmbientCredentials)
}

func TestReadServiceNamesWhatIsMissing(t *testing.T) {
	s, err := settings.ReadService(completeCall().without("POST_RESULT_URL", "API_KEY", "CFG").lookup, "ACTION_OR_TRIGGER")
	missing, ok := errors.AsType[*settings.MissingError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, []string{"ELASTICIO_CFG", "ELASTICIO_API_KEY", "ELASTICIO_ACTION_OR_TRIGGER"}, missing.Names)
	assert.Equal(t, 3, s.APIRequestRetryAttempts, "what is there is read")
}
