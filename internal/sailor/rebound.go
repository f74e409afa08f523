package sailor

import (
	"context"
	"maps"
	"math"
	"strconv"
	"time"

	"aws-secrets-manager-connector/internal/broker"
	"aws-secrets-manager-connector/internal/component"
)

// rebound sends the incoming message, unchanged, to where the platform keeps
// it for a while: 2^(n-1) times the initial expiration at the n-th time.
func (e *emitter) rebound(ctx context.Context, cause *component.Rebound) error {
	set := e.sailor.Settings
	iteration := e.headers.ReboundIteration + 1
	if iteration > set.ReboundLimit {
		return e.publishError(ctx, errReboundLimit, e.headersWithoutEnd(e.sailor.NewID()))
	}
	messageLog(e.sailor.ComponentLog, &e.headers).Warn("message rebounds", "iteration", iteration, "reason", cause.Reason)

	properties := e.delivery.Properties
	properties.UserID = "" // RabbitMQ refuses to take any but our own from us
	properties.Headers = maps.Clone(properties.Headers)
	properties.Headers["reboundIteration"] = int64(iteration)
	properties.Headers["reboundReason"] = cause.Reason
	properties.Headers["end"] = e.sailor.Now().UnixMilli()
	properties.DeliveryMode = e.sailor.outbox.deliveryMode()
	properties.Expiration = reboundExpiration(set.ReboundInitialExpiry, iteration)
	return e.sailor.outbox.publish(ctx, broker.Publication{
		Exchange:   set.PublishMessagesTo,
		RoutingKey: set.ReboundRoutingKey,
		Properties: properties,
		Body:       e.delivery.Body,
	})
}

// maxExpiration is 10 years: RabbitMQ closes the channel of who asks for much
// more.
const maxExpiration = 10 * 365 * 24 * time.Hour

// reboundExpiration is in ms.
func reboundExpiration(initial time.Duration, iteration int) string {
	ms := float64(initial.Milliseconds()) * math.Pow(2, float64(iteration-1))
	return strconv.FormatInt(int64(min(ms, float64(maxExpiration.Milliseconds()))), 10)
}
