package actions

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// listSecretVersionIds lists the versions of a secret, without values; those
// without a label only with IncludeDeprecated. emitIndividually emits each
// element of Versions together with the ARN and Name of the secret.
//
// It needs secretsmanager:ListSecretVersionIds.
func listSecretVersionIds(s *step) component.Handler {
	return list(s, versionListing())
}

func versionListing() listing[*secretsmanager.ListSecretVersionIdsInput, *secretsmanager.ListSecretVersionIdsOutput] {
	return listing[*secretsmanager.ListSecretVersionIdsInput, *secretsmanager.ListSecretVersionIdsOutput]{
		pages: func(api awsapi.API, in *secretsmanager.ListSecretVersionIdsInput) pager[*secretsmanager.ListSecretVersionIdsOutput] {
			return secretsmanager.NewListSecretVersionIdsPaginator(api, in)
		},
		next: func(page *secretsmanager.ListSecretVersionIdsOutput) **string { return &page.NextToken },
		join: func(all, page *secretsmanager.ListSecretVersionIdsOutput) {
			all.Versions = append(all.Versions, page.Versions...)
		},
		each: func(page *secretsmanager.ListSecretVersionIdsOutput) []element {
			var all []element
			for i := range page.Versions {
				all = append(all, element{value: &version{page.ARN, page.Name, &page.Versions[i]}})
			}
			return all
		},
	}
}

// version is an element of Versions that tells whose version it is.
type version struct {
	arn, name *string
	entry     *types.SecretVersionsListEntry
}

// Serialize writes the three side by side.
func (v *version) Serialize(s smithy.ShapeSerializer) {
	s.WriteStruct(schemas.SecretVersionsListEntry)
	if v.arn != nil {
		s.WriteString(schemas.ListSecretVersionIdsResponse_ARN, *v.arn)
	}
	if v.name != nil {
		s.WriteString(schemas.ListSecretVersionIdsResponse_Name, *v.name)
	}
	v.entry.SerializeMembers(s)
	s.CloseStruct()
}
