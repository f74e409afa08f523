package emulator_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

const lambda = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"

func (w *environment) rotate(tweaks ...func(*secretsmanager.RotateSecretInput)) (*secretsmanager.RotateSecretOutput, error) {
	in := &secretsmanager.RotateSecretInput{SecretId: aws.String("a"), RotationLambdaARN: aws.String(lambda)}
	for _, tweak := range tweaks {
		tweak(in)
	}
	return w.RotateSecret(w.t.Context(), in)
}

func withToken(n int) func(*secretsmanager.RotateSecretInput) {
	return func(in *secretsmanager.RotateSecretInput) { in.ClientRequestToken = token(n) }
}

func TestRotateSecret(t *testing.T) {
	w := newEnvironment(t)
	_, first := w.create("a", `{"username":"u","password":"one","big":12345678901234567890}`)
	w.clock.Advance(time.Hour)

	out, err := w.rotate(withToken(1), func(in *secretsmanager.RotateSecretInput) {
		in.RotationRules = &types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(10)}
	})
	require.NoError(t, err)
	require.Equal(t, *token(1), *out.VersionId)
	require.Equal(t, map[string][]string{first: {"AWSPREVIOUS"}, *token(1): {"AWSCURRENT", "AWSPENDING"}}, w.stages("a"))
	require.Regexp(t, `^{"big":12345678901234567890,"password":".{32,}","username":"u"}$`, w.text("a"))
	require.NotContains(t, w.text("a"), `"one"`)

	d := w.describe("a")
	require.True(t, *d.RotationEnabled)
	require.Equal(t, lambda, *d.RotationLambdaARN)
	require.Equal(t, int64(10), *d.RotationRules.AutomaticallyAfterDays)
	require.Equal(t, w.clock.Now(), d.LastRotatedDate.UTC())
	require.Equal(t, "2025-03-24T23:59:59Z", d.NextRotationDate.Format(time.RFC3339))

	// The same request again makes no second version, the next one does.
	value := w.text("a")
	again, err := w.rotate(withToken(1))
	require.NoError(t, err)
	require.Equal(t, *token(1), *again.VersionId)
	require.Equal(t, value, w.text("a"))
	_, err = w.rotate(withToken(2), func(in *secretsmanager.RotateSecretInput) { in.RotationLambdaARN = nil })
	require.NoError(t, err, "the Lambda function is kept")
	require.Equal(t, map[string][]string{*token(1): {"AWSPREVIOUS"}, *token(2): {"AWSCURRENT", "AWSPENDING"}}, w.stages("a"))

	// A plain value is replaced as a whole.
	w.put("a", "plain")
	_, err = w.rotate()
	require.NoError(t, err)
	require.Len(t, w.text("a"), 32)
}

func TestRotateSecretStepByStep(t *testing.T) {
	var steps []string
	var w *environment
	w = newEnvironment(t, func(o *emulator.Options) {
		o.Rotate = func(_ context.Context, s emulator.RotationStep, builtIn func() error) error {
			steps = append(steps, s.Step)
			require.Equal(t, *token(1), s.Token)
			require.Equal(t, "eu-central-1", s.Region)
			require.Equal(t, "one", w.text(s.SecretID), "the function may call the service")
			if s.Step == emulator.StepFinish {
				return nil // leaves it to the test to finish
			}
			return builtIn()
		}
	})
	w.create("a", "one")
	_, err := w.rotate(withToken(1))
	require.NoError(t, err)
	require.Equal(t, []string{"createSecret", "setSecret", "testSecret", "finishSecret"}, steps)
	require.Nil(t, w.describe("a").LastRotatedDate, "AWSCURRENT has not moved")
	require.Equal(t, "one", w.text("a"))
}

func TestRotateSecretRefusedWhilePending(t *testing.T) {
	for _, failing := range []string{emulator.StepCreate, emulator.StepTest} {
		t.Run(failing, func(t *testing.T) {
			broken := true
			w := newEnvironment(t, func(o *emulator.Options) {
				o.Rotate = func(_ context.Context, s emulator.RotationStep, builtIn func() error) error {
					if broken && s.Step == failing {
						return errors.New("function failed")
					}
					return builtIn()
				}
			})
			_, first := w.create("a", "one")
			_, err := w.rotate(withToken(1))
			require.NoError(t, err, "rotation is asynchronous: its failure is not the call's")
			require.Equal(t, map[string][]string{first: {"AWSCURRENT"}, *token(1): {"AWSPENDING"}}, w.stages("a"))

			broken = false
			for n := range 2 {
				_, err = w.rotate(withToken(n + 1))
				requireCode(t, err, "InvalidRequestException", "A previous rotation isn't complete.")
			}

			cancelled, err := w.CancelRotateSecret(t.Context(), &secretsmanager.CancelRotateSecretInput{SecretId: aws.String("a")})
			require.NoError(t, err)
			require.Equal(t, *token(1), *cancelled.VersionId)
			require.False(t, *w.describe("a").RotationEnabled)
			require.Nil(t, w.describe("a").NextRotationDate)
			_, err = w.rotate()
			requireCode(t, err, "InvalidRequestException", "isn't complete")

			_, err = w.UpdateSecretVersionStage(t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
				SecretId: aws.String("a"), VersionStage: aws.String("AWSPENDING"), RemoveFromVersionId: token(1),
			})
			require.NoError(t, err)
			_, err = w.rotate(withToken(3))
			require.NoError(t, err)
			require.Contains(t, w.stages("a")[*token(3)], "AWSCURRENT")
			require.True(t, *w.describe("a").RotationEnabled)
		})
	}
}

func TestPendingVersionIsEmptyUntilPut(t *testing.T) {
	w := newEnvironment(t, func(o *emulator.Options) {
		o.Rotate = func(context.Context, emulator.RotationStep, func() error) error { return errors.New("no function") }
	})
	w.create("a", "")
	_, err := w.rotate(withToken(1))
	require.NoError(t, err)
	require.Equal(t, map[string][]string{*token(1): {"AWSPENDING"}}, w.stages("a"))
	get := &secretsmanager.GetSecretValueInput{SecretId: aws.String("a"), VersionId: token(1), VersionStage: aws.String("AWSPENDING")}
	_, err = w.GetSecretValue(t.Context(), get)
	requireCode(t, err, "ResourceNotFoundException", "VersionId")
	_, err = w.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("a"), VersionStage: aws.String("AWSPENDING")})
	requireCode(t, err, "ResourceNotFoundException", "staging label: AWSPENDING")

	put := &secretsmanager.PutSecretValueInput{
		SecretId: aws.String("a"), ClientRequestToken: token(1), SecretString: aws.String("one"), VersionStages: []string{"AWSPENDING"},
	}
	_, err = w.PutSecretValue(t.Context(), put)
	require.NoError(t, err)
	out, err := w.GetSecretValue(t.Context(), get)
	require.NoError(t, err)
	require.Equal(t, "one", *out.SecretString)
	put.SecretString = aws.String("two")
	_, err = w.PutSecretValue(t.Context(), put)
	requireCode(t, err, "ResourceExistsException")

	// No version has AWSCURRENT yet, so there is none to remove it from.
	_, err = w.UpdateSecretVersionStage(t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: aws.String("a"), VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: token(1),
	})
	require.NoError(t, err)
	require.Equal(t, "one", w.text("a"))
}

func TestRotateSecretLater(t *testing.T) {
	var steps []string
	w := newEnvironment(t, func(o *emulator.Options) {
		o.Rotate = func(_ context.Context, s emulator.RotationStep, builtIn func() error) error {
			steps = append(steps, s.Step)
			return builtIn()
		}
	})
	_, first := w.create("a", "one")
	_, err := w.rotate(func(in *secretsmanager.RotateSecretInput) {
		in.RotateImmediately = aws.Bool(false)
		in.RotationRules = &types.RotationRulesType{ScheduleExpression: aws.String("rate(12 hours)")}
	})
	require.NoError(t, err)
	require.Equal(t, []string{"testSecret"}, steps)
	require.Equal(t, []string{first}, w.versions("a", true), "the version of the test is removed")
	require.True(t, *w.describe("a").RotationEnabled)
	require.Equal(t, "2025-03-15T01:00:00Z", w.describe("a").NextRotationDate.Format(time.RFC3339))
	require.Equal(t, "one", w.text("a"))
}

func TestRotateSecretRefuses(t *testing.T) {
	rules := func(r types.RotationRulesType) func(*secretsmanager.RotateSecretInput) {
		return func(in *secretsmanager.RotateSecretInput) { in.RotationRules = &r }
	}
	expression := func(e string) func(*secretsmanager.RotateSecretInput) {
		return rules(types.RotationRulesType{ScheduleExpression: &e})
	}
	tests := []struct {
		name  string
		tweak func(*secretsmanager.RotateSecretInput)
		code  string
		text  string
	}{
		{"no function", func(in *secretsmanager.RotateSecretInput) { in.RotationLambdaARN = nil }, "InvalidRequestException", "No Lambda rotation function ARN"},
		{"days and expression", rules(types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(1), ScheduleExpression: aws.String("rate(1 day)")}), "InvalidParameterException", "both"},
		{"no duration", rules(types.RotationRulesType{ScheduleExpression: aws.String("rate(1 day)"), Duration: aws.String("0h")}), "InvalidParameterException", "Duration"},
		{"long duration", rules(types.RotationRulesType{ScheduleExpression: aws.String("rate(1 day)"), Duration: aws.String("25h")}), "InvalidParameterException", "Duration"},
		{"often", expression("rate(3 hours)"), "InvalidParameterException", "4 to 999"},
		{"plural of one", expression("rate(1 days)"), "InvalidParameterException", "agree"},
		{"singular of two", expression("rate(2 day)"), "InvalidParameterException", "agree"},
		{"no days", expression("rate(0 days)"), "InvalidParameterException", "1000"},
		{"minutes", expression("rate(300 minutes)"), "InvalidParameterException", "rate(N hours)"},
		{"words", expression("every day"), "InvalidParameterException", "cron()"},
		{"five fields", expression("cron(0 8 1 * ?)"), "InvalidParameterException", "six fields"},
		{"minutes of cron", expression("cron(5 8 1 * ? *)"), "InvalidParameterException", "minutes"},
		{"year of cron", expression("cron(0 8 1 * ? 2030)"), "InvalidParameterException", "year"},
		{"both days of cron", expression("cron(0 8 1 * MON *)"), "InvalidParameterException", "must be ?"},
		{"no day of cron", expression("cron(0 8 ? * ? *)"), "InvalidParameterException", "must be ?"},
		{"hour 24", expression("cron(0 24 1 * ? *)"), "InvalidParameterException", "hours"},
		{"month 13", expression("cron(0 8 1 13 ? *)"), "InvalidParameterException", "month"},
		{"day 32", expression("cron(0 8 32 * ? *)"), "InvalidParameterException", "day of month"},
		{"weekday 8", expression("cron(0 8 ? * 8 *)"), "InvalidParameterException", "day of week"},
		{"sixth Monday", expression("cron(0 8 ? * MON#6 *)"), "InvalidParameterException", "day of week"},
		{"30 February", expression("cron(0 8 30 2 ? *)"), "InvalidParameterException", "never"},
		{"cron often", expression("cron(0 0,2 1 * ? *)"), "InvalidParameterException", "four hours"},
		{"cron often over midnight", expression("cron(0 1,23 1 * ? *)"), "InvalidParameterException", "four hours"},
		{"step 0", expression("cron(0 */0 1 * ? *)"), "InvalidParameterException", "hours"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			_, first := w.create("a", "one")
			_, err := w.rotate(tt.tweak)
			requireCode(t, err, tt.code, tt.text)
			require.Equal(t, map[string][]string{first: {"AWSCURRENT"}}, w.stages("a"))
			require.Nil(t, w.describe("a").RotationEnabled)
			_, err = w.CancelRotateSecret(t.Context(), &secretsmanager.CancelRotateSecretInput{SecretId: aws.String("a")})
			requireCode(t, err, "InvalidRequestException", "turned off")
		})
	}
}

func TestManagedExternalSecret(t *testing.T) {
	w := newEnvironment(t)
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("a"), SecretString: aws.String("one"), Type: aws.String("partner"),
	})
	require.NoError(t, err)
	role := "arn:aws:iam::123456789012:role/" + strings.Repeat("r", 10)
	_, err = w.rotate(func(in *secretsmanager.RotateSecretInput) {
		in.RotationLambdaARN = nil
		in.ExternalSecretRotationRoleArn = &role
		in.ExternalSecretRotationMetadata = []types.ExternalSecretRotationMetadataItem{{Key: aws.String("k"), Value: aws.String("v")}}
	})
	require.NoError(t, err, "the role takes the place of a function")
	d := w.describe("a")
	require.Equal(t, role, *d.ExternalSecretRotationRoleArn)
	require.Equal(t, "k", *d.ExternalSecretRotationMetadata[0].Key)
	require.Equal(t, "v", *d.ExternalSecretRotationMetadata[0].Value)
	list, err := w.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	require.Equal(t, role, *list.SecretList[0].ExternalSecretRotationRoleArn)
	require.Equal(t, "partner", *list.SecretList[0].Type)
}
