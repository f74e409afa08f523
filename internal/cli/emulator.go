package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/fake"
)

type emulatorCommand struct {
	Listen, Seed, Credentials, Check string

	State   stateFile
	Hosts   []string
	Log     bool
	Options emulator.Options
}

func newEmulator() command {
	var c emulatorCommand
	return command{
		name:    "emulator",
		purpose: "Serve AWS Secrets Manager from memory, for any AWS SDK or CLI.",
		details: emulatorDetails,
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&c.Listen, "listen", "127.0.0.1:4584", "`HOST:PORT` to listen on")
			flags.StringArrayVar(&c.Hosts, "host", nil, "Answer to the Host `NAME`, too; may be repeated")
			flags.StringVar(&c.Seed, "seed", "", "`FILE` of secrets to start with")
			flags.StringVar(&c.Options.Account, "account", "123456789012", "`NUMBER` of the AWS account")
			flags.StringVar(&c.Options.Region, "region", "us-east-1", "`REGION` of a seed that names none")
			flags.StringVar(&c.Credentials, "credentials", "", "`FILE` of the access keys and roles to take, and their policies")
			flags.StringVar(&c.Options.LambdaEndpoint, "lambda-endpoint", "", "`URL` of a Lambda API that invokes rotation functions")
			flags.DurationVar(&c.Options.Lag, "lag", 0, "`DURATION` that ListSecrets is behind, such as 5m")
			flags.StringVar((*string)(&c.State), "state", "", "`FILE` that keeps the secrets, with their values")
			flags.BoolVar(&c.Log, "log", false, "Print a line per call to standard error")
			flags.StringVar(&c.Check, "check", "", "Only check that an emulator answers at `URL`")
		},
		run: c.run,
	}
}

// run serves until the process is told to end.
func (c *emulatorCommand) run(ctx context.Context, p Process) error {
	if c.Check != "" {
		return checkEmulator(ctx, c.Check)
	}
	if err := c.complete(p); err != nil {
		return err
	}
	aws, err := newAWS(c.Seed, c.Options)
	if err != nil {
		return err
	}
	if err := c.State.load(aws); err != nil {
		return err
	}
	local, err := listenAndServe(ctx, c.Listen, aws)
	if err != nil {
		return err
	}
	keys := "any access key will do"
	if c.Credentials != "" {
		keys = "the access keys are those of " + c.Credentials
	}
	_, _ = fmt.Fprintf(p.Stdout, "AWS Secrets Manager, emulated in memory, at %s\n"+
		"%s: aws --endpoint-url %s secretsmanager list-secrets\n", local.URL, keys, local.URL)
	<-ctx.Done()
	return errors.Join(local.Close(), c.State.save(aws))
}

// complete checks the options and sets those that are no flags.
func (c *emulatorCommand) complete(p Process) error {
	if err := c.Options.Check(); err != nil {
		return newUsageError("emulator", "--"+err.Error())
	}
	if c.Log {
		c.Options.Log = callLog(p.Stderr)
	}
	host, _, _ := net.SplitHostPort(c.Listen) // what is wrong with it shows when it is listened on
	c.Options.Hosts = append(c.Hosts, host)
	if c.Credentials == "" {
		return nil
	}
	c.Options.CheckSkew = true
	return readFile("credentials", c.Credentials, c.Options.ReadCredentials)
}

// callLog writes a line per call, without what is empty or always the same.
func callLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey || a.Key == slog.MessageKey || a.Value.Equal(slog.StringValue("")) {
			return slog.Attr{}
		}
		return a
	}}))
}

// localAWS is an emulator on a port of this machine.
type localAWS struct{ *fake.Server }

func startEmulator(ctx context.Context, seedFile string) (localAWS, error) {
	aws, err := newAWS(seedFile, emulator.Options{})
	if err != nil {
		return localAWS{}, err
	}
	server, err := fake.Serve(ctx, "127.0.0.1:0", aws)
	return localAWS{server}, err
}

// newAWS returns an emulator with the secrets of the file, if one is named.
func newAWS(seedFile string, o emulator.Options) (*emulator.Emulator, error) {
	aws := emulator.New(o)
	if seedFile == "" {
		return aws, nil
	}
	return aws, readFile("seed", seedFile, aws.Seed)
}

// readFile lets read have a file that the command line names.
func readFile(what, file string, read func(io.Reader) error) (err error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return usageError{fmt.Errorf("open the %s: %w", what, fileError(err))}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := read(f); err != nil {
		return usageError{fmt.Errorf("%s: %w", file, err)}
	}
	return nil
}

// config points a step's configuration at the emulator, which takes any keys.
func (l localAWS) config(cfg json.RawMessage) (json.RawMessage, error) {
	var fields map[string]any
	if err := json.Unmarshal(cfg, &fields); err != nil {
		return nil, fmt.Errorf("configuration: %w", withoutInput(err))
	}
	if fields == nil { // JSON's null
		fields = map[string]any{}
	}
	for name, value := range map[string]string{"accessKeyId": "AKIALOCAL", "accessKeySecret": "local", "region": "us-east-1"} {
		if fields[name] == nil || fields[name] == "" {
			fields[name] = value
		}
	}
	fields["endpoint"] = l.URL
	return json.Marshal(fields)
}
