package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit/rabbitmq"
)

const (
	flowID   = "bench-flow"
	stepID   = "bench-step"
	function = "GetSecretValue"
)

// world is what surrounds a step: broker, platform and AWS, the same for all
// contenders.
type world struct {
	dir      string
	sending  *amqp.Connection
	reading  *amqp.Connection
	cipher   *envelope.Cipher
	platform *fake.Server
	aws      *exec.Cmd
	awsURL   string
	env      map[string]string
	lanes    int // opened so far
}

// buildWorld needs the program aws in dir, and takes the broker at AMQP_URI.
func buildWorld(ctx context.Context, dir string) (_ *world, err error) {
	w := &world{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	uri := os.Getenv("AMQP_URI")
	if uri == "" {
		return nil, fmt.Errorf("there is no broker\n%s", rabbitmq.HowToGet)
	}
	if w.sending, err = amqp.Dial(uri); err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	if w.reading, err = amqp.Dial(uri); err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	if err := w.startAWS(ctx); err != nil {
		return nil, fmt.Errorf("start the fake AWS: %w", err)
	}
	return w, w.startPlatform(ctx, uri)
}

// startAWS reads the URL that the program prints.
func (w *world) startAWS(ctx context.Context) error {
	w.aws = exec.CommandContext(ctx, filepath.Join(w.dir, "aws"))
	w.aws.Stderr = os.Stderr
	out, err := w.aws.StdoutPipe()
	if err != nil {
		return err
	}
	if err := w.aws.Start(); err != nil {
		return err
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	w.awsURL = strings.TrimSpace(url)
	return err
}

func (w *world) startPlatform(ctx context.Context, uri string) (err error) {
	const username, key = "bench", "bench-key"
	platform := &fake.Platform{Username: username, Key: key}
	platform.SetStep(flowID, fake.Step{ID: stepID, Config: map[string]any{
		"accessKeyId": "AKIABENCHBENCHBENCH0", "accessKeySecret": "bench", "region": "eu-central-1", "endpoint": w.awsURL,
	}})
	if w.platform, err = fake.Serve(ctx, "127.0.0.1:0", platform); err != nil {
		return err
	}
	const password, iv = "bench-password", "bench-iv-16bytes"
	w.cipher, err = envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	w.env = map[string]string{
		"FLOW_ID": flowID, "EXEC_ID": "bench", "STEP_ID": stepID, "CONTAINER_ID": "bench", "WORKSPACE_ID": "bench",
		"USER_ID": "bench", "COMP_ID": "bench", "FUNCTION": function,
		"API_URI": w.platform.URL, "API_USERNAME": username, "API_KEY": key, "AMQP_URI": uri,
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv,
		"DATA_RATE_LIMIT": "1000000", "ERROR_RATE_LIMIT": "1000000", // out of the way
	}
	return err
}

func (w *world) close() error {
	var errs []error
	for _, conn := range []*amqp.Connection{w.sending, w.reading} {
		if conn != nil {
			errs = append(errs, conn.Close())
		}
	}
	if w.platform != nil {
		errs = append(errs, w.platform.Close())
	}
	if w.aws != nil && w.aws.Process != nil {
		_ = w.aws.Process.Signal(os.Interrupt)
		errs = append(errs, w.aws.Wait())
	}
	return errors.Join(errs...)
}

// environment is that of a step's process.
func (w *world) environment(l *lane) []string {
	settings := maps.Clone(w.env)
	maps.Copy(settings, map[string]string{
		"LISTEN_MESSAGES_ON": l.in, "PUBLISH_MESSAGES_TO": l.exchange,
		"DATA_ROUTING_KEY": dataKey, "ERROR_ROUTING_KEY": "error", "REBOUND_ROUTING_KEY": "rebound", "SNAPSHOT_ROUTING_KEY": "snapshot",
		"RABBITMQ_PREFETCH_SAILOR": strconv.Itoa(l.at.prefetch), "PROTOCOL_VERSION": strconv.Itoa(l.at.protocol),
	})
	env := []string{"PATH=" + os.Getenv("PATH"), "NODE_ENV=production", "LOG_LEVEL=info"}
	for name, value := range settings {
		env = append(env, "ELASTICIO_"+name+"="+value)
	}
	return env
}

// start starts a contender on a lane.
func (w *world) start(ctx context.Context, c contender, l *lane, extra ...string) (*process, error) {
	log := filepath.Join(w.dir, l.exchange+".log")
	return startProcess(ctx, c, append(w.environment(l), extra...), log)
}
