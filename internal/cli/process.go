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
	"time"

	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/sailor"
	"aws-secrets-manager-connector/internal/settings"
)

type processCommand struct {
	Function string `required:"" short:"f" help:"Function to run, such as GetSecretValue."`

	Fixture  string `help:"Take the message from this entry of the fixtures file." placeholder:"NAME"`
	Fixtures string `help:"The fixtures file." default:"test/fixture.json" type:"path"`
	Msg      string `help:"The whole message as JSON: text, a file, or - for standard input." placeholder:"JSON|FILE|-"`
	Body     string `help:"Only the message's body, likewise." placeholder:"JSON|FILE|-"`
	Cfg      string `help:"The step's configuration, likewise." placeholder:"JSON|FILE|-"`

	AWS         bool   `name:"aws" help:"Call the real AWS instead of the emulator."`
	Seed        string `help:"Secrets the emulator starts with." placeholder:"FILE" type:"path"`
	JSON        bool   `name:"json" help:"Print one JSON object per emit."`
	ShowSecrets bool   `help:"Print secret values as they are."`
}

// Help is the long text of --help.
func (processCommand) Help() string {
	return `The message comes from --fixture, --msg or --body. AWS is an emulator inside this process, which starts with the secrets of --seed (test/seed.json where that exists); --aws takes the real one, with the credentials in --cfg.

The exit status is 0 when data was emitted and 1 when an error was.`
}

// Run runs the function once and prints what it emits.
func (c processCommand) Run(ctx context.Context, p Process) error {
	operator, err := settings.ReadOperator(p.Env)
	if err != nil {
		return err
	}
	registry, err := newRegistry("", operator)
	if err != nil {
		return err
	}
	function, err := registry.Lookup(c.Function)
	if err != nil {
		return fmt.Errorf("there is no function %q; the functions are %s", c.Function, strings.Join(registry.Names(), ", "))
	}
	input, err := c.input(p)
	if err != nil {
		return err
	}
	if !c.AWS {
		local, err := startEmulator(ctx, "127.0.0.1:0", c.seedFile())
		if err != nil {
			return err
		}
		defer local.Close()
		if input.Cfg, err = local.config(input.Cfg); err != nil {
			return err
		}
	}
	in, out, err := loadSchemas(function.Name)
	if err != nil {
		return err
	}
	log := newLog(p.Stderr, p, operator, "component")
	handler, err := function.New(component.Deps{
		Config: input.Cfg, FlowID: "local", StepID: "local", SizeLimit: settings.DefaultMessageSizeLimit, Log: log,
	})
	if err != nil {
		return err
	}
	printer := &emitPrinter{w: p.Stdout, out: out, json: c.JSON, showSecrets: c.ShowSecrets, colour: isTerminal(p.Stdout)}
	err = sailor.Guard(handler, in, out, true).Handle(ctx, component.Request{
		Message: input.Msg, Snapshot: input.Snapshot, MessageID: uuid.NewString(), Log: log,
	}, printer)
	if err != nil {
		_ = printer.Error(ctx, err)
	}
	if printer.failed {
		return errReported
	}
	return nil
}

// input joins the fixture with what the command line says.
func (c processCommand) input(p Process) (fixture, error) {
	f := fixture{Msg: component.NewMessage(json.RawMessage("{}")), Cfg: json.RawMessage("{}"), Snapshot: json.RawMessage("{}")}
	if c.Fixture != "" {
		named, err := readFixture(c.Fixtures, c.Function, c.Fixture, p.Env)
		if err != nil {
			return f, err
		}
		f.Msg = named.Msg
		if named.Cfg != nil {
			f.Cfg = named.Cfg
		}
		if named.Snapshot != nil {
			f.Snapshot = named.Snapshot
		}
	}
	for _, part := range []struct {
		flag, value string
		into        any
	}{{"msg", c.Msg, &f.Msg}, {"body", c.Body, &f.Msg.Body}, {"cfg", c.Cfg, &f.Cfg}} {
		if part.value == "" {
			continue
		}
		raw, err := readArgument(part.value, p.Stdin)
		if err != nil {
			return f, fmt.Errorf("--%s: %w", part.flag, err)
		}
		if err := json.Unmarshal(raw, part.into); err != nil {
			return f, fmt.Errorf("--%s: %w", part.flag, withoutInput(err))
		}
	}
	return f, nil
}

// readArgument takes JSON from the command line itself, standard input or a
// file.
func readArgument(value string, stdin io.Reader) ([]byte, error) {
	switch {
	case value == "-":
		return io.ReadAll(stdin)
	case json.Valid([]byte(value)):
		return []byte(value), nil
	case strings.HasPrefix(strings.TrimSpace(value), "{"):
		return nil, withoutInput(json.Unmarshal([]byte(value), new(any)))
	}
	return os.ReadFile(filepath.Clean(value))
}

const defaultSeed = "test/seed.json"

func (c processCommand) seedFile() string {
	if c.Seed != "" {
		return c.Seed
	}
	if _, err := os.Stat(defaultSeed); err == nil {
		return defaultSeed
	}
	return ""
}

// masked stands for what no schema describes, so that nobody knows what in it
// is secret.
const masked = "***"

// emitPrinter is the Emitter of a local run.
type emitPrinter struct {
	w           io.Writer
	out         masker
	json        bool
	showSecrets bool
	colour      bool
	failed      bool
}

// masker hides the secret values of a document.
type masker interface {
	Mask(document json.RawMessage) json.RawMessage
}

func (e *emitPrinter) Data(_ context.Context, msg component.Message) error {
	body := msg.Body
	if !e.showSecrets {
		body = e.out.Mask(body)
	}
	return e.print("data", green, map[string]any{"body": body}, body)
}

func (e *emitPrinter) Error(_ context.Context, err error) error {
	e.failed = true
	name := "Error"
	var known *component.Error
	var rebound *component.Rebound
	switch {
	case errors.As(err, &rebound):
		return e.print("rebound", red, map[string]any{"reason": rebound.Reason}, rebound.Reason)
	case errors.As(err, &known):
		name = known.Name
	}
	return e.print("error", red, map[string]any{"name": name, "message": err.Error()}, name+"\n"+err.Error())
}

func (e *emitPrinter) Snapshot(_ context.Context, snapshot json.RawMessage) error {
	return e.print("snapshot", green, map[string]any{"snapshot": snapshot}, snapshot)
}

func (e *emitPrinter) UpdateSnapshot(_ context.Context, changes json.RawMessage) error {
	return e.print("updateSnapshot", green, map[string]any{"changes": changes}, changes)
}

func (e *emitPrinter) HTTPReply(_ context.Context, reply component.HTTPReply) error {
	return e.print("httpReply", green, map[string]any{"status": reply.StatusCode, "body": masked}, masked)
}

func (e *emitPrinter) UpdateKeys(context.Context, json.RawMessage) error {
	return e.print("updateKeys", green, map[string]any{"keys": masked}, masked)
}

func (e *emitPrinter) print(kind, colour string, fields map[string]any, readable any) error {
	if e.json {
		fields["emit"] = kind
		return json.NewEncoder(e.w).Encode(fields)
	}
	if raw, ok := readable.(json.RawMessage); ok {
		readable = indented(raw)
	}
	_, err := fmt.Fprintf(e.w, "%s %s\n%s\n", paint(e.colour, colour, "● "+kind),
		paint(e.colour, grey, time.Now().Format(time.TimeOnly)), readable)
	return err
}
