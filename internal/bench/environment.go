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

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit/rabbitmq"
)

const (
	flowID   = "bench-flow"
	stepID   = "bench-step"
	function = "GetSecretValue"

	cachedStepID = "bench-step-cached"
)

// environment is what surrounds a step: broker, platform and AWS, the same for
// all subjects.
type environment struct {
	dir      string
	admin    *broker.AMQPAdmin
	sending  *amqp.Connection
	reading  *amqp.Connection
	cipher   *envelope.Cipher
	platform *fake.Server
	aws      *exec.Cmd
	awsURL   string
	settings map[string]string // of a step, without their prefix
	opened   int               // queues so far
}

// startEnvironment needs the program aws in dir, and takes the broker at AMQP_URI.
func startEnvironment(ctx context.Context, dir string) (_ *environment, err error) {
	e := &environment{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	uri := os.Getenv("AMQP_URI")
	if uri == "" {
		return nil, fmt.Errorf("there is no broker\n%s", rabbitmq.HowToGet)
	}
	e.admin = broker.NewAMQPAdmin(broker.AMQPOptions{URI: component.NewSecret(uri)})
	if e.sending, err = amqp.Dial(uri); err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	if e.reading, err = amqp.Dial(uri); err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	if err := e.startAWS(ctx); err != nil {
		return nil, fmt.Errorf("start the fake AWS: %w", err)
	}
	return e, e.startPlatform(ctx, uri)
}

// startAWS reads the URL that the program prints.
func (e *environment) startAWS(ctx context.Context) error {
	e.aws = exec.CommandContext(ctx, filepath.Join(e.dir, "aws"))
	e.aws.Stderr = os.Stderr
	out, err := e.aws.StdoutPipe()
	if err != nil {
		return err
	}
	if err := e.aws.Start(); err != nil {
		return err
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	e.awsURL = strings.TrimSpace(url)
	return err
}

func (e *environment) startPlatform(ctx context.Context, uri string) (err error) {
	const username, key = "bench", "bench-key"
	platform := &fake.Platform{Username: username, Key: key}
	config := map[string]any{"accessKeyId": "AKIABENCHBENCHBENCH0", "accessKeySecret": "bench", "region": "eu-central-1", "endpoint": e.awsURL}
	platform.SetStep(flowID, fake.Step{ID: stepID, Config: config})
	cached := maps.Clone(config)
	cached["cacheSeconds"] = 3600
	platform.SetStep(flowID, fake.Step{ID: cachedStepID, Config: cached})
	if e.platform, err = fake.Serve(ctx, "127.0.0.1:0", platform); err != nil {
		return err
	}
	const password, iv = "bench-password", "bench-iv-16bytes"
	e.cipher, err = envelope.NewCipher(component.NewSecret(password), component.NewSecret(iv))
	e.settings = map[string]string{
		"FLOW_ID": flowID, "EXEC_ID": "bench", "CONTAINER_ID": "bench", "WORKSPACE_ID": "bench",
		"USER_ID": "bench", "COMP_ID": "bench", "FUNCTION": function,
		"API_URI": e.platform.URL, "API_USERNAME": username, "API_KEY": key, "AMQP_URI": uri,
		"MESSAGE_CRYPTO_PASSWORD": password, "MESSAGE_CRYPTO_IV": iv,
		"DATA_RATE_LIMIT": "1000000", "ERROR_RATE_LIMIT": "1000000", // out of the way
	}
	return err
}

func (e *environment) close() error {
	var errs []error
	if e.admin != nil {
		errs = append(errs, e.admin.Close())
	}
	for _, conn := range []*amqp.Connection{e.sending, e.reading} {
		if conn != nil {
			errs = append(errs, conn.Close())
		}
	}
	if e.platform != nil {
		errs = append(errs, e.platform.Close())
	}
	if e.aws != nil && e.aws.Process != nil {
		_ = e.aws.Process.Signal(os.Interrupt)
		errs = append(errs, e.aws.Wait())
	}
	return errors.Join(errs...)
}

// variables are the environment variables of a subject's process.
func (e *environment) variables(s subject, q *queues) []string {
	step := stepID
	if s.caches {
		step = cachedStepID
	}
	settings := maps.Clone(e.settings)
	maps.Copy(settings, map[string]string{
		"STEP_ID":            step,
		"LISTEN_MESSAGES_ON": q.in, "PUBLISH_MESSAGES_TO": q.topology.Exchange,
		"DATA_ROUTING_KEY": dataKey, "ERROR_ROUTING_KEY": "error", "REBOUND_ROUTING_KEY": "rebound", "SNAPSHOT_ROUTING_KEY": "snapshot",
		"RABBITMQ_PREFETCH_SAILOR": strconv.Itoa(q.at.prefetch), "PROTOCOL_VERSION": strconv.Itoa(q.at.protocol),
	})
	env := []string{"PATH=" + os.Getenv("PATH"), "NODE_ENV=production", "LOG_LEVEL=info", "ALLOW_INSECURE_ENDPOINT=true", "PROFILE_SOCKET=" + e.profileSocket(), "BENCH_AWS_URL=" + e.awsURL}
	for name, value := range settings {
		env = append(env, "ELASTICIO_"+name+"="+value)
	}
	return env
}

// profileSocket is where a component that is built with profiles serves them.
func (e *environment) profileSocket() string { return filepath.Join(e.dir, "profile.socket") }

// start starts a subject between its queues.
func (e *environment) start(ctx context.Context, s subject, q *queues) (*process, error) {
	return startProcess(ctx, s, e.variables(s, q), filepath.Join(e.dir, q.in+".log"))
}
