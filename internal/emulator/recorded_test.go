package emulator_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"
)

// TestFiltersByWordsAsRecorded holds the filters against what tests of moto and
// LocalStack, run against AWS, found; docs/emulator.md names them.
func TestFiltersByWordsAsRecorded(t *testing.T) {
	w := newEnvironment(t)
	for _, s := range []struct {
		name, description string
		tags              []string
	}{
		{"OrderFirst", "", nil},
		{"OrderSecond", "DescTwo", nil},
		{"Thirdorder", "", nil},
		{"OrderFTag", "", []string{"1=foo"}},
		{"OrderFValue", "", []string{"foo=v"}},
		{"uat/COMPANY/1a2b3c", "", nil},
		{"uat/COMPANYthings/1a2b3c", "an order", nil},
		{"eu+PayBeta+1a2b3c", "a large order", nil},
		{"eu@PayBeta@1a2b3c", "anorder", nil},
	} {
		_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &s.name, Description: &s.description, Tags: tagsOf(s.tags...)})
		require.NoError(t, err)
	}
	for _, tt := range []struct {
		name, key, value string
		want             []string
	}{
		{"words", "all", "OrderFirst", []string{"OrderFirst"}},
		{"a tag's key or value", "all", "foo", []string{"OrderFTag", "OrderFValue"}},
		{"the start of a word, whatever its case", "all", "ord", []string{
			"OrderFirst", "OrderSecond", "OrderFTag", "OrderFValue", "uat/COMPANYthings/1a2b3c", "eu+PayBeta+1a2b3c"}},
		{"not the middle of a word", "all", "der", nil},
		{"each word of the value", "all", "SomeOrder", nil},
		{"two words of one attribute", "all", "d t", []string{"OrderSecond"}},
		{"one of them", "all", "t", []string{"OrderSecond", "Thirdorder", "OrderFTag"}},
		{"a word between punctuation", "all", "Beta", []string{"eu+PayBeta+1a2b3c", "eu@PayBeta@1a2b3c"}},
		{"punctuation alone", "all", "+", nil},
		{"letters and digits", "all", "1a2b3c", []string{"uat/COMPANY/1a2b3c", "uat/COMPANYthings/1a2b3c", "eu+PayBeta+1a2b3c", "eu@PayBeta@1a2b3c"}},
		{"capitals before a word", "all", "company", []string{"uat/COMPANY/1a2b3c"}},
		{"a word without its capital", "all", "things", nil},
		{"a word with its capital", "all", "Ythings", []string{"uat/COMPANYthings/1a2b3c"}},
		{"a letter within capitals", "all", "N", nil},
		{"description: a word", "description", "a", []string{"uat/COMPANYthings/1a2b3c", "eu+PayBeta+1a2b3c", "eu@PayBeta@1a2b3c"}},
		{"description: all words", "description", "a order", []string{"uat/COMPANYthings/1a2b3c", "eu+PayBeta+1a2b3c"}},
		{"name: no words", "name", "uat COMPANY", nil},
		{"name: its beginning", "name", "uat/", []string{"uat/COMPANY/1a2b3c", "uat/COMPANYthings/1a2b3c"}},
		{"name: not its beginning", "name", "!Order", []string{
			"Thirdorder", "uat/COMPANY/1a2b3c", "uat/COMPANYthings/1a2b3c", "eu+PayBeta+1a2b3c", "eu@PayBeta@1a2b3c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, append([]string{}, tt.want...), w.names(&secretsmanager.ListSecretsInput{Filters: []types.Filter{filterOf(tt.key, tt.value)}}))
		})
	}
}

// TestErrorsAsRecorded compares whole sentences with AWS's.
func TestErrorsAsRecorded(t *testing.T) {
	w := newEnvironment(t)
	w.create("a", "one")
	w.create("gone", "one")
	_, err := w.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("gone")})
	require.NoError(t, err)
	const token = `"ClientRequestToken": "00000000-0000-4000-8000-000000000001"`
	for _, tt := range []struct{ name, operation, body, code, text string }{
		{"no token: CreateSecret", "CreateSecret", `{"Name": "b", "SecretString": "x"}`,
			"InvalidRequestException", "You must provide a ClientRequestToken value. We recommend a UUID-type value."},
		{"no token: PutSecretValue, before the secret is looked up", "PutSecretValue", `{"SecretId": "b", "SecretString": "x"}`,
			"InvalidRequestException", "You must provide a ClientRequestToken value. We recommend a UUID-type value."},
		{"no token: UpdateSecret, before the secret is looked up", "UpdateSecret", `{"SecretId": "b", "SecretString": "x"}`,
			"InvalidRequestException", "You must provide a ClientRequestToken value. We recommend a UUID-type value."},
		{"no token: RotateSecret, before the secret is looked up", "RotateSecret", `{"SecretId": "b"}`,
			"InvalidParameterException", "You must provide a ClientRequestToken value. We recommend a UUID-type value."},
		{"name", "CreateSecret", `{"Name": " a *?!]b\\-", "SecretString": "x", ` + token + `}`,
			"ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"},
		{"name that is taken", "CreateSecret", `{"Name": "a", "SecretString": "x", ` + token + `}`,
			"ResourceExistsException", "The operation failed because the secret a already exists."},
		{"name of a deleted secret", "CreateSecret", `{"Name": "gone", "SecretString": "x", ` + token + `}`,
			"InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion."},
		{"no such secret", "GetSecretValue", `{"SecretId": "b"}`,
			"ResourceNotFoundException", "Secrets Manager can't find the specified secret."},
		{"no version with the label", "GetSecretValue", `{"SecretId": "a", "VersionStage": "AWSPREVIOUS"}`,
			"ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS"},
		{"deleted", "TagResource", `{"SecretId": "gone", "Tags": [{"Key": "k", "Value": "v"}]}`,
			"InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion."},
		{"no rotation function", "RotateSecret", `{"SecretId": "a", ` + token + `}`,
			"InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."},
		{"replica in the Region of the secret", "ReplicateSecretToRegions", `{"SecretId": "a", "AddReplicaRegions": [{"Region": "eu-central-1"}]}`,
			"InvalidParameterException", "Invalid replica region."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body := w.raw(tt.operation, tt.body)
			require.Equal(t, http.StatusBadRequest, status)
			require.Equal(t, map[string]any{"__type": tt.code, "Message": tt.text}, body)
		})
	}
}

// TestOldestFirst: without SortOrder, whatever the names.
func TestOldestFirst(t *testing.T) {
	w := newEnvironment(t)
	for _, name := range []string{"b", "c", "a"} {
		w.create(name, name)
	}
	require.Equal(t, []string{"b", "c", "a"}, w.names(&secretsmanager.ListSecretsInput{}))
	batch, err := w.BatchGetSecretValue(t.Context(), &secretsmanager.BatchGetSecretValueInput{Filters: []types.Filter{filterOf("name", "")}})
	require.NoError(t, err)
	require.Equal(t, []string{"b=b", "c=c", "a=a"}, valuesOf(batch))
}
