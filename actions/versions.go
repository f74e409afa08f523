package actions

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

const (
	labelCurrent  = "AWSCURRENT"
	labelPending  = "AWSPENDING"
	labelPrevious = "AWSPREVIOUS"
)

// versions are those of a secret.
type versions struct {
	api      awsapi.API
	secretID string
}

// get reads a version, nil for the current one. Its ARN, Name and VersionId are there.
func (v versions) get(ctx context.Context, versionID *string) (*secretsmanager.GetSecretValueOutput, error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: &v.secretID, VersionId: versionID}
	out, err := v.api.GetSecretValue(ctx, in)
	if err != nil {
		return nil, awsapi.Wrap("GetSecretValue", in, err)
	}
	if out.ARN == nil || out.Name == nil || out.VersionId == nil {
		return nil, component.Errorf(component.InvalidOutput, "GetSecretValue of %.256q failed: the response has no ARN, Name or VersionId", v.secretID)
	}
	return out, nil
}

// put stores a version. It reports false when there is one of that id already, of
// another value or without these labels by now: another delivery of the message is
// at work.
func (v versions) put(ctx context.Context, in *secretsmanager.PutSecretValueInput) (bool, error) {
	in.SecretId = &v.secretID
	out, err := v.api.PutSecretValue(ctx, in)
	var exists *types.ResourceExistsException
	var limit *types.LimitExceededException
	switch {
	case errors.As(err, &exists):
		return false, nil
	case errors.As(err, &limit) && strings.Contains(limit.ErrorMessage(), "label"): // too many at once
		failure := awsapi.Wrap("PutSecretValue", in, err)
		return false, &component.Rebound{Reason: failure.Error(), Err: failure}
	case err != nil:
		return false, awsapi.Wrap("PutSecretValue", in, err)
	}
	for _, label := range in.VersionStages {
		if !slices.Contains(out.VersionStages, label) {
			return false, nil
		}
	}
	return true, nil
}

// move moves a label to a version from another one, "" if no version has it. It
// reports false when the label is elsewhere.
func (v versions) move(ctx context.Context, label, to, from string) (bool, error) {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &v.secretID, VersionStage: &label}
	if to != "" {
		in.MoveToVersionId = &to
	}
	if from != "" {
		in.RemoveFromVersionId = &from
	}
	_, err := v.api.UpdateSecretVersionStage(ctx, in)
	var elsewhere *types.InvalidParameterException
	switch {
	case errors.As(err, &elsewhere):
		return false, nil
	case err != nil:
		return false, awsapi.Wrap("UpdateSecretVersionStage", in, err)
	}
	return true, nil
}

// unlabel takes a label from a version, unless that has lost it already.
func (v versions) unlabel(ctx context.Context, label, from string) error {
	_, err := v.move(ctx, label, "", from)
	return err
}

// labels are those of the versions that have any.
type labels struct {
	ARN, Name string
	of        map[string][]string // by version
}

func (v versions) labels(ctx context.Context) (labels, error) {
	in := &secretsmanager.DescribeSecretInput{SecretId: &v.secretID}
	out, err := v.api.DescribeSecret(ctx, in)
	if err != nil {
		return labels{}, awsapi.Wrap("DescribeSecret", in, err)
	}
	return labels{aws.ToString(out.ARN), aws.ToString(out.Name), out.VersionIdsToStages}, nil
}
