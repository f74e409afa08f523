package rabbitmq

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const image = "rabbitmq:3-alpine"

func dockerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := run(ctx, "docker", "info", "--format", "{{.ServerVersion}}")
	return err == nil
}

// startDocker runs the image on a free port of loopback.
func startDocker(ctx context.Context, owner account) (*Server, error) {
	start := exec.CommandContext(ctx, "docker", "run", "--detach", "--rm", "--publish", "127.0.0.1::5672",
		"--env", "RABBITMQ_DEFAULT_USER", "--env", "RABBITMQ_DEFAULT_PASS", image)
	start.Env = append(os.Environ(), "RABBITMQ_DEFAULT_USER="+owner.user, "RABBITMQ_DEFAULT_PASS="+owner.password)
	start.Stderr = os.Stderr // the image's download
	out, err := start.Output()
	if err != nil {
		return nil, fmt.Errorf("start RabbitMQ in docker: %w", err)
	}
	id := strings.TrimSpace(string(out))
	stop := func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*stopLimit)
		defer cancel()
		_, err := run(ctx, "docker", "stop", id)
		return err
	}
	uri, err := dockerURI(ctx, id, owner)
	if err == nil {
		err = awaitAccepting(ctx, uri, nil)
	}
	if err != nil {
		_ = stop()
		return nil, fmt.Errorf("start RabbitMQ in docker: %w", err)
	}
	return &Server{
		URI: uri, stop: stop,
		// The container goes on, for another start of it would be at another port.
		halt: func() error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
			defer cancel()
			return control(ctx, id, "stop_app")
		},
		resume: func(ctx context.Context) error {
			if err := control(ctx, id, "start_app"); err != nil {
				return err
			}
			return awaitAccepting(ctx, uri, nil)
		},
	}, nil
}

func control(ctx context.Context, id, command string) error {
	_, err := run(ctx, "docker", "exec", id, "rabbitmqctl", command)
	return err
}

func dockerURI(ctx context.Context, id string, owner account) (string, error) {
	out, err := run(ctx, "docker", "port", id, "5672/tcp")
	if err != nil {
		return "", err
	}
	address, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return owner.uri(address), nil
}
