// Package actions holds the actions of the connector, each in a file of its own:
// all operations of AWS Secrets Manager, and some that are made of several.
package actions

import (
	"context"
	"encoding/json"

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
		filtered  bool // takes Filters
	}{
		{"AbortRotation", abortRotation, true, false},
		{"AssociateCrossAccountReplica", associateCrossAccountReplica, true, false},
		{"BatchGetSecretValue", batchGetSecretValue, false, true},
		{"BeginRotation", beginRotation, true, false},
		{"CancelRotateSecret", cancelRotateSecret, true, false},
		{"CreateSecret", createSecret, false, false},
		{"DeleteResourcePolicy", deleteResourcePolicy, true, false},
		{"DeleteSecret", deleteSecret, true, false},
		{"DescribeSecret", describeSecret, true, false},
		{"DisassociateCrossAccountReplica", disassociateCrossAccountReplica, true, false},
		{"FinishRotation", finishRotation, true, false},
		{"GetRandomPassword", getRandomPassword, false, false},
		{"GetResourcePolicy", getResourcePolicy, true, false},
		{"GetSecretValue", getSecretValue, true, false},
		{"ListResourcePolicies", listResourcePolicies, true, false},
		{"ListSecrets", listSecrets, false, true},
		{"ListSecretVersionIds", listSecretVersionIds, true, false},
		{"LookupSecret", lookupSecret, true, false},
		{"MakeRawRequest", makeRawRequest, false, false},
		{"PutResourcePolicy", putResourcePolicy, true, false},
		{"PutSecretValue", putSecretValue, true, false},
		{"RemoveRegionsFromReplication", removeRegionsFromReplication, true, false},
		{"ReplicateSecretToRegions", replicateSecretToRegions, true, false},
		{"RestoreSecret", restoreSecret, true, false},
		{"RotateSecret", rotateSecret, true, false},
		{"SetSecretKeys", setSecretKeys, true, false},
		{"StopReplicationToReplica", stopReplicationToReplica, true, false},
		{"TagResource", tagResource, true, false},
		{"UntagResource", untagResource, true, false},
		{"UpdateSecret", updateSecret, true, false},
		{"UpdateSecretVersionStage", updateSecretVersionStage, true, false},
		{"UpsertSecret", upsertSecret, false, false},
		{"ValidateResourcePolicy", validateResourcePolicy, true, false},
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
		if action.operation != "GetRandomPassword" && action.operation != "MakeRawRequest" { // whose schemas are always the same
			all[i].MetaModel = func(ctx context.Context, deps component.Deps) (json.RawMessage, error) {
				return metaModel(ctx, &step{operation: action.operation, deps: deps, connect: dial})
			}
		}
		if action.onSecret {
			chooseSecret(&all[i], dial)
		}
		if action.filtered {
			filterByFields(&all[i])
		}
	}
	return all
}

// logDetail is h, and logs what its error does not show the flow's owner.
func logDetail(h component.Handler) component.Handler {
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		err := h.Handle(ctx, req, out)
		awsapi.LogDetail(ctx, req.Log, err)
		return err
	})
}
