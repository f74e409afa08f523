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

// publisher turns emits into publications, at the rates and up to the size that
// the settings allow, and publishes them until the broker has confirmed.
type publisher struct {
	set    settings.Settings
	sink   broker.Sink
	cipher *envelope.Cipher
	static envelope.StaticHeaders
	log    *slog.Logger
	now    func() time.Time
	newID  func() string

	dataRate, errorRate, snapshotRate *rate.Limiter

	// stopping is closed when a shutdown begins: from then on, nothing waits for
	// a rate.
	stopping <-chan struct{}
}

// newPublisher returns a publisher for a step whose shutdown begins when stopping ends.
func newPublisher(stopping context.Context, o Options, cipher *envelope.Cipher) *publisher {
	set := o.Settings
	return &publisher{
		set: set,
		sink: broker.Retry(o.Sink, broker.RetryOptions{
			Delay: set.AMQPPublishRetryDelay, MaxDelay: set.AMQPPublishMaxRetryDelay, Attempts: set.AMQPPublishRetryAttempts,
			Log: o.Log, Stopping: stopping,
		}),
		cipher: cipher,
		static: envelope.Origin{
			ExecID: set.ExecID, FlowID: set.FlowID, WorkspaceID: set.WorkspaceID, ContainerID: set.ContainerID,
			UserID: set.UserID, StepID: set.StepID, CompID: set.CompID, Function: set.Function,
			Additional: set.AdditionalHeaders,
		}.StaticHeaders(),
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
func (p *publisher) wait(ctx context.Context, limiter *rate.Limiter) error {
	if limiter.Allow() {
		return nil
	}
	delay := limiter.Reserve().Delay()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.stopping:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (p *publisher) data(ctx context.Context, msg component.Message, headers map[string]any) error {
	routingKey, messageHeaders := envelope.TakeRoutingKey(msg.Headers)
	if routingKey == "" {
		routingKey = p.set.DataRoutingKey
	}
	msg.Headers = messageHeaders
	body, err := envelope.EncodeMessage(p.cipher, msg, p.set.ProtocolVersion)
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	if err := p.checkSize(body); err != nil {
		return err
	}
	headers[protocolVersionHeader] = int64(p.set.ProtocolVersion)
	if err := p.wait(ctx, p.dataRate); err != nil {
		return err
	}
	return p.publish(ctx, p.publication(routingKey, body, headers))
}

// error emits to the error queue and, where somebody waits for an answer, to
// them as well. What cannot be sent so is sent without the incoming message's
// headers, and then without that message.
func (p *publisher) error(ctx context.Context, f envelope.Failure, headers map[string]any, in *incoming) error {
	encrypted := envelope.EncodeError(p.cipher, f)
	body := envelope.ErrorPayload(encrypted, in.delivery.Body, in.headers.Protocol)
	bare := envelope.WithoutPropagated(headers, in.headers)
	if err := p.wait(ctx, p.errorRate); err != nil {
		return err
	}
	sent := p.publishFirst(ctx,
		p.publication(p.set.ErrorRoutingKey, body, headers),
		p.publication(p.set.ErrorRoutingKey, body, bare),
		p.publication(p.set.ErrorRoutingKey, envelope.ErrorPayload(encrypted, nil, envelope.Base64), bare))
	if replyTo := in.headers.ReplyTo; replyTo != "" && !p.set.NoErrorReplies {
		headers, bare = maps.Clone(headers), maps.Clone(bare)
		headers[errorResponseHeader], bare[errorResponseHeader] = true, true
		if err := p.publishFirst(ctx, p.publication(replyTo, encrypted, headers), p.publication(replyTo, encrypted, bare)); err != nil {
			p.log.Warn("the waiting caller could not be told of the error", "err", err)
		}
	}
	return ignoreFinal(sent)
}

// publishFirst publishes the first of publications that can be sent.
func (p *publisher) publishFirst(ctx context.Context, publications ...broker.Publication) (err error) {
	for _, publication := range publications {
		if err = p.publish(ctx, publication); !errors.Is(err, broker.ErrUnsendable) {
			return err
		}
	}
	return err
}

// startFailure emits an error that no message caused.
func (p *publisher) startFailure(ctx context.Context, cause error) error {
	body := envelope.ErrorPayload(envelope.EncodeError(p.cipher, describe(cause)), nil, envelope.Base64)
	headers := p.static.Headers(envelope.Headers{}, p.newID(), time.Time{}, time.Time{})
	return p.publish(ctx, p.publication(p.set.ErrorRoutingKey, body, headers))
}

func (p *publisher) snapshot(ctx context.Context, snapshot json.RawMessage, headers map[string]any) error {
	headers[snapshotEventHeader] = "snapshot"
	if err := p.wait(ctx, p.snapshotRate); err != nil {
		return err
	}
	return p.publish(ctx, p.publication(p.set.SnapshotRoutingKey, snapshot, headers))
}

func (p *publisher) updateSnapshot(ctx context.Context, changes json.RawMessage, headers map[string]any) error {
	headers[snapshotEventHeader] = "updateSnapshot"
	return p.publish(ctx, p.publication(p.set.SnapshotRoutingKey, changes, headers))
}

func (p *publisher) httpReply(ctx context.Context, reply component.HTTPReply, replyTo string, headers map[string]any) error {
	_, reply.Headers = envelope.TakeRoutingKey(reply.Headers)
	body, err := envelope.EncodeReply(p.cipher, reply)
	if err != nil {
		return fmt.Errorf("encode the reply: %w", err)
	}
	if err := p.checkSize(body); err != nil {
		return err
	}
	headers[protocolVersionHeader] = int64(envelope.Base64)
	return p.publish(ctx, p.publication(replyTo, body, headers))
}

// checkSize speaks with the reference sailor's words.
func (p *publisher) checkSize(body []byte) error {
	if limit := p.set.OutgoingMessageSizeLimit; len(body) > limit {
		return component.Errorf(unnamed, "Outgoing message size %d exceeds limit of %d.", len(body), limit)
	}
	return nil
}

// deadLetterReserve is more than RabbitMQ adds when a message's expiration ends:
// x-death, x-first-death-* and x-last-death-*, with names of 255 bytes at most.
const deadLetterReserve = 4096

// forward publishes what came in, once more, to be dead-lettered to where it
// came from.
func (p *publisher) forward(ctx context.Context, routingKey string, properties broker.Properties, body []byte) error {
	properties.DeliveryMode = p.deliveryMode()
	return p.publish(ctx, broker.Publication{
		Exchange: p.set.PublishMessagesTo, RoutingKey: routingKey, Properties: properties, Body: body, Reserve: deadLetterReserve,
	})
}

func (p *publisher) publication(routingKey string, body []byte, headers map[string]any) broker.Publication {
	return broker.Publication{
		Exchange:   p.set.PublishMessagesTo,
		RoutingKey: routingKey,
		Properties: broker.Properties{
			ContentType:     "application/json",
			ContentEncoding: "utf8",
			DeliveryMode:    p.deliveryMode(),
			Headers:         headers,
		},
		Body: body,
	}
}

func (p *publisher) deliveryMode() uint8 {
	if p.set.AMQPPersistentMessages {
		return persistent
	}
	return transient
}

// publish returns when the broker has confirmed, however often that takes.
func (p *publisher) publish(ctx context.Context, publication broker.Publication) error {
	err := p.sink.Publish(ctx, publication)
	if returned, ok := errors.AsType[*broker.ReturnedError](err); ok {
		p.log.Error("message is unroutable", "exchange", returned.Exchange, "routingKey", returned.RoutingKey)
		return &component.Error{Name: component.Unroutable, Message: returned.Error(), Err: err}
	}
	if errors.Is(err, broker.ErrUnsendable) {
		p.log.Error("message cannot be sent", "err", err, "exchange", publication.Exchange, "routingKey", publication.RoutingKey)
	}
	return err
}

// ignoreFinal accepts that an error emit cannot be delivered: it is in the log,
// and bringing its message back would not change that.
func ignoreFinal(err error) error {
	if isFinal(err) {
		return nil
	}
	return err
}

// isFinal reports whether a publication fails however often it is tried: it has
// no queue to go to, or cannot be sent as it is.
func isFinal(err error) bool {
	_, unroutable := errors.AsType[*broker.ReturnedError](err)
	return unroutable || errors.Is(err, broker.ErrUnsendable)
}
