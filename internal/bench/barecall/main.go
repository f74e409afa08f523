// Command barecall is the least that a step can do which calls AWS: decrypt,
// call GetSecretValue, encrypt, publish, await the broker's confirm,
// acknowledge. It is made of the component's own libraries and settings, without
// what the runtime adds: schemas, identifiers, deduplication, retries, logs.
//
// It reads the settings of a step that it needs, and ends by a signal.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	amqp "github.com/rabbitmq/amqp091-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/batchconn"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
)

func main() {
	runtime.GOMAXPROCS(1) // as the component does (decision 18)
	debug.SetGCPercent(180)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "barecall:", err)
		os.Exit(1)
	}
}

func setting(name string) string { return os.Getenv("ELASTICIO_" + name) }

func run(ctx context.Context) error {
	prefetch, err := strconv.Atoi(setting("RABBITMQ_PREFETCH_SAILOR"))
	if err != nil {
		return fmt.Errorf("prefetch: %w", err)
	}
	s := step{exchange: setting("PUBLISH_MESSAGES_TO"), routingKey: setting("DATA_ROUTING_KEY")}
	s.cipher, err = envelope.NewCipher(component.NewSecret(setting("MESSAGE_CRYPTO_PASSWORD")), component.NewSecret(setting("MESSAGE_CRYPTO_IV")))
	if err != nil {
		return err
	}
	s.aws, err = awsapi.New(awsapi.Config{
		AccessKeyID: component.NewSecret("AKIABENCHBENCHBENCH0"), AccessKeySecret: component.NewSecret("bench"),
		Region: "eu-central-1", Endpoint: os.Getenv("BENCH_AWS_URL"),
	}, awsapi.Options{AllowInsecureEndpoint: true, Concurrency: prefetch})
	if err != nil {
		return err
	}
	in, closeIn, err := open()
	if err != nil {
		return err
	}
	defer closeIn()
	out, closeOut, err := open()
	if err != nil {
		return err
	}
	defer closeOut()
	s.out = out
	if err := out.Confirm(false); err != nil {
		return err
	}
	if err := in.Qos(prefetch, 0, false); err != nil {
		return err
	}
	deliveries, err := in.ConsumeWithContext(ctx, setting("LISTEN_MESSAGES_ON"), "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	for range prefetch {
		workers.Go(func() {
			for d := range deliveries {
				if err := s.work(ctx, d); err != nil { // the message is left to the broker
					fmt.Fprintln(os.Stderr, "barecall:", err)
				}
			}
		})
	}
	return nil
}

// open opens a channel on a connection of its own, as steps do.
func open() (*amqp.Channel, func(), error) {
	conn, err := amqp.DialConfig(setting("AMQP_URI"), amqp.Config{Dial: func(network, address string) (net.Conn, error) {
		tcp, err := net.Dial(network, address)
		if err != nil {
			return nil, err
		}
		return batchconn.New(tcp), nil
	}})
	if err != nil {
		return nil, nil, err
	}
	ch, err := conn.Channel()
	return ch, func() { _ = conn.Close() }, err
}

type step struct {
	cipher               *envelope.Cipher
	aws                  awsapi.API
	out                  *amqp.Channel
	exchange, routingKey string
}

func (s *step) work(ctx context.Context, d amqp.Delivery) error {
	msg, err := envelope.DecodeMessage(s.cipher, d.Body, envelope.Raw)
	if err != nil {
		return err
	}
	var input secretsmanager.GetSecretValueInput
	if err := json.Unmarshal(msg.Body, &input); err != nil {
		return err
	}
	answer, err := s.aws.GetSecretValue(ctx, &input)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"ARN": answer.ARN, "Name": answer.Name, "VersionId": answer.VersionId, "CreatedDate": answer.CreatedDate,
		"SecretString": answer.SecretString, "VersionStages": answer.VersionStages,
	})
	if err != nil {
		return err
	}
	sealed, err := envelope.EncodeMessage(s.cipher, component.NewMessage(body), envelope.Raw)
	if err != nil {
		return err
	}
	confirm, err := s.out.PublishWithDeferredConfirm(s.exchange, s.routingKey, true, false, amqp.Publishing{
		Headers: outgoing(d.Headers), ContentType: d.ContentType, DeliveryMode: amqp.Transient, Body: sealed,
	})
	if err != nil {
		return err
	}
	if !confirm.Wait() {
		return fmt.Errorf("the broker refused message %d", d.DeliveryTag)
	}
	return d.Ack(false)
}

// outgoing adds to the headers that came as many as a step has to send.
func outgoing(headers amqp.Table) amqp.Table {
	headers["parentMessageId"] = headers["messageId"]
	for _, name := range []string{"execId", "taskId", "workspaceId", "containerId", "userId", "stepId", "compId", "function"} {
		headers[name] = "bench"
	}
	headers["start"], headers["end"] = int64(1), int64(2)
	return headers
}
