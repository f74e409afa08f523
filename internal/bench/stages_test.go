package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const traces = `File: component
Type: alloc_space
Duration: 5s, Total samples = 100B
-----------+-------------------------------------------------------
     bytes:  24B
     1000B   encoding/json.(*scanner).error (inline)
             encoding/json.(*Decoder).Token
             aws-secrets-manager-connector/internal/schema.decode
             aws-secrets-manager-connector/internal/sailor.(*Sailor).dispatch
-----------+-------------------------------------------------------
   500.50B   runtime.memmove
             github.com/rabbitmq/amqp091-go.writeField
             aws-secrets-manager-connector/internal/broker.await
-----------+-------------------------------------------------------
        2B   runtime.something
-----------+-------------------------------------------------------
       10B   aws-secrets-manager-connector/actions.getSecretValue.call[github.com/aws/x].func1
             aws-secrets-manager-connector/internal/sailor.(*Sailor).dispatch
`

func TestByStage(t *testing.T) {
	got, err := byStage(strings.NewReader(traces), "")
	require.NoError(t, err)
	assert.Equal(t, map[string]float64{"schemas": 1000, "AMQP library": 500.5, otherStage: 2, "the rest of ours": 10}, got)

	got, err = byStage(strings.NewReader(traces), inDispatch)
	require.NoError(t, err)
	assert.Equal(t, map[string]float64{"schemas": 1000, "the rest of ours": 10}, got)

	_, err = byStage(strings.NewReader("-----------+\n  many   runtime.x\n"), "")
	assert.Error(t, err)
}

func TestStageOfCallBeforeCaller(t *testing.T) {
	calls := []string{
		"syscall.write", "net/http.(*persistConn).roundTrip", "github.com/aws/smithy-go/transport/http/protocol/awsjson.(*Protocol).DeserializeResponse",
		own + "actions.getSecretValue", own + "internal/sailor.(*Sailor).dispatch",
	}
	assert.Equal(t, "AWS: HTTP", stageOf(calls))
	assert.Equal(t, "AWS: the rest of the SDK", stageOf(calls[2:]))
	assert.Equal(t, "the rest of ours", stageOf(calls[3:]))
	assert.Equal(t, "AWS: signature", stageOf(append([]string{"crypto/sha256.Sum256", "github.com/aws/aws-sdk-go-v2/aws/signer/v4.(*httpSigner).Build"}, calls[2:]...)))
}
