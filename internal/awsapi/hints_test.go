package awsapi

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

func TestRegionOfAnARN(t *testing.T) {
	const start = "arn:aws:secretsmanager:"
	for _, tt := range []struct{ name, secretID, hint string }{
		{"another region", start + "eu-west-1:123456789012:secret:a-AbCdEf",
			"the ARN is one of eu-west-1, but the region in the credentials is eu-central-1: use credentials for eu-west-1"},
		{"the same region", start + "eu-central-1:123456789012:secret:a-AbCdEf", "check the name or ARN"},
		{"a name", "arn:aws", "check the name or ARN"},
		{"not the ARN of a secret", start + "planted:123456789012:secret:a", "check the name or ARN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := once(t, validConfig(), always(400, awsError(t, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")))
			in := &secretsmanager.GetSecretValueInput{SecretId: aws.String(tt.secretID)}
			_, err := api.GetSecretValue(t.Context(), in)
			require.Error(t, err)
			require.ErrorContains(t, Wrap("GetSecretValue", in, err), "; "+tt.hint)
		})
	}
}
