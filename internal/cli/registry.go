package cli

import (
	"fmt"
	"strings"
	"time"

	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/triggers"
)

// newRegistry joins the code of all functions with the component.json of a
// directory. Its errors name the file.
func newRegistry(directory string, aws awsapi.Options) (*component.Registry, error) {
	document, source, err := descriptor(directory)
	if err != nil {
		return nil, err
	}
	registry, err := component.NewRegistry(document, specs(aws)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	return registry, nil
}

func specs(aws awsapi.Options) []component.Spec {
	return append(triggers.Specs(time.Now, aws), actions.Specs(aws)...)
}

// errNoFunction repeats the name if it could be one.
func errNoFunction(name string, names []string) error {
	what := "no such function"
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") == "" {
		what = fmt.Sprintf("no function %q", name)
	}
	return usageError{fmt.Errorf("there is %s; the functions are %s", what, strings.Join(names, ", "))}
}

func awsOptions(operator settings.Operator) awsapi.Options {
	return awsapi.Options{
		AllowAmbient:          operator.AllowAmbientCredentials,
		AllowInsecureEndpoint: operator.AllowInsecureEndpoint,
	}
}

// localAWSOptions are those of a command that somebody runs on a machine of
// their own, with an endpoint of their own choice.
func localAWSOptions(operator settings.Operator) awsapi.Options {
	aws := awsOptions(operator)
	aws.AllowInsecureEndpoint = true
	return aws
}
