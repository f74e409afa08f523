package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"golang.org/x/time/rate"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/settings"
)

const (
	errorResponseHeader   = "x-eio-error-response"
	protocolVersionHeader = "protocolVersion"
	snapshotEventHeader   = "snapshotEvent"

	transient, persistent = 1, 2 // AMQP delivery modes
)

// outbox turns emits into publications, at the rates and up to the size that
// the settings allow, and publishes them until the broker has confirmed.
type outbox struct {
	set    settings.Settings
	sink   broker.Sink
	cipher *envelope.Cipher
	stamp  envelope.Stamp
	log    *slog.Logger
	now    func() time.Time
	newID  func() string

	dataRate, errorRate, snapshotRate *rate.Limiter

	// stopping is closed when the process is to end: from then on, nothing
	// waits for a rate.
	stopping <-chan struct{}
}

// newOutbox returns an outbox for a process that is to end when stopping does.
func newOutbox(stopping context.Context, o Options, cipher *envelope.Cipher) *outbox {
	set := o.Settings
	return &outbox{
		set: set,
		sink: broker.Retry(o.Sink, broker.RetryOptions{
			Delay: set.AMQPPublishRetryDelay, MaxDelay: set.AMQPPublishMaxRetryDelay, Attempts: set.AMQPPublishRetryAttempts,
			Log: o.Log, Stopping: stopping,
		}),
		cipher: cipher,
		stamp: envelope.Origin{
			ExecID: set.ExecID, FlowID: set.FlowID, WorkspaceID: set.WorkspaceID, ContainerID: set.ContainerID,
			UserID: set.UserID, StepID: set.StepID, CompID: set.CompID, Function: set.Function,
			Additional: set.AdditionalHeaders,
		}.Stamp(),
		log: o.Log, now: o.Now, newID: o.NewID,
		dataRate:     limiter(set.DataRateLimit, set.RateInterval),
		errorRate:    limiter(set.ErrorRateLimit, set.RateInterval),
		snapshotRate: limiter(set.SnapshotRateLimit, set.RateInterval),
		stopping:     stopping.Done(),
	}
}

// limiter allows n emits per interval, all of them at once if need be.
func limiter(n int, interval time.Duration) *rate.Limiter {
	n = max(n, 1)
	return rate.NewLimiter(rate.Every(interval/time.Duration(n)), n)
}

// wait waits for the limiter's next free place.
func (o *outbox) wait(ctx context.Context, limiter *rate.Limiter) error {
	if limiter.Allow() {
		return nil
	}
	delay := limiter.Reserve().Delay()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-o.stopping:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (o *outbox) data(ctx context.Context, msg component.Message, headers map[string]any) error {
	routingKey, messageHeaders := envelope.TakeRoutingKey(msg.Headers)
	if routingKey == "" {
		routingKey = o.set.DataRoutingKey
	}
	msg.Headers = messageHeaders
	body, err := envelope.EncodeMessage(o.cipher, msg, o.set.ProtocolVersion)
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	if err := o.checkSize(body); err != nil {
		return err
	}
	headers[protocolVersionHeader] = int64(o.set.ProtocolVersion)
	if err := o.wait(ctx, o.dataRate); err != nil {
		return err
	}
	return o.publish(ctx, o.publication(routingKey, body, headers))
}

// error emits to the error queue and, where somebody waits for an answer, to
// them as well.
func (o *outbox) error(ctx context.Context, f envelope.Failure, headers map[string]any, input broker.Delivery, in envelope.Headers) error {
	encrypted := envelope.EncodeError(o.cipher, f)
	body := envelope.ErrorPayload(encrypted, input.Body, in.Protocol)
	if err := o.wait(ctx, o.errorRate); err != nil {
		return err
	}
	sent := o.publish(ctx, o.publication(o.set.ErrorRoutingKey, body, headers))
	if in.ReplyTo != "" && !o.set.NoErrorReplies {
		reply := maps.Clone(headers)
		reply[errorResponseHeader] = true
		if err := o.publish(ctx, o.publication(in.ReplyTo, encrypted, reply)); err != nil {
			o.log.Warn("the waiting caller could not be told of the error", "err", err)
		}
	}
	return lostToNobody(sent)
}

// startFailure emits an error that no message caused.
func (o *outbox) startFailure(ctx context.Context, cause error) error {
	body := envelope.ErrorPayload(envelope.EncodeError(o.cipher, describe(cause)), nil, envelope.Base64)
	headers := o.stamp.Headers(envelope.Headers{}, o.newID(), time.Time{}, time.Time{})
	return o.publish(ctx, o.publication(o.set.ErrorRoutingKey, body, headers))
}

func (o *outbox) snapshot(ctx context.Context, snapshot json.RawMessage, headers map[string]any) error {
	headers[snapshotEventHeader] = "snapshot"
	if err := o.wait(ctx, o.snapshotRate); err != nil {
		return err
	}
	return o.publish(ctx, o.publication(o.set.SnapshotRoutingKey, snapshot, headers))
}

func (o *outbox) updateSnapshot(ctx context.Context, changes json.RawMessage, headers map[string]any) error {
	headers[snapshotEventHeader] = "updateSnapshot"
	return o.publish(ctx, o.publication(o.set.SnapshotRoutingKey, changes, headers))
}

func (o *outbox) httpReply(ctx context.Context, reply component.HTTPReply, replyTo string, headers map[string]any) error {
	_, reply.Headers = envelope.TakeRoutingKey(reply.Headers)
	body, err := envelope.EncodeReply(o.cipher, reply)
	if err != nil {
		return fmt.Errorf("encode the reply: %w", err)
	}
	if err := o.checkSize(body); err != nil {
		return err
	}
	headers[protocolVersionHeader] = int64(envelope.Base64)
	return o.publish(ctx, o.publication(replyTo, body, headers))
}

// checkSize speaks with the reference sailor's words.
func (o *outbox) checkSize(body []byte) error {
	if limit := o.set.OutgoingMessageSizeLimit; len(body) > limit {
		return component.Errorf(unnamed, "Outgoing message size %d exceeds limit of %d.", len(body), limit)
	}
	return nil
}

func (o *outbox) publication(routingKey string, body []byte, headers map[string]any) broker.Publication {
	return broker.Publication{
		Exchange:   o.set.PublishMessagesTo,
		RoutingKey: routingKey,
		Properties: broker.Properties{
			ContentType:     "application/json",
			ContentEncoding: "utf8",
			DeliveryMode:    o.deliveryMode(),
			Headers:         headers,
		},
		Body: body,
	}
}

func (o *outbox) deliveryMode() uint8 {
	if o.set.AMQPPersistentMessages {
		return persistent
	}
	return transient
}

// publish returns when the broker has confirmed, however often that takes.
func (o *outbox) publish(ctx context.Context, p broker.Publication) error {
	err := o.sink.Publish(ctx, p)
	if returned, ok := errors.AsType[*broker.ReturnedError](err); ok {
		o.log.Error("message is unroutable", "exchange", returned.Exchange, "routingKey", returned.RoutingKey)
		return &component.Error{Name: component.Unroutable, Message: returned.Error(), Err: err}
	}
	return err
}

// lostToNobody accepts that an error has no queue to go to: it is in the log,
// and bringing its message back would not change that.
func lostToNobody(err error) error {
	if unroutable(err) {
		return nil
	}
	return err
}

func unroutable(err error) bool {
	_, ok := errors.AsType[*broker.ReturnedError](err)
	return ok
}
