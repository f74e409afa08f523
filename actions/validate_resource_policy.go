package actions

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// validateResourcePolicy checks a resource policy: its grammar, and whether it would
// open the secret to everyone.
//
// It needs secretsmanager:ValidateResourcePolicy, and secretsmanager:PutResourcePolicy
// if SecretId is given.
func validateResourcePolicy(s *step) component.Handler {
	return compose(s, func(
		ctx context.Context, api awsapi.API, _ component.Request, in secretsmanager.ValidateResourcePolicyInput,
	) (members, error) {
		out, err := api.ValidateResourcePolicy(ctx, &in)
		if err != nil {
			return nil, awsapi.Wrap(s.operation, &in, err)
		}
		var all members
		if err := json.Unmarshal(encode(out), &all); err != nil {
			return nil, err
		}
		if !out.PolicyValidationPassed { // the SDK leaves out what the flow asks for
			all["PolicyValidationPassed"] = json.RawMessage("false")
		}
		return all, nil
	})
}
