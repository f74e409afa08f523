// Package triggers holds the triggers of the connector.
package triggers

import (
	"context"
	"encoding/json"
	"time"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// Specs returns all triggers. now tells the time; opts are the operator's
// settings for the clients that they make.
func Specs(now func() time.Time, opts awsapi.Options) []component.Spec {
	connect := func(cfg awsapi.Config) (awsapi.API, error) { return awsapi.New(cfg, opts) }
	table := []struct {
		name      string
		handler   func(component.Deps) component.Handler
		metaModel func(context.Context, component.Deps) (json.RawMessage, error) // nil: the schemas as they are
	}{
		{"startFlow", func(component.Deps) component.Handler { return startFlow(now) }, nil},
		{"secretEvent", func(component.Deps) component.Handler { return component.HandlerFunc(secretEvent) }, nil},
		{pollingName, func(deps component.Deps) component.Handler {
			return &polling{deps: deps, now: now, connect: connect}
		}, pollingMetaModel},
	}
	all := make([]component.Spec, len(table))
	for i, trigger := range table {
		all[i] = component.Spec{
			Name: trigger.name,
			Kind: component.Trigger,
			New:  func(deps component.Deps) (component.Handler, error) { return trigger.handler(deps), nil },

			MetaModel: trigger.metaModel,
		}
	}
	return all
}
