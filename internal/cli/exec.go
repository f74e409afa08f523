package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/pflag"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/iampolicy"
	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/terminal"
)

type execCommand struct {
	Method, Cfg, Function, Model string

	AWS, JSON bool
}

func newExec() command {
	var c execCommand
	return command{
		name:     "exec",
		synopsis: "METHOD",
		purpose:  "Check credentials or ask for a model without a platform.",
		details: `METHOD is verifyCredentials, getMetaModel, which needs --function, or
selectModel, which needs --model, too. AWS is an empty emulator inside this
process that takes any access key; --aws asks the real one, with the credentials
in --cfg. JSON|FILE|- is JSON itself, a file, or - for standard input.

The exit status is 0 when the method succeeds, and for verifyCredentials only
when the credentials are verified; otherwise it is 1, and 2 when the command
line, or a file that it names, cannot be used.`,
		argument: &c.Method,
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&c.Cfg, "cfg", "", "The step's configuration, as `JSON|FILE|-`")
			flags.StringVarP(&c.Function, "function", "f", "", "`NAME` of the function, such as GetSecretValue")
			flags.StringVar(&c.Model, "model", "", "`NAME` of the model")
			flags.BoolVar(&c.AWS, "aws", false, "Call the real AWS, or the endpoint in --cfg")
			flags.BoolVar(&c.JSON, "json", false, "Print the result as one line of JSON")
		},
		run: c.run,
	}
}

// run calls the method and prints its result.
func (c *execCommand) run(ctx context.Context, p Process) error {
	if err := c.check(); err != nil {
		return err
	}
	operator, err := settings.ReadOperator(p.Env)
	if err != nil {
		return err
	}
	cfg := json.RawMessage("{}")
	if err := readFlag("cfg", c.Cfg, p.Stdin, &cfg); err != nil {
		return usageError{err}
	}
	if !c.AWS {
		local, err := startEmulator(ctx, "")
		if err != nil {
			return err
		}
		defer local.Close()
		if cfg, err = local.config(cfg); err != nil {
			return usageError{err}
		}
	}
	methods := serviceMethods("", localAWSOptions(operator))
	methods.Log = newLog(p.Stderr, p, operator, "sailor")
	methods.ComponentLog = newLog(p.Stderr, p, operator, "component")
	return c.call(ctx, p, methods, cfg)
}

func (c *execCommand) call(ctx context.Context, p Process, methods service.Methods, cfg json.RawMessage) error {
	data, err := methods.Call(ctx, service.Call{
		Method: c.Method, Config: component.NewSecret(string(cfg)), Function: c.Function, Model: c.Model,
	})
	if err != nil {
		return err
	}
	text := terminal.StyleOf(p.Stdout, p.Env).JSON(data, 0)
	v := service.Verification{Verified: true}
	if c.Method == service.VerifyCredentials {
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		if text = "verified"; !v.Verified {
			text = "not verified: " + v.Reason
		}
	}
	if c.JSON {
		text = string(data)
	}
	if _, err := fmt.Fprintln(p.Stdout, text); err != nil {
		return err
	}
	if !v.Verified {
		return errReported
	}
	return nil
}

func (c *execCommand) check() error {
	model := c.Method == service.SelectModel
	switch {
	case c.Method != service.VerifyCredentials && c.Method != service.GetMetaModel && !model:
		return newUsageError("exec", "METHOD must be verifyCredentials, getMetaModel or selectModel")
	case c.Method != service.VerifyCredentials && c.Function == "":
		return newUsageError("exec", c.Method+" needs --function")
	case model && c.Model == "":
		return newUsageError("exec", c.Method+" needs --model")
	}
	if _, known := iampolicy.Of(c.Function); !known && c.Function != "" {
		return errNoFunction(c.Function, iampolicy.Functions())
	}
	return nil
}
