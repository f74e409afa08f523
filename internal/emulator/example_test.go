package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/emulator"
)

// Seed an emulator, serve it, and read a secret with the AWS SDK.
func Example() {
	e := emulator.New(emulator.Options{})
	err := e.Seed(strings.NewReader(`{
		"region": "eu-central-1",
		"secrets": [{"name": "shop/database", "secretString": {"username": "shop"}}]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(e)
	defer server.Close()

	client := secretsmanager.New(secretsmanager.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String(server.URL),
		HTTPClient:   server.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	out, err := client.GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{
		SecretId: aws.String("shop/database"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*out.SecretString, out.VersionStages)
	// Output: {"username":"shop"} [AWSCURRENT]
}

// Let the first call fail, and count the calls.
func ExampleEmulator_Inject() {
	e := emulator.New(emulator.Options{})
	err := e.Inject(emulator.Fault{Kind: emulator.Throttle, Operation: "ListSecrets", Times: 1})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(e)
	defer server.Close()

	client := secretsmanager.New(secretsmanager.Options{
		Region:           "eu-central-1",
		BaseEndpoint:     aws.String(server.URL),
		HTTPClient:       server.Client(),
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	for range 2 {
		_, err := client.ListSecrets(context.Background(), &secretsmanager.ListSecretsInput{})
		var failed smithy.APIError
		if errors.As(err, &failed) {
			fmt.Println(failed.ErrorCode())
		} else {
			fmt.Println(err)
		}
	}
	fmt.Println(e.Calls())
	// Output:
	// ThrottlingException
	// <nil>
	// map[ListSecrets:2]
}
