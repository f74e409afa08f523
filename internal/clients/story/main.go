// Command story is the story in the AWS SDK for Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

func main() {
	s := story{Client: secretsmanager.New(secretsmanager.Options{
		BaseEndpoint: aws.String(os.Getenv("EMULATOR")),
		Region:       os.Getenv("AWS_REGION"),
		Credentials:  credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
	})}
	s.tell(context.Background())
	if s.err != nil {
		log.Fatal(s.err)
	}
}

// story goes on until something is wrong.
type story struct {
	*secretsmanager.Client
	err error
}

func (s *story) step(do func() error) {
	if s.err == nil {
		s.err = do()
	}
}

func (s *story) tell(ctx context.Context) {
	id := aws.String("story/db")
	s.step(func() error {
		in := &secretsmanager.CreateSecretInput{Name: id, SecretString: aws.String("one"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}}
		_, err := s.CreateSecret(ctx, in)
		return err
	})
	s.step(func() error { return s.valueIs(ctx, "", "one") })
	s.step(func() error {
		_, err := s.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: aws.String("two")})
		return err
	})
	s.step(func() error { return s.valueIs(ctx, "", "two") })
	s.step(func() error { return s.valueIs(ctx, "AWSPREVIOUS", "one") })
	s.step(func() error { return s.list(ctx) })
	s.step(func() error {
		in := &secretsmanager.RotateSecretInput{SecretId: id, RotationLambdaARN: aws.String("arn:aws:lambda:eu-central-1:123456789012:function:rotate")}
		_, err := s.RotateSecret(ctx, in)
		return err
	})
	s.step(func() error { return s.valueIs(ctx, "AWSPREVIOUS", "two") })
	s.step(func() error {
		_, err := s.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, RecoveryWindowInDays: aws.Int64(7)})
		return err
	})
	s.step(func() error {
		if err := s.valueIs(ctx, "", "two"); !errors.As(err, new(*types.InvalidRequestException)) {
			return fmt.Errorf("it can be read although it is deleted: %w", err)
		}
		return nil
	})
	s.step(func() error {
		_, err := s.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: id})
		return err
	})
	s.step(func() error { return s.valueIs(ctx, "AWSPREVIOUS", "two") })
	s.step(func() error {
		_, err := s.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String("story/none")})
		if !errors.As(err, new(*types.ResourceNotFoundException)) {
			return fmt.Errorf("what is not there is found: %w", err)
		}
		return nil
	})
}

func (s *story) valueIs(ctx context.Context, stage, want string) error {
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String("story/db")}
	if stage != "" {
		in.VersionStage = &stage
	}
	out, err := s.GetSecretValue(ctx, in)
	if err == nil && *out.SecretString != want {
		return fmt.Errorf("it is %q, must be %q", *out.SecretString, want)
	}
	return err
}

func (s *story) list(ctx context.Context) error {
	pages := secretsmanager.NewListSecretsPaginator(s, &secretsmanager.ListSecretsInput{
		Filters:    []types.Filter{{Key: "name", Values: []string{"story/"}}, {Key: "tag-key", Values: []string{"team"}}},
		MaxResults: aws.Int32(1),
	})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, secret := range page.SecretList {
			names = append(names, *secret.Name)
		}
	}
	if len(names) != 1 || names[0] != "story/db" {
		return fmt.Errorf("the list is %q", names)
	}
	return nil
}
