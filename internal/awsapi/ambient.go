package awsapi

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Where the container services ECS and EKS serve relative URIs.
const containerCredentialsHost = "http://169.254.170.2"

// ambientCredentials are those of the container's host, from the first source
// that the environment names: keys, web identity, container service, or else
// the instance's role. The SDK's own search would also read files and start
// single sign-on, which a container does not have and which costs 3 MiB of
// memory in every one (decision 4).
func ambientCredentials(cfg Config, client aws.HTTPClient) aws.CredentialsProvider {
	env := os.Getenv
	full, relative := env("AWS_CONTAINER_CREDENTIALS_FULL_URI"), env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
	switch {
	case env("AWS_ACCESS_KEY_ID") != "":
		return credentials.NewStaticCredentialsProvider(
			env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN"))
	case env("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		return stscreds.NewWebIdentityRoleProvider(sts.New(stsOptions(cfg, client)), env("AWS_ROLE_ARN"),
			stscreds.IdentityTokenFile(env("AWS_WEB_IDENTITY_TOKEN_FILE")),
			func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = sessionName(cfg.SessionName) })
	case relative != "":
		return containerCredentials(containerCredentialsHost + relative)
	case full != "":
		return containerCredentials(full)
	default:
		return ec2rolecreds.New()
	}
}

func containerCredentials(url string) aws.CredentialsProvider {
	return endpointcreds.New(url, func(o *endpointcreds.Options) {
		o.AuthorizationToken = os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
		if file := os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
			o.AuthorizationTokenProvider = endpointcreds.TokenProviderFunc(func() (string, error) {
				token, err := os.ReadFile(file) //nolint:gosec // the operator names it
				return string(token), err
			})
		}
	})
}
