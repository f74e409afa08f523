package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

type rawInput struct {
	Operation string
	Body      json.RawMessage
}

// rawCaller calls operations that awsapi.API may not have.
type rawCaller interface {
	Raw(ctx context.Context, operation string, body awsapi.RawInput) (json.RawMessage, error)
}

// makeRawRequest sends a body to an operation as it is, and emits what AWS answers as
// it is. It serves operations and members that are newer than this release.
//
// It needs the IAM action of the operation.
func makeRawRequest(s *step) component.Handler {
	return compose(s, func(ctx context.Context, api awsapi.API, req component.Request, in rawInput) (json.RawMessage, error) {
		raw, ok := api.(rawCaller)
		if !ok {
			return nil, component.Errorf(component.InternalError, "the client makes no raw requests")
		}
		if len(in.Body) == 0 {
			in.Body = json.RawMessage(`{}`)
		}
		token := ""
		if tokenIsMissing(in) {
			token = s.tokenOf(req.MessageID, req.Message.Body)
			// In front of the rest, which stays as it is; a body without members is refused anyway.
			in.Body = slices.Concat([]byte(`{"ClientRequestToken":"`+token+`",`), bytes.TrimLeft(in.Body, " \t\r\n")[1:])
		}
		body := awsapi.RawInput(in.Body)
		out, err := raw.Raw(ctx, in.Operation, body)
		var exists *types.ResourceExistsException
		switch {
		case in.Operation == "UpdateSecret" && token != "" && errors.As(err, &exists): // as in updateSecret
			id := body.SecretID()
			update := &secretsmanager.UpdateSecretInput{SecretId: &id, ClientRequestToken: &token}
			before, err := updatedBefore(ctx, req.Stopping, api, update, awsapi.Wrap(in.Operation, body, err))
			if err != nil {
				return nil, err
			}
			return encode(before), nil
		case err != nil:
			return nil, awsapi.Wrap(in.Operation, body, err)
		case len(out) == 0:
			return json.RawMessage(`{}`), nil
		}
		return out, nil
	})
}

// tokenIsMissing reports whether the operation takes a ClientRequestToken, and has none.
func tokenIsMissing(in rawInput) bool {
	var body map[string]json.RawMessage
	_ = json.Unmarshal(in.Body, &body) // the schema has checked that it is an object
	return len(body) > 0 && body["ClientRequestToken"] == nil &&
		slices.Contains([]string{"CreateSecret", "PutSecretValue", "RotateSecret", "UpdateSecret"}, in.Operation)
}
