package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// choice is what the designer of a flow enters in the fields of an action on an
// existing secret. A secret is chosen by name, which survives that the secret is
// deleted and made again, and that the flow moves to another account.
type choice struct{ NamePrefix, Secret string }

func readChoice(config json.RawMessage) (c choice, err error) {
	fields, err := component.ReadFields(config)
	if err != nil {
		return c, err
	}
	if c.NamePrefix, err = nameFilter().read(fields); err != nil {
		return c, err
	}
	c.Secret, err = fields.Text(component.Field{Name: "secret", Label: "Secret"})
	return c, err
}

// chooseSecret lets the secret of an action be chosen in the step.
func chooseSecret(spec *component.Spec, dial connect) {
	spec.Defaults = []component.Default{{
		Member: "SecretId", Field: "secret", Hint: "choose a secret in the step, or map SecretId",
	}}
	spec.Models = map[string]func(context.Context, component.Deps) (json.RawMessage, error){
		"secretNames": func(ctx context.Context, deps component.Deps) (json.RawMessage, error) {
			return secretNames(ctx, &step{operation: spec.Name, deps: deps, connect: dial})
		},
	}
}

const (
	maxChoices = 1000
	largePage  = 100 // the largest that ListSecrets returns
	maxLabel   = 100 // characters of a description
)

// secretNames is the model of the field secret: labels by name. The API and the
// encoder both sort by name.
func secretNames(ctx context.Context, s *step) (json.RawMessage, error) {
	c, err := readChoice(s.deps.Config)
	if err != nil {
		return nil, err
	}
	api, err := s.client()
	if err != nil {
		return nil, err
	}
	restorable := s.operation == "RestoreSecret"
	in := &secretsmanager.ListSecretsInput{
		MaxResults: aws.Int32(largePage), SortBy: types.SortByTypeName, SortOrder: types.SortOrderTypeAsc,
		IncludePlannedDeletion: aws.Bool(restorable),
	}
	if c.NamePrefix != "" {
		in.Filters = []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{c.NamePrefix}}}
	}
	labels := map[string]string{}
	secrets := secretListing()
	for page, err := range secrets.follow(ctx, nil, "ListSecrets", in, api) {
		if err != nil {
			awsapi.LogDetail(ctx, s.deps.Log, err)
			return nil, fmt.Errorf("the secrets cannot be listed, but SecretId can be mapped instead: %w", err)
		}
		for _, secret := range page.SecretList {
			if len(labels) < maxChoices && (secret.DeletedDate != nil) == restorable {
				labels[aws.ToString(secret.Name)] = label(secret)
			}
		}
		if len(labels) == maxChoices {
			break
		}
	}
	return json.Marshal(labels)
}

func label(secret types.SecretListEntry) string {
	text := []rune(strings.Join(strings.Fields(aws.ToString(secret.Description)), " "))
	switch {
	case len(text) == 0:
		return aws.ToString(secret.Name)
	case len(text) > maxLabel:
		text = append(text[:maxLabel], '…')
	}
	return aws.ToString(secret.Name) + " – " + string(text)
}
