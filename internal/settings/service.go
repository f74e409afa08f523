package settings

import (
	"time"

	"aws-secrets-manager-connector/internal/component"
)

// Service are the settings of one call of a service method. Each field is named
// after its variable, less the prefix ELASTICIO_.
type Service struct {
	PostResultURL           component.Secret // where the result goes; may carry user and password
	Cfg                     component.Secret // the configuration, JSON
	ActionOrTrigger         string
	GetModelMethod          string
	ComponentPath           string        // directory of component.json, below the working directory
	APIRequestRetryAttempts int           // attempts in all
	APIRequestRetryDelay    time.Duration // between two attempts

	Operator
}

// ReadService reads the settings of a call. CFG and the platform's API are
// required, and so are the variables in also, which are given without prefix;
// POST_RESULT_URL is not, for without it nobody can be told what is missing.
// The settings are as complete as they can be even when there is an error: a
// *MissingError, an *InvalidError, or both joined.
func ReadService(lookup func(name string) (string, bool), also ...string) (Service, error) {
	r := reader{lookup: lookup, words: "not provided"}
	s := Service{
		PostResultURL:           component.NewSecret(r.text("POST_RESULT_URL", "")),
		Cfg:                     component.NewSecret(r.text("CFG", "")),
		ActionOrTrigger:         r.text("ACTION_OR_TRIGGER", ""),
		GetModelMethod:          r.text("GET_MODEL_METHOD", ""),
		ComponentPath:           r.text("COMPONENT_PATH", ""),
		APIRequestRetryAttempts: r.number("API_REQUEST_RETRY_ATTEMPTS", 3),
		APIRequestRetryDelay:    r.millis("API_REQUEST_RETRY_DELAY", 100),
		Operator:                r.operator(),
	}
	for _, name := range append([]string{"CFG", "API_URI", "API_USERNAME", "API_KEY"}, also...) {
		r.required(name)
	}
	return s, r.err()
}
