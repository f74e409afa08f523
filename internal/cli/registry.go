package cli

import (
	"time"

	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/schema"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/schemas"
	"aws-secrets-manager-connector/triggers"
)

// newRegistry joins the code of all functions with component.json.
func newRegistry(componentPath string, operator settings.Operator) (*component.Registry, error) {
	document, err := descriptor(componentPath)
	if err != nil {
		return nil, err
	}
	specs := append(triggers.Specs(time.Now), actions.Specs(awsapi.Options{
		AllowAmbient:          operator.AllowAmbientCredentials,
		AllowInsecureEndpoint: operator.AllowInsecureEndpoint,
	})...)
	return component.NewRegistry(document, specs...)
}

func loadSchemas(function string) (in, out *schema.Schema, err error) {
	return schemas.Load(function)
}
