package actions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
	"aws-secrets-manager-connector/internal/secretjson"
)

type beginRotationInput struct {
	SecretId     string
	Key          string          // gets the password; "": the whole value is one
	Set          json.RawMessage // keys to values
	SecretString *string         // the whole value
	SecretBinary []byte
	secretsmanager.GetRandomPasswordInput
}

// begun is what BeginRotation emits.
type begun struct {
	ARN, Name, VersionId, CurrentVersionId string

	SecretString *string `json:",omitempty"`
	SecretBinary []byte  `json:",omitempty"`
}

// beginRotation stages a new value of a secret AWSPENDING.
//
// It needs secretsmanager:DescribeSecret, secretsmanager:GetSecretValue,
// secretsmanager:PutSecretValue and secretsmanager:UpdateSecretVersionStage, for a
// password secretsmanager:GetRandomPassword, for a secret with a customer-managed key
// also kms:Decrypt and kms:GenerateDataKey.
func beginRotation(s *step) component.Handler {
	format, wrong := readValueFormat(s.deps.Config)
	return compose(s, func(ctx context.Context, api awsapi.API, req component.Request, in beginRotationInput) (json.RawMessage, error) {
		if err := errors.Join(wrong, in.check()); err != nil {
			return nil, err
		}
		return beginning{
			rotation{versions{api, in.SecretId}, s.operation, s.tokenOf(req.MessageID, req.Message.Body)}, in, format,
		}.run(ctx)
	})
}

// beginning is a delivery of a message that begins a rotation.
type beginning struct {
	rotation
	in     beginRotationInput
	format valueFormat
}

func (b beginning) run(ctx context.Context) (json.RawMessage, error) {
	for range maxSwaps {
		if out, err := b.try(ctx); out != nil || err != nil {
			return out, err
		}
	}
	return nil, b.lostRaces()
}

// try returns nil when the labels have moved meanwhile.
func (b beginning) try(ctx context.Context) (json.RawMessage, error) {
	secret, err := b.labels(ctx)
	if err != nil {
		return nil, err
	}
	own, err := b.get(ctx, &b.id)
	if isNotFound(err) {
		own, err = b.stage(ctx, secret)
	}
	if own == nil || err != nil {
		return nil, err
	}
	base := b.base(own.VersionStages)
	isCurrent := slices.Contains(own.VersionStages, labelCurrent)
	if base == "" && isCurrent { // it was finished since
		base = secret.with(labelPrevious)
	}
	switch {
	case base == "":
		return nil, b.refuse("the rotation that this message began is over: version %s is neither pending nor the current one; send a new message to begin another one", b.id)
	case isCurrent, slices.Contains(own.VersionStages, labelPending):
		return b.output(own, base)
	}
	moved, err := b.makePending(ctx, secret, base)
	if err != nil || !moved {
		return nil, err
	}
	return b.output(own, base)
}

// stage stores the new version under a label of its own, for AWSPENDING can only be
// given to a version that exists without it being taken from another one. It returns
// nil when another delivery of the message has stored it.
func (b beginning) stage(ctx context.Context, secret labels) (*secretsmanager.GetSecretValueOutput, error) {
	if err := b.checkNonePending(secret); err != nil {
		return nil, err
	}
	current, err := b.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	own := &secretsmanager.GetSecretValueOutput{
		ARN: current.ARN, Name: current.Name, VersionId: &b.id, VersionStages: []string{b.label(*current.VersionId)},
		SecretString: b.in.SecretString, SecretBinary: b.in.SecretBinary,
	}
	if !b.in.isWhole() {
		text, err := b.change(ctx, current)
		if err != nil {
			return nil, err
		}
		own.SecretString = &text
	}
	if _, err := b.output(own, *current.VersionId); err != nil { // before there is anything
		return nil, err
	}
	stored, err := b.put(ctx, &secretsmanager.PutSecretValueInput{
		SecretString: own.SecretString, SecretBinary: own.SecretBinary, VersionStages: own.VersionStages, ClientRequestToken: &b.id,
	})
	if err != nil || !stored {
		return nil, err
	}
	return own, nil
}

// checkNonePending is an error if another version is pending. After a rotation by a
// Lambda function, AWSPENDING stays on the current one.
func (b beginning) checkNonePending(secret labels) error {
	pending := secret.with(labelPending)
	switch {
	case pending == "", pending == b.id, pending == secret.with(labelCurrent):
		return nil
	case (rotation{id: pending}).base(secret.of[pending]) == "":
		return b.refuse("version %s is pending, and not by BeginRotation; wait for the rotation that made it, or take it back with AbortRotation", pending)
	}
	return b.refuse("another rotation is pending; finish it with FinishRotation or take it back with AbortRotation, each with VersionId %s", pending)
}

// makePending gives AWSPENDING to the version that is staged, unless that was
// overtaken. It reports false when AWSPENDING has moved meanwhile.
func (b beginning) makePending(ctx context.Context, secret labels, base string) (bool, error) {
	err := b.checkNonePending(secret)
	if err == nil && base != secret.with(labelCurrent) {
		err = b.refuse("AWSCURRENT moved while the rotation began; send a new message to begin another one")
	}
	if err != nil {
		return false, cmp.Or(b.unlabel(ctx, b.label(base), b.id), err)
	}
	moved, err := b.move(ctx, labelPending, b.id, secret.with(labelPending))
	var later *component.Rebound
	if err != nil && !errors.As(err, &later) {
		err = leftBehind(err, b.label(base))
	}
	return moved, err
}

// change returns the text of the current value with what is new in it.
func (b beginning) change(ctx context.Context, current *secretsmanager.GetSecretValueOutput) (string, error) {
	var password json.RawMessage
	if b.in.needsPassword() {
		if b.in.Key == "" {
			if err := b.checkPlain(current); err != nil {
				return "", err
			}
		}
		out, err := b.api.GetRandomPassword(ctx, &b.in.GetRandomPasswordInput)
		if err != nil {
			return "", awsapi.Wrap("GetRandomPassword", &b.in.GetRandomPasswordInput, err)
		}
		if b.in.Key == "" {
			return aws.ToString(out.RandomPassword), nil
		}
		if password, err = rawjson.Marshal(aws.ToString(out.RandomPassword)); err != nil {
			return "", err
		}
	}
	changes, err := b.in.changes(password)
	if err != nil {
		return "", err
	}
	next, err := changes.Apply([]byte(aws.ToString(current.SecretString)))
	if errors.Is(err, secretjson.ErrNotObject) {
		err = fmt.Errorf("%w; leave Key and Set out, and the new password is the whole value, or give that as SecretString or SecretBinary", err)
	}
	if err != nil {
		return "", component.Errorf(component.InvalidInput, "%s of %.256q failed: %v", b.function, b.secretID, err)
	}
	return string(next), nil
}

// checkPlain holds that a value can give way to a password.
func (b beginning) checkPlain(current *secretsmanager.GetSecretValueOutput) error {
	switch _, err := secretjson.Compact([]byte(aws.ToString(current.SecretString))); {
	case err == nil:
		return component.Errorf(component.InvalidInput,
			`body.Key ("Key of the new password"): is missing – the value of %.256q is a JSON object; name the key that gets the new password, or give the whole new value as SecretString`, b.secretID)
	case current.SecretString == nil:
		return component.Errorf(component.InvalidInput, "%s of %.256q failed: the value is binary; give the new one as SecretBinary", b.function, b.secretID)
	}
	return nil
}

func (b beginning) output(own *secretsmanager.GetSecretValueOutput, base string) (json.RawMessage, error) {
	body, err := rawjson.Marshal(begun{
		aws.ToString(own.ARN), aws.ToString(own.Name), b.id, base, own.SecretString, own.SecretBinary,
	})
	if err != nil || !b.format.json {
		return body, err
	}
	var all members
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	if failed := b.format.replace(all); failed != nil {
		return nil, failed
	}
	return rawjson.Marshal(all)
}

func (in beginRotationInput) isWhole() bool { return in.SecretString != nil || in.SecretBinary != nil }

func (in beginRotationInput) needsPassword() bool {
	return !in.isWhole() && (in.Key != "" || in.Set == nil)
}

// check holds what a schema cannot say.
func (in beginRotationInput) check() error {
	ways := 0
	for _, given := range []bool{in.SecretString != nil, in.SecretBinary != nil, in.Key != "" || in.Set != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return component.Errorf(component.InvalidInput, "body: SecretString, SecretBinary, and Key with Set are three ways to the new value: map one of them")
	case !in.needsPassword() && in.GetRandomPasswordInput != (secretsmanager.GetRandomPasswordInput{}):
		return component.Errorf(component.InvalidInput, "body: no password is made, so its rules (PasswordLength, Exclude…) have no use: map Key, or leave them out")
	case in.isWhole(), in.Key == "" && in.Set == nil:
		return nil
	}
	_, err := in.changes(json.RawMessage(`""`))
	return err
}

// changes are those of the keys. The password is not known from the start.
func (in beginRotationInput) changes(password json.RawMessage) (c secretjson.Changes, err error) {
	if in.Set != nil {
		c, err = secretjson.NewChanges(in.Set, nil)
	}
	if err == nil && in.Key != "" {
		c, err = c.With("Key", in.Key, password)
	}
	if err != nil {
		return c, component.Errorf(component.InvalidInput, "body: %v", err)
	}
	return c, nil
}
