package sailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/platform"
)

// startup runs the function's startup hook and has the platform keep what it
// returns, or an empty object where that has nothing in it. Data that an earlier start left behind is replaced.
func (s *Sailor) startup(ctx context.Context, function component.Function, deps component.Deps) error {
	data := json.RawMessage("{}")
	if function.Startup == nil {
		s.Log.Warn("the function has no startup hook")
	} else {
		result, err := function.Startup(ctx, deps)
		if err != nil {
			return err
		}
		if !isEmpty(result) {
			data = result
		}
	}
	err := s.Platform.CreateStartupData(ctx, deps.FlowID, data)
	if errors.Is(err, platform.ErrConflict) {
		s.Log.Warn("startup data exists already and is replaced")
		if err := s.Platform.DeleteStartupData(ctx, deps.FlowID); err != nil {
			return err
		}
		err = s.Platform.CreateStartupData(ctx, deps.FlowID, data)
	}
	return err
}

// RunShutdownHook runs the function's shutdown hook with what its startup hook
// returned, once the flow has ended. It needs no broker.
func (s *Sailor) RunShutdownHook(ctx context.Context) error {
	deps, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	data, err := s.Platform.StartupData(ctx, deps.FlowID)
	if err != nil {
		return err
	}
	function, err := s.Registry.Lookup(s.Settings.Function)
	if err != nil {
		return err
	}
	if function.Shutdown == nil {
		s.Log.Warn("the function has no shutdown hook")
	} else if err := function.Shutdown(ctx, deps, data); err != nil {
		return fmt.Errorf("shutdown hook of %s: %w", function.Name, err)
	}
	return s.Platform.DeleteStartupData(ctx, deps.FlowID)
}
