package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

const lag = 5 * time.Minute

func newLateEnvironment(t *testing.T) *environment {
	t.Helper()
	w := newEnvironment(t, func(o *emulator.Options) { o.Lag = lag })
	require.NoError(t, w.emulator.Seed(strings.NewReader(`{"region": "eu-central-1", "secrets": [
		{"name": "seeded", "description": "first", "secretString": "one"}]}`)))
	return w
}

// late checks what is listed, makes a change, and checks that it is listed
// when the lag is over and not before.
func (w *environment) late(before, after []string, changes func(), show func() []string) {
	w.t.Helper()
	require.Equal(w.t, before, show())
	changes()
	w.clock.Advance(lag - time.Nanosecond)
	require.Equal(w.t, before, show(), "too early")
	w.clock.Advance(time.Nanosecond)
	require.Equal(w.t, after, show())
}

func (w *environment) listedNames() []string {
	return w.names(&secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1)})
}

func TestListSecretsLags(t *testing.T) {
	changes := []struct {
		name   string
		after  []string
		change func(w *environment) error
	}{
		{"created", []string{"seeded", "new"}, func(w *environment) error {
			w.create("new", "one")
			return nil
		}},
		{"scheduled for deletion", []string{}, func(w *environment) error {
			_, err := w.DeleteSecret(w.t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("seeded")})
			return err
		}},
		{"deleted", []string{}, func(w *environment) error {
			in := &secretsmanager.DeleteSecretInput{SecretId: aws.String("seeded"), ForceDeleteWithoutRecovery: aws.Bool(true)}
			_, err := w.DeleteSecret(w.t.Context(), in)
			return err
		}},
	}
	for _, tt := range changes {
		t.Run(tt.name, func(t *testing.T) {
			w := newLateEnvironment(t)
			w.late([]string{"seeded"}, tt.after, func() { require.NoError(t, tt.change(w)) }, w.listedNames)
		})
	}
}

// listed are the secrets with what the changes below change.
func (w *environment) listed() []string {
	w.t.Helper()
	out, err := w.ListSecrets(w.t.Context(), &secretsmanager.ListSecretsInput{})
	require.NoError(w.t, err)
	all := []string{}
	for _, s := range out.SecretList {
		all = append(all, fmt.Sprintf("%s of %q: %d tags, %d versions", aws.ToString(s.Description), aws.ToString(s.PrimaryRegion), len(s.Tags), len(s.SecretVersionsToStages)))
	}
	return all
}

func TestListSecretsLagsWithChanges(t *testing.T) {
	w := newLateEnvironment(t)
	there := *w
	there.Client = w.client("us-east-1")
	id := aws.String("seeded")
	steps := []struct {
		of            *environment
		before, after []string
		change        func() error
	}{
		{w, []string{`first of "": 0 tags, 1 versions`}, []string{`second of "": 0 tags, 1 versions`}, func() error {
			_, err := w.UpdateSecret(t.Context(), &secretsmanager.UpdateSecretInput{SecretId: id, Description: aws.String("second")})
			require.Equal(t, "second", *w.describe("seeded").Description, "only ListSecrets lags")
			return err
		}},
		{w, []string{`second of "": 0 tags, 1 versions`}, []string{`second of "": 1 tags, 2 versions`}, func() error {
			w.put("seeded", "two")
			_, err := w.TagResource(t.Context(), &secretsmanager.TagResourceInput{SecretId: id, Tags: tagsOf("a=b")})
			return err
		}},
		{&there, []string{}, []string{`second of "eu-central-1": 1 tags, 2 versions`}, func() error {
			_, err := w.ReplicateSecretToRegions(t.Context(), &secretsmanager.ReplicateSecretToRegionsInput{SecretId: id, AddReplicaRegions: regions("us-east-1")})
			return err
		}},
		{&there, []string{`second of "eu-central-1": 1 tags, 2 versions`}, []string{`third of "eu-central-1": 1 tags, 2 versions`}, func() error {
			_, err := w.UpdateSecret(t.Context(), &secretsmanager.UpdateSecretInput{SecretId: id, Description: aws.String("third")})
			return err
		}},
		{w, []string{`third of "eu-central-1": 1 tags, 2 versions`}, []string{`third of "": 1 tags, 2 versions`}, func() error {
			_, err := there.StopReplicationToReplica(t.Context(), &secretsmanager.StopReplicationToReplicaInput{SecretId: id})
			return err
		}},
		{&there, []string{`third of "": 1 tags, 2 versions`}, []string{`third of "": 1 tags, 2 versions`}, func() error {
			_, err := w.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: id, TagKeys: []string{"a"}})
			return err
		}},
	}
	for _, s := range steps {
		s.of.late(s.before, s.after, func() { require.NoError(t, s.change()) }, s.of.listed)
	}
	require.Equal(t, []string{`third of "": 0 tags, 2 versions`}, w.listed())
}

// TestListSecretsLagsWithRotations: they take the lock in parts.
func TestListSecretsLagsWithRotations(t *testing.T) {
	w := newLateEnvironment(t)
	w.late([]string{`first of "": 0 tags, 1 versions`}, []string{`first of "": 0 tags, 2 versions`}, func() {
		in := &secretsmanager.RotateSecretInput{SecretId: aws.String("seeded"), RotationLambdaARN: aws.String(lambda)}
		_, err := w.RotateSecret(t.Context(), in)
		require.NoError(t, err)
	}, w.listed)
}

func TestResetIsListedAtOnce(t *testing.T) {
	w := newLateEnvironment(t)
	w.create("new", "one")
	require.NoError(t, w.emulator.Reset())
	require.Equal(t, []string{"seeded"}, w.listedNames())
	w.clock.Advance(lag)
	require.Equal(t, []string{"seeded"}, w.listedNames())
}

// TestRandomLag: each change is listed within the lag, a later one at times before
// an earlier one, and none is taken back.
func TestRandomLag(t *testing.T) {
	w := newEnvironment(t, func(o *emulator.Options) { o.Lag, o.RandomLag = lag, true })
	const secrets, steps = 20, 10
	for i := range secrets {
		w.create(fmt.Sprint("secret-", i), "one")
		w.clock.Advance(time.Millisecond)
	}
	seen := map[string]bool{}
	outOfOrder := false
	for range steps {
		w.clock.Advance(lag / steps)
		listed := map[string]bool{}
		for _, name := range w.listedNames() {
			listed[name] = true
		}
		for name := range seen {
			require.True(t, listed[name], "%s was listed before", name)
		}
		for i := range secrets - 1 {
			outOfOrder = outOfOrder || !listed[fmt.Sprint("secret-", i)] && listed[fmt.Sprint("secret-", i+1)]
		}
		seen = listed
	}
	require.Len(t, seen, secrets)
	require.True(t, outOfOrder)

	for i := range secrets { // the last of several changes counts, whichever is due first
		_, err := w.UpdateSecret(t.Context(), &secretsmanager.UpdateSecretInput{SecretId: aws.String("secret-0"), Description: aws.String(fmt.Sprint(i))})
		require.NoError(t, err)
		w.clock.Advance(time.Second)
	}
	w.clock.Advance(lag)
	out, err := w.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(secrets-1), *out.SecretList[0].Description)
}
