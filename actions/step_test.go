package actions

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// oneSecret answers GetSecretValue and nothing else.
type oneSecret struct {
	awsapi.API
	err error
}

func (o oneSecret) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{Name: in.SecretId, SecretString: aws.String("value")}, o.err
}

func TestOneClientForAStep(t *testing.T) {
	var made atomic.Int32
	refuse := true
	all := specs(func(cfg awsapi.Config) (awsapi.API, error) {
		if refuse {
			return nil, component.Errorf(component.InvalidConfig, "region is missing")
		}
		made.Add(1)
		assert.Equal(t, "flow-1", cfg.SessionName)
		assert.Equal(t, "eu-west-1", cfg.Region)
		return oneSecret{}, nil
	})
	h := newHandler(t, all, "GetSecretValue", component.Deps{FlowID: "flow-1", Config: json.RawMessage(`{"region":" eu-west-1"}`)})
	out := new(recorder)
	for range 2 {
		require.ErrorContains(t, h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), out), "region is missing")
	}
	refuse = false
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { assert.NoError(t, h.Handle(context.Background(), newRequest(`{"SecretId":"s"}`), out)) })
	}
	wg.Wait()
	assert.EqualValues(t, 1, made.Load())
	require.Len(t, out.bodies, 50)
	assert.JSONEq(t, `{"Name":"s","SecretString":"value"}`, string(out.bodies[0]))
}

func TestConfigThatIsNoObject(t *testing.T) {
	h := newHandler(t, Specs(testOptions), "GetSecretValue", component.Deps{Config: json.RawMessage(`"planted"`)})
	err := h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), new(recorder))
	require.EqualError(t, err, "the step's configuration must be a JSON object")
}

func TestStoppedCallIsNotEmitted(t *testing.T) {
	h := newHandler(t, fixed(oneSecret{err: context.Canceled}), "GetSecretValue", component.Deps{})
	err := h.Handle(t.Context(), newRequest(`{"SecretId":"s"}`), new(recorder))
	require.ErrorIs(t, err, context.Canceled)
	var failed *component.Error
	assert.NotErrorAs(t, err, &failed)
}

type discard struct{ component.Emitter }

func (discard) Data(context.Context, component.Message) error { return nil }

func BenchmarkGetSecretValue(b *testing.B) {
	h := newHandler(b, fixed(oneSecret{}), "GetSecretValue", component.Deps{})
	req := newRequest(`{"SecretId":"my/secret","VersionStage":"AWSCURRENT"}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Handle(context.Background(), req, discard{}); err != nil {
			b.Fatal(err)
		}
	}
}
