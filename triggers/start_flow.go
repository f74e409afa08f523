package triggers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"aws-secrets-manager-connector/internal/component"
)

// startFlow emits one message with the time and the step's snapshot whenever the
// platform starts the flow. The step's configuration stays here, for it holds
// the credentials. Nothing in AWS is called and no permission needed.
func startFlow(now func() time.Time) component.Handler {
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		snapshot := req.Snapshot
		if len(snapshot) == 0 || bytes.Equal(bytes.TrimSpace(snapshot), []byte("null")) {
			snapshot = json.RawMessage("{}")
		}
		body, err := json.Marshal(struct {
			Now      string          `json:"now"`
			Snapshot json.RawMessage `json:"snapshot"`
		}{isoMillis(now()), snapshot})
		if err != nil {
			return fmt.Errorf("encode the snapshot: %w", err)
		}
		return out.Data(ctx, component.NewMessage(body))
	})
}
