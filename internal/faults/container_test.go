package faults

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/testkit"
)

// Beginnings of lines of the log that tell how far a container is.
const (
	ready         = "ready, waiting for messages"
	stopping      = "stopping, finishing what is in work"
	lost          = "consumer lost, connecting again"
	cannotConsume = "cannot consume yet"
	cannotPublish = "publish failed, trying again"
	cannotBeSent  = "message cannot be sent"
	joined        = "message is in work already"
	done          = "message done"
	failed        = "function emitted an error"
	failedStart   = "the step ends with a failure"
	platformFails = "request to the platform failed and is tried again"
)

// container is the program that serves the step.
type container struct {
	*testkit.Process
	r *rig
}

// launch starts a container, with the broker at uri.
func (r *rig) launch(uri component.Secret) *container {
	r.t.Helper()
	env := map[string]string{"LOG_LEVEL": r.logLevel, "ELASTICIO_AMQP_URI": uri.Reveal()}
	for name, value := range r.env {
		env["ELASTICIO_"+name] = value
	}
	c := &container{Process: testkit.Start(r.ctx, r.t, "", env, r.program), r: r}
	r.containers = append(r.containers, c)
	return c
}

// start starts a container that serves the step.
func (r *rig) start(uri component.Secret) *container {
	r.t.Helper()
	c := r.launch(uri)
	c.logs(ready, 1)
	return c
}

// busy starts the step and has it work on as many messages as it takes, all of
// them waiting for AWS, with more left in the queue.
func (r *rig) busy(more int) *container {
	r.t.Helper()
	r.aws.hold(r.t, prefetch)
	c := r.start(r.uri.proxied)
	r.send(prefetch + more)
	r.await("all work to wait for AWS", func() bool { return r.aws.held() == prefetch })
	return c
}

// logs waits until the container has logged msg n times.
func (c *container) logs(msg string, n int) {
	c.r.t.Helper()
	c.r.await(fmt.Sprintf("%d lines %q", n, msg), func() bool { return c.logged(msg) >= n })
}

func (c *container) logged(msg string) int {
	return strings.Count(c.Output(), `"msg":"`+msg)
}

// terminate tells the container to end, and waits until it knows.
func (c *container) terminate() {
	c.r.t.Helper()
	require.NoError(c.r.t, c.Terminate())
	c.r.await("the container to notice its end", func() bool { return c.logged(stopping) > 0 || c.hasEnded() })
}

func (c *container) hasEnded() bool {
	select {
	case <-c.Ended():
		return true
	default:
		return false
	}
}

// end waits for the container's end, with this status.
func (c *container) end(status int) {
	c.r.t.Helper()
	c.r.await("the container's end", c.hasEnded)
	assert.Equal(c.r.t, status, c.Status())
	assert.NotContains(c.r.t, c.Output(), "DATA RACE")
}

// stop ends the container well and tells how long that took.
func (c *container) stop() time.Duration {
	c.r.t.Helper()
	began := time.Now()
	require.NoError(c.r.t, c.Terminate())
	c.end(0)
	return time.Since(began)
}

// lastWords are the messages of the last lines of the log.
func (c *container) lastWords() string {
	lines := strings.Split(strings.TrimSpace(c.Output()), "\n")
	var words []string
	for _, line := range lines[max(0, len(lines)-40):] {
		var entry struct {
			Time, Msg, MessageID string
			Err, Error           json.RawMessage
		}
		if json.Unmarshal([]byte(line), &entry) == nil {
			line = fmt.Sprintf("%s %s %.8s %s%s", entry.Time, entry.Msg, entry.MessageID, entry.Err, entry.Error)
		}
		words = append(words, line)
	}
	return strings.Join(words, "\n")
}
