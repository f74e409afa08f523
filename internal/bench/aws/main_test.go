package main

import (
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

func TestAnswerIsReadByTheSDK(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- serve(listener) }()
	defer func() {
		require.NoError(t, listener.Close())
		require.NoError(t, <-served)
	}()
	api, err := awsapi.New(awsapi.Config{
		AccessKeyID: component.NewSecret("bench"), AccessKeySecret: component.NewSecret("bench"),
		Region: "eu-central-1", Endpoint: "http://" + listener.Addr().String(),
	}, awsapi.Options{AllowInsecureEndpoint: true})
	require.NoError(t, err)
	answer, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
	require.NoError(t, err)
	assert.Len(t, *answer.SecretString, 1024)
	assert.Equal(t, []string{"AWSCURRENT"}, answer.VersionStages)
	assert.NotNil(t, answer.CreatedDate)
}
