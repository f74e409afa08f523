// Package actions holds the actions of the connector, one operation of AWS
// Secrets Manager each, in a file of its own.
package actions

import (
	"context"
	"log/slog"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// Specs returns all actions in alphabetical order. opts are the operator's
// settings for the clients that they make.
func Specs(opts awsapi.Options) []component.Spec {
	return specs(func(cfg awsapi.Config) (awsapi.API, error) {
		return awsapi.New(cfg, opts)
	})
}

func specs(dial connect) []component.Spec {
	table := []struct {
		operation string
		handler   func(*step) component.Handler
		onSecret  bool // takes the SecretId of an existing secret
	}{
		{"BatchGetSecretValue", batchGetSecretValue, false},
		{"CancelRotateSecret", cancelRotateSecret, true},
		{"CreateSecret", createSecret, false},
		{"DeleteResourcePolicy", deleteResourcePolicy, true},
		{"DeleteSecret", deleteSecret, true},
		{"DescribeSecret", describeSecret, true},
		{"GetRandomPassword", getRandomPassword, false},
		{"GetResourcePolicy", getResourcePolicy, true},
		{"GetSecretValue", getSecretValue, true},
		{"ListSecrets", listSecrets, false},
		{"ListSecretVersionIds", listSecretVersionIds, true},
		{"PutResourcePolicy", putResourcePolicy, true},
		{"PutSecretValue", putSecretValue, true},
		{"RemoveRegionsFromReplication", removeRegionsFromReplication, true},
		{"ReplicateSecretToRegions", replicateSecretToRegions, true},
		{"RestoreSecret", restoreSecret, true},
		{"RotateSecret", rotateSecret, true},
		{"StopReplicationToReplica", stopReplicationToReplica, true},
		{"TagResource", tagResource, true},
		{"UntagResource", untagResource, true},
		{"UpdateSecret", updateSecret, true},
		{"UpdateSecretVersionStage", updateSecretVersionStage, true},
		{"ValidateResourcePolicy", validateResourcePolicy, true},
	}
	all := make([]component.Spec, len(table))
	for i, action := range table {
		all[i] = component.Spec{
			Name: action.operation,
			Kind: component.Action,
			New: func(deps component.Deps) (component.Handler, error) {
				return logDetail(action.handler(&step{operation: action.operation, deps: deps, connect: dial})), nil
			},
		}
		if action.onSecret {
			chooseSecret(&all[i], dial)
		}
	}
	return all
}

// logDetail is h, and logs what its error does not show the flow's owner.
func logDetail(h component.Handler) component.Handler {
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		err := h.Handle(ctx, req, out)
		tellDetail(ctx, req.Log, err)
		return err
	})
}

func tellDetail(ctx context.Context, log *slog.Logger, err error) {
	if detail := awsapi.Detail(err); detail != "" {
		log.WarnContext(ctx, "the custom endpoint does not respond as AWS does", "detail", detail)
	}
}
