package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/fake"
)

type emulatorCommand struct {
	Listen, Seed string
	Hosts        []string
}

func newEmulator() command {
	var c emulatorCommand
	return command{
		name:    "emulator",
		purpose: "Serve AWS Secrets Manager from memory, for any AWS SDK or CLI.",
		details: `Web pages cannot call it: requests with an Origin are refused, and those that
arrive at a loopback address with a Host other than localhost, a loopback
address, the host of --listen or a --host.`,
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&c.Listen, "listen", "127.0.0.1:4584", "`HOST:PORT` to listen on")
			flags.StringArrayVar(&c.Hosts, "host", nil, "Answer to the Host `NAME`, too; may be repeated")
			flags.StringVar(&c.Seed, "seed", "", "`FILE` of secrets to start with")
		},
		run: c.run,
	}
}

// run serves until the process is told to end.
func (c *emulatorCommand) run(ctx context.Context, p Process) error {
	host, _, _ := net.SplitHostPort(c.Listen) // what is wrong with it shows when it is listened on
	options := emulator.Options{Hosts: append(c.Hosts, host)}
	local, err := startEmulator(ctx, c.Listen, c.Seed, options)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.Stdout, "AWS Secrets Manager, emulated in memory, at %s\n"+
		"any access key will do, such as: aws --endpoint-url %s secretsmanager list-secrets\n", local.URL, local.URL)
	<-ctx.Done()
	return local.Close()
}

// localAWS is an emulator on a port of this machine.
type localAWS struct{ *fake.Server }

func startEmulator(ctx context.Context, address, seedFile string, o emulator.Options) (localAWS, error) {
	aws := emulator.New(o)
	if seedFile != "" {
		if err := seed(aws, seedFile); err != nil {
			return localAWS{}, err
		}
	}
	server, err := fake.Serve(ctx, address, aws)
	return localAWS{server}, err
}

func seed(aws *emulator.Emulator, file string) (err error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return usageError{fmt.Errorf("open the seed: %w", fileError(err))}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := aws.Seed(f); err != nil {
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
