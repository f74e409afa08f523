package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// listResourcePolicies lists the names of the resource policies of a secret.
// emitIndividually emits each element of ResourcePolicies.
//
// It needs secretsmanager:ListResourcePolicies.
func listResourcePolicies(s *step) component.Handler {
	return list(s, policyListing())
}

func policyListing() listing[*secretsmanager.ListResourcePoliciesInput, *secretsmanager.ListResourcePoliciesOutput] {
	return listing[*secretsmanager.ListResourcePoliciesInput, *secretsmanager.ListResourcePoliciesOutput]{
		pages: func(api awsapi.API, in *secretsmanager.ListResourcePoliciesInput) pager[*secretsmanager.ListResourcePoliciesOutput] {
			return secretsmanager.NewListResourcePoliciesPaginator(api, in)
		},
		next: func(page *secretsmanager.ListResourcePoliciesOutput) **string { return &page.NextToken },
		join: func(all, page *secretsmanager.ListResourcePoliciesOutput) {
			all.ResourcePolicies = append(all.ResourcePolicies, page.ResourcePolicies...)
		},
		each: func(page *secretsmanager.ListResourcePoliciesOutput) []element {
			var all []element
			for i := range page.ResourcePolicies {
				all = append(all, element{value: &page.ResourcePolicies[i]})
			}
			return all
		},
	}
}
