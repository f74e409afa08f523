package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/settings"
	"aws-secrets-manager-connector/internal/terminal"
	"aws-secrets-manager-connector/schemas"
)

type processCommand struct {
	Function, Fixture, Fixtures, Msg, Body, Cfg, Seed string

	AWS, JSON, ShowSecrets bool
}

func newProcess() command {
	var c processCommand
	return command{
		name:     "process",
		synopsis: "--function NAME",
		purpose:  "Run one function on a fake message.",
		details: `The message comes from --fixture, --msg or --body. AWS is an emulator inside
this process, which starts with the secrets of --seed (test/seed.json where that
exists); --aws takes the real one, with the credentials in --cfg. JSON|FILE|- is
JSON itself, a file, or - for standard input.

The exit status is 0 when data was emitted, 1 when an error was, and 2 when the
command line, or a file that it names, cannot be used.`,
		flags: func(flags *pflag.FlagSet) {
			flags.StringVarP(&c.Function, "function", "f", "", "`NAME` of the function, such as GetSecretValue")
			flags.StringVar(&c.Fixture, "fixture", "", "`NAME` of the message in the fixtures file")
			flags.StringVar(&c.Fixtures, "fixtures", "test/fixture.json", "The fixtures `FILE`")
			flags.StringVar(&c.Msg, "msg", "", "The whole message, as `JSON|FILE|-`")
			flags.StringVar(&c.Body, "body", "", "Only the message's body, as `JSON|FILE|-`")
			flags.StringVar(&c.Cfg, "cfg", "", "The step's configuration, as `JSON|FILE|-`")
			flags.BoolVar(&c.AWS, "aws", false, "Call the real AWS, or the endpoint in --cfg")
			flags.StringVar(&c.Seed, "seed", "", "`FILE` of secrets the emulator starts with")
			flags.BoolVar(&c.JSON, "json", false, "Print one JSON object per emit")
			flags.BoolVar(&c.ShowSecrets, "show-secrets", false, "Print secret values as they are")
		},
		run: c.run,
	}
}

// run runs the function once and prints what it emits.
func (c *processCommand) run(ctx context.Context, p Process) error {
	if c.Function == "" {
		return newUsageError("process", "--function=NAME is missing")
	}
	operator, err := settings.ReadOperator(p.Env)
	if err != nil {
		return err
	}
	registry, err := newRegistry("", localAWSOptions(operator))
	if err != nil {
		return err
	}
	function, err := registry.Lookup(c.Function)
	if err != nil {
		return errNoFunction(c.Function, registry.Names())
	}
	input, err := c.input(p)
	if err != nil {
		return usageError{err}
	}
	if !c.AWS {
		local, err := startEmulator(ctx, c.seedFile())
		if err != nil {
			return err
		}
		defer local.Close()
		if input.Cfg, err = local.config(input.Cfg); err != nil {
			return usageError{err}
		}
	}
	inSchema, outSchema, err := schemas.Load(function.Name)
	if err != nil {
		return err
	}
	log := newLog(p.Stderr, p, operator, "component")
	handler, err := function.New(component.Deps{
		Config: input.Cfg, FlowID: "local", SizeLimit: settings.DefaultMessageSizeLimit, Log: log,
	})
	if err != nil {
		return err
	}
	style := terminal.StyleOf(p.Stdout, p.Env)
	style.ShowSecrets = c.ShowSecrets
	out := &printer{Style: style, w: p.Stdout, out: outSchema, json: c.JSON}
	guard := sailor.Guard{In: inSchema, Out: outSchema, StrictOutput: true, Function: function.Spec, Config: input.Cfg}
	err = guard.Around(handler).Handle(ctx, component.Request{
		Message: input.Msg.Message, Snapshot: input.Snapshot, MessageID: uuid.NewString(), Log: log,
	}, out)
	if err != nil {
		err = out.Error(ctx, err)
	}
	if out.failed {
		err = errors.Join(err, errReported)
	}
	return err
}

// input joins the fixture with what the command line says.
func (c *processCommand) input(p Process) (fixture, error) {
	f := fixture{Msg: message{component.NewMessage(json.RawMessage("{}"))}, Cfg: json.RawMessage("{}"), Snapshot: json.RawMessage("{}")}
	if c.Fixture != "" {
		if err := f.read(c.Fixtures, c.Function, c.Fixture, p.Env); err != nil {
			return f, err
		}
	}
	for _, part := range []struct {
		flag, value string
		into        any
	}{{"msg", c.Msg, &f.Msg}, {"body", c.Body, &f.Msg.Body}, {"cfg", c.Cfg, &f.Cfg}} {
		if err := readFlag(part.flag, part.value, p.Stdin, part.into); err != nil {
			return f, err
		}
	}
	return f, nil
}

// readFlag decodes the JSON that a flag gives. A flag that is not set changes
// nothing.
func readFlag(flag, value string, stdin io.Reader, into any) error {
	if value == "" {
		return nil
	}
	raw, err := readArgument(value, stdin)
	if err == nil {
		err = withoutInput(json.Unmarshal(raw, into))
	}
	if err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	return nil
}

// readArgument takes JSON from the command line itself, standard input or a
// file.
func readArgument(value string, stdin io.Reader) ([]byte, error) {
	switch {
	case value == "-":
		return io.ReadAll(stdin)
	case json.Valid([]byte(value)), strings.HasPrefix(strings.TrimSpace(value), "{"):
		return []byte(value), nil
	}
	raw, err := os.ReadFile(filepath.Clean(value))
	if err != nil {
		// What was given is not repeated: it may be a value with a typing error.
		return nil, errors.New("neither JSON nor the name of a file that can be read")
	}
	return raw, nil
}

const defaultSeed = "test/seed.json"

func (c *processCommand) seedFile() string {
	if c.Seed != "" {
		return c.Seed
	}
	if _, err := os.Stat(defaultSeed); err == nil {
		return defaultSeed
	}
	return ""
}
