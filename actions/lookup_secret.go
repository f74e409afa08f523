package actions

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

type lookupSecretInput struct {
	SecretId     string
	VersionStage *string // of the value
}

// lookupFields are what the designer of a flow enters in LookupSecret.
type lookupFields struct{ allowZeroResults, withValue bool }

func readLookupFields(config json.RawMessage) (f lookupFields, err error) {
	fields, err := component.ReadFields(config)
	if err != nil {
		return f, err
	}
	if f.allowZeroResults, err = fields.Checked(component.Field{Name: "allowZeroResults", Label: "Allow zero results"}); err != nil {
		return f, err
	}
	f.withValue, err = fields.Checked(component.Field{Name: "withValue", Label: "With the value"})
	return f, err
}

// lookupSecret returns what there is to know of a secret, with its value where the
// step asks for it. A secret that does not exist may be no error.
//
// It needs secretsmanager:DescribeSecret, with the value secretsmanager:GetSecretValue,
// for a secret with a customer-managed key also kms:Decrypt.
func lookupSecret(s *step) component.Handler {
	fields, wrong := readLookupFields(s.deps.Config)
	format, wrongFormat := readValueFormat(s.deps.Config)
	return tellRegion(s, compose(s, func(ctx context.Context, api awsapi.API, req component.Request, in lookupSecretInput) (json.RawMessage, error) {
		if err := errors.Join(wrong, wrongFormat); err != nil {
			return nil, err
		}
		describe := &secretsmanager.DescribeSecretInput{SecretId: &in.SecretId}
		secret, err := api.DescribeSecret(ctx, describe)
		if other, region := failover(ctx, req.Log, api, in.SecretId, err); other != nil {
			away := awsapi.Wrap("DescribeSecret", describe, err)
			api, in.SecretId = other, awsapi.InRegion(in.SecretId, region)
			if secret, err = api.DescribeSecret(ctx, describe); err != nil {
				return nil, neither(away, region, awsapi.Wrap("DescribeSecret", describe, err))
			}
		}
		switch {
		case isNotFound(err) && fields.allowZeroResults:
			return json.RawMessage(`{}`), nil
		case err != nil:
			return nil, awsapi.Wrap("DescribeSecret", describe, err)
		case !fields.withValue:
			return encode(secret), nil
		}
		get := &secretsmanager.GetSecretValueInput{SecretId: &in.SecretId, VersionStage: in.VersionStage}
		value, err := api.GetSecretValue(ctx, get)
		switch {
		case isNotFound(err) && fields.allowZeroResults:
			return encode(secret), nil
		case err != nil:
			return nil, awsapi.Wrap("GetSecretValue", get, err)
		}
		return withValue(secret, value, format)
	}))
}

func isNotFound(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

// withValue is the description of a secret with the value, in that format.
func withValue(
	secret *secretsmanager.DescribeSecretOutput, value *secretsmanager.GetSecretValueOutput, format valueFormat,
) (json.RawMessage, error) {
	var all members
	for _, part := range []json.RawMessage{encode(value), encode(secret)} { // the dates are the secret's
		if err := json.Unmarshal(part, &all); err != nil {
			return nil, err
		}
	}
	if format.json {
		if failed := format.replace(all); failed != nil {
			return nil, failed
		}
	}
	return rawjson.Marshal(all)
}

// lookedUp are the schemas of LookupSecret for the fields of a step.
func lookedUp(in, out, config json.RawMessage) (json.RawMessage, json.RawMessage, error) {
	fields, err := readLookupFields(config)
	if err != nil || fields.withValue {
		return in, out, err
	}
	for _, name := range []string{"SecretString", "SecretBinary", "Secret", "VersionId", "VersionStages"} {
		out = withoutProperty(out, name)
	}
	return withoutProperty(in, "VersionStage"), out, nil
}
