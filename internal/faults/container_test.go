package faults

import (
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
	h *harness
}

// launch starts a container, with the broker at uri.
func (h *harness) launch(uri component.Secret) *container {
	h.t.Helper()
	env := map[string]string{"LOG_LEVEL": h.logLevel, "ALLOW_INSECURE_ENDPOINT": "true", "ELASTICIO_AMQP_URI": uri.Reveal()}
	for name, value := range h.env {
		env["ELASTICIO_"+name] = value
	}
	c := &container{Process: testkit.Start(h.ctx, h.t, "", env, h.program), h: h}
	h.containers = append(h.containers, c)
	return c
}

// start starts a container that serves the step.
func (h *harness) start(uri component.Secret) *container {
	h.t.Helper()
	c := h.launch(uri)
	c.logs(ready, 1)
	return c
}

// busy starts the step and has it work on as many messages as it takes, all of
// them waiting for AWS, with more left in the queue.
func (h *harness) busy(more int) *container {
	h.t.Helper()
	h.aws.hold(h.t, prefetch)
	c := h.start(h.uri.proxied)
	h.send(prefetch + more)
	h.await("all work to wait for AWS", func() bool { return h.aws.held() == prefetch })
	return c
}

// logs waits until the container has logged msg n times.
func (c *container) logs(msg string, n int) {
	c.h.t.Helper()
	c.h.await(fmt.Sprintf("%d lines %q", n, msg), func() bool { return c.logged(msg) >= n })
}

func (c *container) logged(msg string) int {
	return strings.Count(c.Output(), `"msg":"`+msg)
}

// terminate tells the container to end, and waits until it knows.
func (c *container) terminate() {
	c.h.t.Helper()
	require.NoError(c.h.t, c.Terminate())
	c.h.await("the container to notice its end", func() bool { return c.logged(stopping) > 0 || c.hasEnded() })
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
	c.h.t.Helper()
	c.h.await("the container's end", c.hasEnded)
	assert.Equal(c.h.t, status, c.Status())
	assert.NotContains(c.h.t, c.Output(), "DATA RACE")
}

// stop ends the container well and tells how long that took.
func (c *container) stop() time.Duration {
	c.h.t.Helper()
	began := time.Now()
	require.NoError(c.h.t, c.Terminate())
	c.end(0)
	return time.Since(began)
}
