package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// The values of the field compare.
const (
	compareOn  = "on"  // a value that is the current one already is not stored again
	compareOff = "off" // it is
)

func readCompare(config json.RawMessage) (on bool, err error) {
	fields, err := component.ReadFields(config)
	if err != nil {
		return false, err
	}
	value, err := fields.Choice(component.Field{Name: "compare", Label: "Store a new version"}, compareOn, compareOff)
	return value == compareOn, err
}

// upserted is what came of an UpsertSecret.
type upserted struct {
	ARN, Name, VersionId string
	Created, Changed     bool
}

// upsertSecret creates a secret, or gives one that exists the value, description, key
// and tags, as far as it has others.
//
// It needs secretsmanager:CreateSecret, for a secret that exists
// secretsmanager:UpdateSecret, to compare values secretsmanager:GetSecretValue, with
// Description, KmsKeyId or Tags secretsmanager:DescribeSecret, with Tags
// secretsmanager:TagResource, for a secret with a customer-managed key also
// kms:GenerateDataKey and kms:Decrypt.
func upsertSecret(s *step) component.Handler {
	compare, wrong := readCompare(s.deps.Config)
	return writesValue(s, compose(s, func(
		ctx context.Context, api awsapi.API, req component.Request, in secretsmanager.CreateSecretInput,
	) (*upserted, error) {
		if wrong != nil {
			return nil, wrong
		}
		token := s.token(req.MessageID, &in)
		u := upsert{api: api, in: in, compare: compare, token: token}
		// A version that was created and one that was stored later are told apart, so
		// that each delivery of a message finds its own.
		u.in.ClientRequestToken = aws.String(uuid.NewSHA1(uuid.Nil, []byte("create "+token)).String())
		return u.run(ctx)
	}))
}

// maxUpserts bounds the race with others who create and delete the secret.
const maxUpserts = 3

type upsert struct {
	api     awsapi.API
	in      secretsmanager.CreateSecretInput
	compare bool
	token   string // of the version, if the secret exists
}

func (u *upsert) run(ctx context.Context) (*upserted, error) {
	for range maxUpserts {
		// To create it first takes no permission to look for a secret that is not there.
		created, err := u.api.CreateSecret(ctx, &u.in)
		var exists *types.ResourceExistsException
		switch {
		case err == nil:
			return &upserted{aws.ToString(created.ARN), aws.ToString(created.Name), aws.ToString(created.VersionId), true, true}, nil
		case !errors.As(err, &exists):
			return nil, awsapi.Wrap("CreateSecret", &u.in, err)
		}
		if out, err := u.update(ctx); !isNotFound(err) {
			return out, err
		}
	}
	e := component.Errorf(component.Unavailable, "UpsertSecret of %.256q failed: others create and delete the secret at the same time", *u.in.Name)
	return nil, &component.Rebound{Reason: e.Message, Err: e}
}

// update changes what differs. The value comes last: with it, all is done.
func (u *upsert) update(ctx context.Context) (*upserted, error) {
	change := &secretsmanager.UpdateSecretInput{SecretId: u.in.Name}
	current, err := u.current(ctx)
	if err != nil {
		return nil, err
	}
	if current == nil || !u.has(current) {
		change.SecretString, change.SecretBinary, change.ClientRequestToken = u.in.SecretString, u.in.SecretBinary, &u.token
	}
	if u.in.Description != nil || u.in.KmsKeyId != nil || u.in.Tags != nil {
		if err := u.describe(ctx, change); err != nil {
			return nil, err
		}
	}
	out := &upserted{}
	if change.ClientRequestToken != nil {
		out.VersionId, out.Changed = u.token, true
	} else {
		out.VersionId = aws.ToString(current.VersionId)
		out.Changed = out.VersionId == u.token // by an earlier delivery
	}
	if change.ClientRequestToken == nil && change.Description == nil && change.KmsKeyId == nil {
		out.ARN, out.Name = aws.ToString(current.ARN), aws.ToString(current.Name)
		return out, nil
	}
	updated, err := u.api.UpdateSecret(ctx, change)
	var exists *types.ResourceExistsException
	switch {
	case errors.As(err, &exists): // the version is there since an earlier delivery
		secret, err := u.get(ctx, &secretsmanager.GetSecretValueInput{SecretId: u.in.Name, VersionId: &u.token})
		if err != nil {
			return nil, err
		}
		out.ARN, out.Name = aws.ToString(secret.ARN), aws.ToString(secret.Name)
	case err != nil:
		return nil, awsapi.Wrap("UpdateSecret", change, err)
	default:
		out.ARN, out.Name = aws.ToString(updated.ARN), aws.ToString(updated.Name)
	}
	return out, nil
}

// current is the current value, nil where there is none or it does not matter.
func (u *upsert) current(ctx context.Context) (*secretsmanager.GetSecretValueOutput, error) {
	if !u.compare {
		return nil, nil
	}
	current, err := u.get(ctx, &secretsmanager.GetSecretValueInput{SecretId: u.in.Name})
	if isNotFound(err) { // if it is the secret, UpdateSecret tells
		return nil, nil
	}
	return current, err
}

func (u *upsert) get(ctx context.Context, in *secretsmanager.GetSecretValueInput) (*secretsmanager.GetSecretValueOutput, error) {
	out, err := u.api.GetSecretValue(ctx, in)
	if err != nil {
		return nil, awsapi.Wrap("GetSecretValue", in, err)
	}
	return out, nil
}

// has reports whether a value is the one that is to be stored.
func (u *upsert) has(v *secretsmanager.GetSecretValueOutput) bool {
	if u.in.SecretString != nil {
		return v.SecretString != nil && *v.SecretString == *u.in.SecretString
	}
	return v.SecretString == nil && bytes.Equal(v.SecretBinary, u.in.SecretBinary)
}

// describe adds to the change what differs in description and key, and sets the tags
// that do.
func (u *upsert) describe(ctx context.Context, change *secretsmanager.UpdateSecretInput) error {
	in := &secretsmanager.DescribeSecretInput{SecretId: u.in.Name}
	secret, err := u.api.DescribeSecret(ctx, in)
	if err != nil {
		return awsapi.Wrap("DescribeSecret", in, err)
	}
	if u.in.Description != nil && *u.in.Description != aws.ToString(secret.Description) {
		change.Description = u.in.Description
	}
	if u.in.KmsKeyId != nil && !isKey(aws.ToString(secret.KmsKeyId), *u.in.KmsKeyId) {
		change.KmsKeyId = u.in.KmsKeyId
	}
	tag := &secretsmanager.TagResourceInput{SecretId: u.in.Name}
	for _, wanted := range u.in.Tags {
		if !slices.ContainsFunc(secret.Tags, func(has types.Tag) bool {
			return aws.ToString(has.Key) == aws.ToString(wanted.Key) && aws.ToString(has.Value) == aws.ToString(wanted.Value)
		}) {
			tag.Tags = append(tag.Tags, wanted)
		}
	}
	if tag.Tags == nil {
		return nil
	}
	if _, err := u.api.TagResource(ctx, tag); err != nil {
		return awsapi.Wrap("TagResource", tag, err)
	}
	return nil
}

// isKey reports whether two names stand for the same KMS key: AWS may tell the ARN
// of a key or an alias that was given by its name.
func isKey(told, given string) bool {
	return told == given || strings.HasSuffix(told, "/"+given) || strings.HasSuffix(told, ":"+given)
}
