package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
)

func (w *environment) saved() string {
	w.t.Helper()
	var b bytes.Buffer
	require.NoError(w.t, w.emulator.Save(&b))
	return b.String()
}

// seen is all that callers can see of the secrets in a Region, as JSON.
func (w *environment) seen(region string) string {
	w.t.Helper()
	ctx := w.t.Context()
	c := w.client(region)
	list, err := c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)})
	require.NoError(w.t, err)
	all := []any{list.SecretList}
	for _, s := range list.SecretList {
		d, err := c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: s.ARN})
		require.NoError(w.t, err)
		versions, err := c.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: s.ARN, IncludeDeprecated: aws.Bool(true)})
		require.NoError(w.t, err)
		d.ResultMetadata, versions.ResultMetadata = list.ResultMetadata, list.ResultMetadata
		all = append(all, d, versions)
		if s.DeletedDate != nil {
			continue
		}
		policy, err := c.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: s.ARN})
		require.NoError(w.t, err)
		all = append(all, aws.ToString(policy.ResourcePolicy))
		for _, v := range versions.Versions {
			out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: s.ARN, VersionId: v.VersionId})
			if err != nil {
				all = append(all, err.Error()[strings.LastIndex(err.Error(), ":"):])
				continue
			}
			out.ResultMetadata = list.ResultMetadata
			all = append(all, out)
		}
	}
	b, err := json.MarshalIndent(all, "", " ")
	require.NoError(w.t, err)
	return string(b)
}

// TestStateComesBack fills an emulator with all that a secret can have.
func TestStateComesBack(t *testing.T) {
	w := newEnvironment(t)
	ctx := t.Context()
	elsewhere := []string{"us-east-1", "eu-west-1"}
	_, err := w.client(elsewhere[1]).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("full")})
	require.NoError(t, err)
	_, err = w.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String("full"), Description: aws.String("has all <&>"), KmsKeyId: aws.String("key"), SecretString: aws.String("one"),
		Tags: tagsOf("a=b", "c=d"), AddReplicaRegions: regions(elsewhere...),
	})
	require.NoError(t, err)
	w.clock.Advance(days)
	w.put("full", "two")
	w.put("full", "three", "MINE", "YOURS")
	_, err = w.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: aws.String("full"), ResourcePolicy: aws.String(plainPolicy)})
	require.NoError(t, err)
	_, err = w.RotateSecret(ctx, &secretsmanager.RotateSecretInput{
		SecretId: aws.String("full"), RotationLambdaARN: aws.String(lambda),
		RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(7)},
	})
	require.NoError(t, err)
	w.create("empty", "")
	_, err = w.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("binary"), SecretBinary: []byte{0, 255}})
	require.NoError(t, err)
	_, err = w.associate("binary", elsewhereARN)
	require.NoError(t, err)
	require.NoError(t, w.createReplica("copy", nil))
	w.create("deleted", "one")
	_, err = w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("deleted"), RecoveryWindowInDays: aws.Int64(7)})
	require.NoError(t, err)

	var before []string
	for _, region := range append(elsewhere, "eu-central-1") {
		_ = w.seen(region) // reads change when a secret was read last
		before = append(before, w.seen(region))
	}
	saved := w.saved()

	again := newEnvironment(t, func(o *emulator.Options) { o.Random = random(2); o.Lag = time.Hour })
	again.clock.Advance(days)
	again.create("forgotten", "one")
	require.NoError(t, again.emulator.Load(strings.NewReader(saved)))
	for i, region := range append(elsewhere, "eu-central-1") {
		require.Equal(t, before[i], again.seen(region))
	}
	require.Equal(t, saved, again.saved())

	// What was loaded goes on as before.
	_, err = again.client(elsewhere[0]).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String("full"), SecretString: aws.String("x")})
	requireCode(t, err, "InvalidParameterException", "replica")
	again.put("full", "four")
	out, err := again.client(elsewhere[0]).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("full")})
	require.NoError(t, err)
	require.Equal(t, "four", *out.SecretString)
	again.clock.Advance(7 * days)
	_, err = again.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String("deleted")})
	requireCode(t, err, "ResourceNotFoundException")
}

func TestLoadRefuses(t *testing.T) {
	const one = `"Name":"a","ARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AAAAAA","Region":"eu-central-1","Created":"2025-01-01T00:00:00Z"`
	content := func(s string) string { return one + `,"Content":{"Changed":"2025-01-01T00:00:00Z"` + s + `}` }
	version := func(id, rest string) string {
		return fmt.Sprintf(`{"ID":%q,"Created":"2025-01-01T00:00:00Z"%s}`, id, rest)
	}
	replica := strings.ReplaceAll(one, "eu-central-1", "us-east-1") + `,"ReplicaOf":"eu-central-1"`
	for name, tt := range map[string]struct {
		secrets []string
		want    string
	}{
		"name":           {[]string{strings.Replace(content(""), `"a"`, `"a b"`, 1)}, `secrets[0] "a b": its name`},
		"region":         {[]string{strings.ReplaceAll(content(""), "eu-central-1", "home")}, "is no AWS Region"},
		"ARN":            {[]string{strings.Replace(content(""), "a-AAAAAA", "b-AAAAAA", 1)}, "ARN does not belong"},
		"account":        {[]string{strings.Replace(content(""), "123456789012", "123456789013", 1)}, "ARN does not belong"},
		"twice":          {[]string{content(""), content("")}, `secrets[1] "a": it is there twice`},
		"no content":     {[]string{one}, "must either have Content"},
		"two contents":   {[]string{content("") + `,"ReplicaOf":"us-east-1"`}, "must either have Content"},
		"replica's":      {[]string{content(""), replica + `,"Replicas":[{"Region":"eu-west-1"}]`}, "must either have Content"},
		"no primary":     {[]string{replica}, `secrets[0] "a": its primary`},
		"own primary":    {[]string{strings.ReplaceAll(replica, "us-east-1", "eu-central-1")}, "its primary"},
		"other primary":  {[]string{content(""), replica}, "its primary does not have it"},
		"other's copy":   {[]string{content("") + `,"CrossAccountPrimary":"arn"`}, "another account is not valid"},
		"copy elsewhere": {[]string{content("") + `,"CrossAccountReplica":{"ARN":"` + strings.Replace(elsewhereARN, "210987654321", "123456789012", 1) + `"}`}, "another account is not valid"},
		"copy of a copy": {[]string{content("") + `,"CrossAccountPrimary":"` + elsewhereARN + `","CrossAccountReplica":{"ARN":"` + elsewhereARN + `"}`}, "another account is not valid"},
		"copy's copies":  {[]string{content("") + `,"CrossAccountPrimary":"` + elsewhereARN + `","Replicas":[{"Region":"us-east-1"}]`}, "another account is not valid"},
		"copy's value":   {[]string{content(`,"Versions":[`+version("1", `,"SecretString":"pl4nted"`)+"]") + `,"CrossAccountPrimary":"` + elsewhereARN + `"`}, "another account is not valid"},
		"replica's copy": {[]string{content(""), replica + `,"CrossAccountReplica":{"ARN":"` + elsewhereARN + `"}`}, "must either have Content"},
		"rules":          {[]string{content(`,"Rotation":{"Since":"2025-01-01T00:00:00Z","Rules":{"ScheduleExpression":"pl4nted"}}`)}, "rotation rules"},
		"days":           {[]string{content(`,"Rotation":{"Since":"2025-01-01T00:00:00Z","Rules":{"AutomaticallyAfterDays":-1}}`)}, "rotation rules"},
		"version ids":    {[]string{content(`,"Versions":[` + version("1", "") + "," + version("1", "") + "]")}, "same id"},
		"version labels": {[]string{content(`,"Versions":[` + version("1", `,"Stages":["L"]`) + "," + version("2", `,"Stages":["L"]`) + "]")}, "label"},
		"no version id":  {[]string{content(`,"Versions":[` + version("", "") + "]")}, "must have an ID"},
		"two values":     {[]string{content(`,"Versions":[` + version("1", `,"SecretString":"pl4nted","SecretBinary":"AAAA"`) + "]")}, "at most one"},
		"unknown member": {[]string{content(`,"Secret":"pl4nted"`)}, `unknown field "Secret"`},
		"wrong type":     {[]string{content(`,"Versions":[` + version("1", `,"SecretString":4711`) + "]")}, "must not be a JSON number"},
		"no base64":      {[]string{content(`,"Versions":[` + version("1", `,"SecretBinary":"pl4nted!"`) + "]")}, "not base64"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newEnvironment(t)
			w.create("kept", "one")
			err := w.emulator.Load(strings.NewReader(`{"Format":1,"Account":"123456789012","Secrets":[{` + strings.Join(tt.secrets, "},{") + `}]}`))
			require.ErrorContains(t, err, "read state: ")
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "pl4nted")
			require.NotContains(t, err.Error(), "4711")
			require.Equal(t, "one", w.text("kept"))
		})
	}
	for state, want := range map[string]string{
		``:                                      "it ends too early",
		`{"Format":2`:                           "it ends too early",
		`{"Format":2}`:                          "its format is 2, must be 1",
		`{"Format":1,"Account":"999999999999"}`: `it is of account "999999999999", not 123456789012`,
	} {
		require.ErrorContains(t, emulator.New(emulator.Options{}).Load(strings.NewReader(state)), want)
	}
}

// FuzzLoad: what loads, saves and loads again to the same, and can be listed.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"Format":1,"Account":"123456789012","Secrets":[
		{"Name":"a","ARN":"arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AAAAAA","Region":"us-east-1","Created":"2025-01-01T00:00:00Z",
		 "Replicas":[{"Region":"eu-west-1","KmsKeyID":"k"},{"Region":"eu-west-2"}],
		 "Content":{"Changed":"2025-01-01T00:00:00Z","Tags":[{"Key":"k","Value":"v"}],
		  "Rotation":{"Enabled":true,"Lambda":"l","Since":"2025-01-01T00:00:00Z","Rules":{"ScheduleExpression":"rate(5 days)","Duration":"2h"}},
		  "Versions":[{"ID":"1","Created":"2025-01-01T00:00:00Z","Stages":["AWSCURRENT"],"SecretString":"s"},{"ID":"2","Created":"2025-01-01T00:00:00Z","SecretBinary":"AA=="}]}},
		{"Name":"a","ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AAAAAA","Region":"eu-west-1","Created":"2025-01-01T00:00:00Z","ReplicaOf":"us-east-1"}]}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		var saved [2]bytes.Buffer
		in := slices.Clone(state)
		for i := range saved {
			e := emulator.New(emulator.Options{Random: random(1), Clock: newClock().Now})
			if err := e.Load(bytes.NewReader(in)); err != nil {
				require.Zero(t, i, err)
				return
			}
			require.Equal(t, http.StatusOK, serve(e, "ListSecrets", []byte(`{"Filters":[{"Key":"all","Values":["a"]}]}`)).Code)
			require.NoError(t, e.Save(&saved[i]))
			in = saved[i].Bytes()
		}
		require.Equal(t, saved[0].String(), saved[1].String())
	})
}
