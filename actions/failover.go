package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

// What only reads goes to the failoverRegion in the credentials, where replicas
// are, while the region of its secret is away. What also writes never does, for a
// replica may be behind.

// read is the handler of an operation that reads the secret which id points to.
func read[In any, PIn request[In], Out smithy.Serializable](
	s *step, op operation[PIn, Out], id func(PIn) **string,
) component.Handler {
	return tellRegion(s, do(s, func(ctx context.Context, api awsapi.API, req component.Request, in PIn) (Out, error) {
		secretID := **id(in)
		out, err := op(api, ctx, in)
		other, region := failover(ctx, req.Log, api, secretID, err)
		if other == nil {
			return out, err
		}
		replica, moved := *in, awsapi.InRegion(secretID, region)
		*id(&replica) = &moved
		out, failed := op(other, ctx, &replica)
		if failed != nil {
			return out, neither(awsapi.Wrap(s.operation, in, err), region, awsapi.Wrap(s.operation, PIn(&replica), failed))
		}
		return out, nil
	}))
}

// failover returns the client to try again with, nil if there is none.
func failover(ctx context.Context, log *slog.Logger, api awsapi.API, secretID string, err error) (awsapi.API, string) {
	regional, ok := api.(interface {
		Failover(secretID string, err error) (awsapi.API, string)
	})
	if !ok || err == nil {
		return nil, ""
	}
	other, region := regional.Failover(secretID, err)
	if other != nil {
		log.WarnContext(ctx, "the region of a secret is unavailable, reading in failoverRegion", "failoverRegion", region)
	}
	return other, region
}

// neither is what the first region failed with, and what the other one said.
func neither(first error, region string, second error) error {
	if errors.Is(second, context.Canceled) {
		return second
	}
	message := fmt.Sprintf("%v; nor could it be read in failoverRegion %s: %v", first, region, second)
	return &component.Rebound{Reason: message, Err: &component.Error{Name: component.Unavailable, Message: message, Err: second}}
}

// tellRegion is h, and tells in Region that a secret was read in failoverRegion.
func tellRegion(s *step, h component.Handler) component.Handler {
	cfg, err := awsapi.ParseConfig(s.deps.Config)
	if err != nil || cfg.FailoverRegion == "" { // the client tells what is wrong
		return h
	}
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		return h.Handle(ctx, req, regionTeller{out, cfg.FailoverRegion})
	})
}

type regionTeller struct {
	component.Emitter
	region string
}

// Data emits a secret, or a page of values.
func (r regionTeller) Data(ctx context.Context, msg component.Message) error {
	page, _ := rawjson.Members(msg.Body)
	if page["SecretValues"] == nil {
		msg.Body = r.tell(msg.Body)
		return r.Emitter.Data(ctx, msg)
	}
	var values []json.RawMessage
	if err := json.Unmarshal(page["SecretValues"], &values); err != nil {
		return fmt.Errorf("read the output: %w", err)
	}
	for i := range values {
		values[i] = r.tell(values[i])
	}
	list, err := rawjson.Marshal(values)
	if err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	msg.Body = eachMember(msg.Body, func(name string, value json.RawMessage) json.RawMessage {
		if name == "SecretValues" {
			return list
		}
		return value
	})
	return r.Emitter.Data(ctx, msg)
}

func (r regionTeller) tell(secret json.RawMessage) json.RawMessage {
	var arn string
	if json.Unmarshal(member(secret, "ARN"), &arn) != nil || awsapi.RegionOf(arn) != r.region {
		return secret
	}
	return joined(secret, json.RawMessage(`{"Region":"`+r.region+`"}`))
}
