package cli

import (
	"context"
	"encoding/json"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/bunyan"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
)

type serviceCommand struct{ Method string }

func newService() command {
	var c serviceCommand
	return command{
		name:     "service",
		synopsis: "[METHOD]",
		purpose:  "Serve one request of the platform while a step is configured.",
		details: `METHOD is verifyCredentials, getMetaModel or selectModel; each is a command of
its own as well. The request is in ELASTICIO_ environment variables, and the
result goes to ELASTICIO_POST_RESULT_URL.

To try a method without a platform: component exec`,
		argument: &c.Method,
		run:      c.run,
	}
}

// run serves the request. A result that is an error does not make the command
// fail, one that cannot be delivered does.
func (c *serviceCommand) run(ctx context.Context, p Process) error {
	operator, _ := settings.ReadOperator(p.Env) // what is wrong with it becomes the result
	log := newLog(p.Stdout, p, operator, "sailor")
	componentLog := newLog(p.Stdout, p, operator, "component")
	err := service.Run(ctx, c.Method, service.Options{
		Env: p.Env,
		Log: log,
		Methods: func(set settings.Service) service.Methods {
			m := serviceMethods(set.ComponentPath, awsOptions(set.Operator))
			m.Log, m.ComponentLog = log, componentLog
			return m
		},
	})
	if err != nil {
		log.Log(ctx, bunyan.LevelFatal, "the service call ends with a failure", "method", c.Method, "err", err)
		return errReported
	}
	return nil
}

// serviceMethods are the component's service methods; the logs are left to the
// caller.
func serviceMethods(componentPath string, aws awsapi.Options) service.Methods {
	return service.Methods{
		Verify: func(ctx context.Context, raw json.RawMessage) (service.Verification, error) {
			cfg, err := awsapi.ParseConfig(raw)
			if err != nil {
				return service.Verification{Reason: err.Error()}, nil
			}
			v, err := awsapi.Verify(ctx, cfg, aws)
			return service.Verification(v), err
		},
		Registry: func() (*component.Registry, error) { return newRegistry(componentPath, aws) },
	}
}
