package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/secretjson"
)

// shownKeys is what the mapper shows of the secret that is chosen: its keys with
// their types, and no value.
type shownKeys struct {
	properties json.RawMessage // of a schema; nil where they cannot be shown
	whyNot     string          // for the designer
}

// showKeys reads the keys of a secret. It is an error where nothing else would
// work either, with these credentials or for now.
func (s *step) showKeys(ctx context.Context, secret string, f valueFormat) (shownKeys, error) {
	api, err := s.client()
	if err != nil {
		return shownKeys{}, err
	}
	in := &secretsmanager.GetSecretValueInput{SecretId: &secret}
	value, err := api.GetSecretValue(ctx, in)
	if err != nil {
		return s.notShown(ctx, awsapi.Wrap("GetSecretValue", in, err))
	}
	object, err := secretjson.Compact([]byte(aws.ToString(value.SecretString)))
	if err != nil {
		return shownKeys{whyNot: err.Error()}, nil
	}
	object, failed := f.pick(object, secret)
	if failed != nil {
		return shownKeys{}, failed
	}
	properties, err := secretjson.Properties(object)
	return shownKeys{properties: properties}, err
}

func (s *step) notShown(ctx context.Context, err error) (shownKeys, error) {
	if failed, ok := errors.AsType[*component.Error](err); ok {
		switch failed.Name {
		case "AccessDeniedException":
			return shownKeys{whyNot: "secretsmanager:GetSecretValue is not allowed"}, nil
		case "ResourceNotFoundException", "InvalidRequestException", "DecryptionFailure":
			return shownKeys{whyNot: "the secret has no value that can be read"}, nil
		}
	}
	awsapi.LogDetail(ctx, s.deps.Log, err)
	return shownKeys{}, fmt.Errorf("the keys of the secret cannot be read: %w", err)
}

// in is a schema with the keys below Secret. Keys may be written with escapes, so
// nothing can be changed in it afterwards.
func (k shownKeys) in(schema json.RawMessage) json.RawMessage {
	if !hasSecret(schema) {
		return schema
	}
	if k.properties != nil {
		schema = withoutMembers(schema, "example") // has other keys
	}
	return eachMember(schema, func(keyword string, value json.RawMessage) json.RawMessage {
		if keyword != "properties" {
			return value
		}
		return eachMember(value, func(name string, property json.RawMessage) json.RawMessage {
			if name == "Secret" {
				return k.below(property)
			}
			return property
		})
	})
}

func hasSecret(schema json.RawMessage) bool { return member(schema, "properties", "Secret") != nil }

func (k shownKeys) below(secret json.RawMessage) json.RawMessage {
	if k.properties != nil {
		return joined(withoutMembers(secret, "x-asItIs"), json.RawMessage(`{"properties":`+string(k.properties)+`}`))
	}
	return eachMember(secret, func(keyword string, value json.RawMessage) json.RawMessage {
		var text string
		if keyword != "description" || json.Unmarshal(value, &text) != nil {
			return value
		}
		value, _ = rawjson.Marshal(text + " Its keys are not shown: " + k.whyNot + ".") // text always can be
		return value
	})
}
