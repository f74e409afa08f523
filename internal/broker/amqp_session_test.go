package broker

import (
	"bytes"
	"log/slog"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/assert"
)

func TestAResourceAlarmIsLogged(t *testing.T) {
	var out bytes.Buffer
	changes := make(chan amqp.Blocking, 2)
	changes <- amqp.Blocking{Active: true, Reason: "low on memory"}
	changes <- amqp.Blocking{}
	close(changes)
	logBlocked(changes, slog.New(slog.NewTextHandler(&out, nil)))
	assert.Regexp(t, `(?s)level=WARN .*reason="low on memory".*level=INFO .*takes messages again`, out.String())
}
