package main

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

func TestAnswerIsReadByTheSDK(t *testing.T) {
	server := httptest.NewServer(handler())
	defer server.Close()
	api, err := awsapi.New(awsapi.Config{
		AccessKeyID: component.NewSecret("bench"), AccessKeySecret: component.NewSecret("bench"),
		Region: "eu-central-1", Endpoint: server.URL,
	}, awsapi.Options{})
	require.NoError(t, err)
	answer, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
	require.NoError(t, err)
	assert.Len(t, *answer.SecretString, 1024)
	assert.Equal(t, []string{"AWSCURRENT"}, answer.VersionStages)
	assert.NotNil(t, answer.CreatedDate)
}
