package emulator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/apimodel"
)

func TestOperationsAreTheModels(t *testing.T) {
	model, err := apimodel.Operations()
	require.NoError(t, err)
	require.Equal(t, sortedKeys(model), sortedKeys(New(Options{}).operations))
}
