package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"aws-secrets-manager-connector/internal/settings"
)

// needs are the variables that a method wants beside those of all methods.
var needs = map[string][]string{
	VerifyCredentials: nil,
	GetMetaModel:      {"ACTION_OR_TRIGGER"},
	SelectModel:       {"ACTION_OR_TRIGGER", "GET_MODEL_METHOD"},
}

// Options of Run; all are required.
type Options struct {
	Env     func(name string) (string, bool) // shaped like os.LookupEnv
	Methods func(settings.Service) Methods
	Log     *slog.Logger
}

// result is what the platform is told.
type result struct {
	Status string          `json:"status"`
	Data   json.RawMessage `json:"data"`
}

// Run calls the method that the platform asks for, with what the environment
// tells, and posts the result. That the method failed is a result, too: the
// error tells that there was nowhere to post to, that the platform did not take
// the result, or that ctx ended before.
func Run(ctx context.Context, method string, o Options) error {
	also, known := needs[method]
	set, settingsErr := settings.ReadService(o.Env, also...)
	target, err := resultURL(set)
	if err != nil {
		return err
	}

	o.Log.Info("service method is called", "method", method)
	var data json.RawMessage
	switch {
	case !known:
		err = unknownMethod(method)
	case settingsErr != nil:
		err = settingsErr
	case !json.Valid([]byte(set.Cfg.Reveal())):
		//lint:ignore ST1005 the platform's text
		err = errors.New("Unable to parse CFG")
	default:
		data, err = o.Methods(set).Call(ctx, Call{
			Method: method, Config: set.Cfg, Function: set.ActionOrTrigger, Model: set.GetModelMethod,
		})
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s was stopped: %w", method, context.Cause(ctx))
	}
	r := result{Status: "success", Data: data}
	if err != nil {
		o.Log.Error("service method failed", "method", method, "err", err)
		r = failure(err)
	}
	return post(ctx, target, set, r, o.Log)
}

func failure(err error) result {
	data, _ := json.Marshal(map[string]string{"message": err.Error()}) // texts always encode
	return result{Status: "error", Data: data}
}
