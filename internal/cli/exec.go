package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"aws-secrets-manager-connector/internal/service"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/terminal"
)

type execCommand struct {
	Method string `arg:"" enum:"verifyCredentials,getMetaModel,selectModel" help:"verifyCredentials, getMetaModel or selectModel."`

	Cfg      string `help:"The step's configuration as JSON: text, a file, or - for standard input." placeholder:"JSON|FILE|-"`
	Function string `short:"f" help:"Function whose model is wanted, such as GetSecretValue."`
	Model    string `help:"Model that is wanted of selectModel." placeholder:"NAME"`

	AWS  bool `name:"aws" help:"Call the real AWS instead of the emulator."`
	JSON bool `name:"json" help:"Print the result as one line of JSON."`
}

// Help is the long text of --help.
func (execCommand) Help() string {
	return `AWS is an empty emulator inside this process that takes any access key; --aws asks the real one, with the credentials in --cfg.

The exit status is 0 when the method succeeds, and for verifyCredentials only when the credentials are verified; otherwise it is 1, and 2 when the command line, or a file that it names, cannot be used.`
}

// Run calls the method and prints its result.
func (c execCommand) Run(ctx context.Context, p Process) error {
	operator, err := settings.ReadOperator(p.Env)
	if err != nil {
		return err
	}
	cfg := json.RawMessage("{}")
	if err := readFlag("cfg", c.Cfg, p.Stdin, &cfg); err != nil {
		return usageError{err}
	}
	if !c.AWS {
		local, err := startEmulator(ctx, "127.0.0.1:0", "")
		if err != nil {
			return err
		}
		defer local.Close()
		if cfg, err = local.config(cfg); err != nil {
			return usageError{err}
		}
	}
	methods := serviceMethods("", operator)
	methods.Log = newLog(p.Stderr, p, operator, "sailor")
	methods.ComponentLog = newLog(p.Stderr, p, operator, "component")
	return c.call(ctx, p, methods, cfg)
}

func (c execCommand) call(ctx context.Context, p Process, methods service.Methods, cfg json.RawMessage) error {
	data, err := methods.Call(ctx, service.Call{Method: c.Method, Config: cfg, Function: c.Function, Model: c.Model})
	if err != nil {
		return err
	}
	if c.Method == service.VerifyCredentials {
		return c.printVerification(p, data)
	}
	return c.print(p, data, terminal.StyleOf(p.Stdout, p.Env).JSON(data, 0))
}

// Validate is called by kong, before it looks at the method.
func (c execCommand) Validate() error {
	models := c.Method == service.GetMetaModel || c.Method == service.SelectModel
	switch {
	case models && c.Function == "":
		return fmt.Errorf("%s needs --function", c.Method)
	case c.Method == service.SelectModel && c.Model == "":
		return fmt.Errorf("%s needs --model", c.Method)
	}
	return nil
}

func (c execCommand) printVerification(p Process, data json.RawMessage) error {
	var v service.Verification
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	readable := "verified"
	if !v.Verified {
		readable = "not verified: " + v.Reason
	}
	if err := c.print(p, data, readable); err != nil {
		return err
	}
	if !v.Verified {
		return errReported
	}
	return nil
}

func (c execCommand) print(p Process, data json.RawMessage, readable string) error {
	text := readable
	if c.JSON {
		text = string(data)
	}
	_, err := fmt.Fprintln(p.Stdout, text)
	return err
}
