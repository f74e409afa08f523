package awsapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// arnIn is the ARN of a secret in a region.
func arnIn(partition, region string) string {
	return "arn:" + partition + ":secretsmanager:" + region + ":123456789012:secret:a-AbCdEf"
}

func TestSecretsAreCalledInTheRegionOfTheirARN(t *testing.T) {
	const vpc = "https://vpce-1.secretsmanager.eu-central-1.vpce.amazonaws.com"
	for _, tt := range []struct{ name, region, endpoint, secretID, host, scope string }{
		{"a name", "eu-central-1", "", "a", "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"the same region", "eu-central-1", "", arnIn("aws", "eu-central-1"), "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"another region", "eu-central-1", "", arnIn("aws", "us-east-1"), "secretsmanager.us-east-1.amazonaws.com", "us-east-1"},
		{"without the characters at its end", "eu-central-1", "", strings.TrimSuffix(arnIn("aws", "us-east-1"), "-AbCdEf"), "secretsmanager.us-east-1.amazonaws.com", "us-east-1"},
		{"another one of China", "cn-north-1", "", arnIn("aws-cn", "cn-northwest-1"), "secretsmanager.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
		{"another partition", "eu-central-1", "", arnIn("aws-cn", "cn-north-1"), "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"another partition by region alone", "eu-central-1", "", arnIn("aws", "us-gov-west-1"), "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"another partition by name alone", "eu-central-1", "", arnIn("aws-us-gov", "us-east-1"), "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"no region", "eu-central-1", "", arnIn("aws", "host.example.com/"), "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"the ARN of something else", "eu-central-1", "", strings.Replace(arnIn("aws", "us-east-1"), "secretsmanager", "s3", 1), "secretsmanager.eu-central-1.amazonaws.com", "eu-central-1"},
		{"a custom endpoint", "eu-central-1", vpc, arnIn("aws", "us-east-1"), strings.TrimPrefix(vpc, "https://"), "eu-central-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			net := always(http.StatusOK, `{}`)
			cfg := validConfig()
			cfg.Region, cfg.Endpoint = tt.region, tt.endpoint
			api, err := New(cfg, Options{Transport: net})
			require.NoError(t, err)
			_, err = api.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &tt.secretID})
			require.NoError(t, err)
			_, err = api.BatchGetSecretValue(t.Context(), &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{tt.secretID, "b"}})
			require.NoError(t, err)
			require.Len(t, net.seen(), 2)
			for _, request := range net.seen() {
				assert.Equal(t, tt.host, request.URL.Host)
				assert.Contains(t, request.Header.Get("Authorization"), "/"+tt.scope+"/secretsmanager/aws4_request")
			}
			assert.Equal(t, tt.scope, api.(*regionalClient).Region(tt.secretID))
		})
	}
}

func TestWhatIsAboutNoSecretStaysInTheRegion(t *testing.T) {
	net := always(http.StatusOK, `{}`)
	api, err := New(validConfig(), Options{Transport: net})
	require.NoError(t, err)
	_, err = api.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	_, err = api.ValidateResourcePolicy(t.Context(), &secretsmanager.ValidateResourcePolicyInput{ResourcePolicy: aws.String("{}")})
	require.NoError(t, err)
	_, err = api.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(arnIn("aws", "us-east-1"))})
	require.NoError(t, err)
	for _, request := range net.seen() {
		assert.Equal(t, "secretsmanager.eu-central-1.amazonaws.com", request.URL.Host)
	}
}

// A role is assumed in each region, by the STS there, which may be all that works.
func TestRoleInAnotherRegion(t *testing.T) {
	net := &fakeAWS{respond: respondWithRole(t, time.Hour)}
	cfg := validConfig()
	cfg.RoleARN = "arn:aws:iam::123456789012:role/own"
	api, err := New(cfg, Options{Transport: net})
	require.NoError(t, err)
	for _, id := range []string{arnIn("aws", "us-east-1"), "a", arnIn("aws", "us-east-1")} {
		_, err = api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		require.NoError(t, err)
	}
	var hosts []string
	for _, request := range net.seen() {
		hosts = append(hosts, request.URL.Host)
	}
	assert.Equal(t, []string{
		"sts.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com",
		"sts.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com",
		"secretsmanager.us-east-1.amazonaws.com",
	}, hosts)
}

// Messages may name as many regions as they like.
func TestRegionsThatAreKept(t *testing.T) {
	api, err := New(validConfig(), Options{Transport: always(http.StatusOK, `{}`)})
	require.NoError(t, err)
	for i := range 2 * maxRegions {
		id := arnIn("aws", fmt.Sprintf("%c%c-made-1", 'a'+i/26, 'a'+i%26))
		_, err = api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		require.NoError(t, err)
	}
	assert.Len(t, api.(*regionalClient).others, maxRegions)
}

func TestHintForTheRegionOfAnARN(t *testing.T) {
	const endpoint = "https://vpce-1.secretsmanager.eu-central-1.vpce.amazonaws.com"
	for _, tt := range []struct{ name, endpoint, secretID, hint string }{
		{"another region, custom endpoint", endpoint, arnIn("aws", "eu-west-1"),
			"the ARN is one of eu-west-1, but the region in the credentials is eu-central-1: use credentials for eu-west-1"},
		{"another partition", "", arnIn("aws-cn", "cn-north-1"),
			"the ARN is one of cn-north-1, but the region in the credentials is eu-central-1: use credentials for cn-north-1"},
		{"another region", "", arnIn("aws", "eu-west-1"), "check the name or ARN"}, // it was called there
		{"the same region", endpoint, arnIn("aws", "eu-central-1"), "check the name or ARN"},
		{"a name", endpoint, "arn:aws", "check the name or ARN"},
		{"not the ARN of a secret", endpoint, arnIn("aws", "planted"), "check the name or ARN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := validConfig()
			cfg.Endpoint = tt.endpoint
			api, err := New(cfg, Options{
				Transport: always(400, awsError(t, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")),
			})
			require.NoError(t, err)
			in := &secretsmanager.GetSecretValueInput{SecretId: aws.String(tt.secretID)}
			_, err = api.GetSecretValue(t.Context(), in)
			require.Error(t, err)
			require.ErrorContains(t, Wrap("GetSecretValue", in, err), "; "+tt.hint)
		})
	}
}

// The table of partitions says what the SDK's endpoints do.
func TestPartitions(t *testing.T) {
	domains := map[string]string{
		"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com", "aws-eusc": "amazonaws.eu",
		"aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov", "aws-iso-e": "cloud.adc-e.uk", "aws-iso-f": "csp.hci.ic.gov",
	}
	for _, region := range []string{
		"us-east-1", "us-west-2", "eu-central-1", "ap-southeast-7", "il-central-1", "mx-central-1", "cn-north-1", "cn-northwest-1",
		"us-gov-east-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1",
	} {
		net := always(http.StatusOK, `{}`)
		cfg := validConfig()
		cfg.Region = region
		require.NoError(t, getSecret(t, cfg, Options{Transport: net}))
		assert.Equal(t, "secretsmanager."+region+"."+domains[partitionOf(region)], net.seen()[0].URL.Host)
	}
}
