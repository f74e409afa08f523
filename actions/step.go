package actions

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/rawjson"
)

// connect makes the client for a step's credentials, as awsapi.New does.
type connect func(cfg awsapi.Config) (awsapi.API, error)

// step is one step of a flow that runs an operation. It is used from many
// goroutines.
type step struct {
	operation string
	deps      component.Deps
	connect   connect

	mu  sync.Mutex
	api awsapi.API // nil until the first message
}

// client returns the step's one client. An error is that of the configuration,
// and is tried again with the next message.
func (s *step) client() (awsapi.API, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.api != nil {
		return s.api, nil
	}
	cfg, err := awsapi.ParseConfig(s.deps.Config)
	if err != nil {
		return nil, err
	}
	cfg.SessionName = s.deps.FlowID
	s.api, err = s.connect(cfg)
	return s.api, err
}

// request is a pointer to an operation's input.
type request[In any] interface {
	*In
	smithy.Serializable
}

// operation is one method of awsapi.API, such as awsapi.API.GetSecretValue.
type operation[In, Out any] func(awsapi.API, context.Context, In, ...func(*secretsmanager.Options)) (Out, error)

// call is the handler of an operation: body in, operation, output out.
func call[In any, PIn request[In], Out smithy.Serializable](s *step, op operation[PIn, Out]) component.Handler {
	return do(s, func(ctx context.Context, api awsapi.API, _ component.Request, in PIn) (Out, error) {
		return op(api, ctx, in)
	})
}

// callOnce is call for an operation with a ClientRequestToken, which token
// points to. An input without one gets one that is the same whenever the
// message is delivered with this input, so that AWS does the work once.
func callOnce[In any, PIn request[In], Out smithy.Serializable](
	s *step, op operation[PIn, Out], token func(PIn) **string,
) component.Handler {
	return do(s, func(ctx context.Context, api awsapi.API, req component.Request, in PIn) (Out, error) {
		s.fillToken(req, in, token(in))
		return op(api, ctx, in)
	})
}

// do is what call and callOnce have in common.
func do[In any, PIn request[In], Out smithy.Serializable](
	s *step, run func(context.Context, awsapi.API, component.Request, PIn) (Out, error),
) component.Handler {
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		in := PIn(new(In))
		if err := decode(req.Message.Body, in); err != nil {
			return err
		}
		api, err := s.client()
		if err != nil {
			return err
		}
		output, err := run(ctx, api, req, in)
		if err != nil {
			return awsapi.Wrap(s.operation, in, err)
		}
		return out.Data(ctx, component.NewMessage(encode(output)))
	})
}

// compose is the handler of a function that AWS does not have, which is made of
// several of AWS's operations.
func compose[In, Out any](
	s *step, run func(context.Context, awsapi.API, component.Request, In) (Out, error),
) component.Handler {
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		var in In
		if err := decode(req.Message.Body, &in); err != nil {
			return err
		}
		api, err := s.client()
		if err != nil {
			return err
		}
		output, err := run(ctx, api, req, in)
		if err != nil {
			return err
		}
		body, err := rawjson.Marshal(output)
		if err != nil {
			return err
		}
		return out.Data(ctx, component.NewMessage(body))
	})
}

// fillToken sets *token, which is that of in, if it is not set, and reports
// whether it did.
func (s *step) fillToken(req component.Request, in smithy.Serializable, token **string) bool {
	if *token != nil {
		return false
	}
	made := s.token(req.MessageID, in)
	*token = &made
	return true
}

// token returns the ClientRequestToken of an input that has none: one that
// follows from the message and the input, or a random one if the message has no
// id. The input counts as well, for a sender may give several messages the same
// id (decision 7).
func (s *step) token(messageID string, in smithy.Serializable) string {
	return s.tokenOf(messageID, encode(in))
}

func (s *step) tokenOf(messageID string, input []byte) string {
	if messageID == "" || s.deps.IdempotencyToken == nil {
		return uuid.NewString()
	}
	return s.deps.IdempotencyToken(messageID, input)
}
