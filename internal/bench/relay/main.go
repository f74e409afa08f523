// Command relay is the least that a step can do: consume, publish, await the
// broker's confirm, acknowledge. The benchmark takes it as the floor.
//
// It reads the settings of a step that it needs, and ends by a signal.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

func setting(name string) string { return os.Getenv("ELASTICIO_" + name) }

func run(ctx context.Context) error {
	prefetch, err := strconv.Atoi(setting("RABBITMQ_PREFETCH_SAILOR"))
	if err != nil {
		return fmt.Errorf("prefetch: %w", err)
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
	var inWork sync.WaitGroup
	defer inWork.Wait()
	for d := range deliveries {
		inWork.Go(func() { relay(out, d) })
	}
	return nil
}

// open opens a channel on a connection of its own, as steps do.
func open() (*amqp.Channel, func(), error) {
	conn, err := amqp.Dial(setting("AMQP_URI"))
	if err != nil {
		return nil, nil, err
	}
	ch, err := conn.Channel()
	return ch, func() { _ = conn.Close() }, err
}

// relay leaves a message that it cannot hand on to the broker.
func relay(out *amqp.Channel, d amqp.Delivery) {
	confirm, err := out.PublishWithDeferredConfirm(setting("PUBLISH_MESSAGES_TO"), setting("DATA_ROUTING_KEY"),
		true, false, amqp.Publishing{Headers: d.Headers, ContentType: d.ContentType, DeliveryMode: amqp.Transient, Body: d.Body})
	if err == nil && confirm.Wait() {
		_ = d.Ack(false)
	}
}
