package faults

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/testkit"
)

// cloud is AWS, with calls that can be held.
type cloud struct {
	*emulator.Emulator
	floods  atomic.Bool         // its responses never end
	refused atomic.Int64        // calls that it has answered with an error of the caller
	link    *testkit.FaultProxy // in front of it
	config  map[string]any      // of the step
	client  awsapi.API
	secrets []string

	mu       sync.Mutex
	waiting  int           // calls that are held
	released chan struct{} // closed when they go on
}

func newCloud(ctx context.Context, t *testing.T) *cloud {
	t.Helper()
	c := &cloud{released: make(chan struct{})}
	keyID, keySecret := "AKIA"+rand.Text()[:16], component.NewSecret(rand.Text())
	c.Emulator = emulator.New(emulator.Options{
		Credentials: map[string]emulator.Credential{keyID: {SecretKey: keySecret}},
		Sleep:       c.wait,
		MaxVersions: 100_000,
	})
	var endpoint string
	c.link, endpoint = testkit.ProxyURI(t, listen(ctx, t, c))
	c.config = map[string]any{
		"accessKeyId": keyID, "accessKeySecret": keySecret.Reveal(), "region": "eu-central-1", "endpoint": endpoint,
	}
	var err error
	c.client, err = awsapi.New(awsapi.Config{
		AccessKeyID: component.NewSecret(keyID), AccessKeySecret: keySecret, Region: "eu-central-1", Endpoint: endpoint,
	}, awsapi.Options{AllowInsecureEndpoint: true})
	require.NoError(t, err)
	return c
}

// ServeHTTP implements http.Handler.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.floods.Load() {
		c.Emulator.ServeHTTP(&countRefused{w, &c.refused}, r)
		return
	}
	w.Header().Set("X-Amzn-Requestid", "request")
	for {
		if _, err := w.Write(make([]byte, 64<<10)); err != nil {
			return
		}
	}
}

type countRefused struct {
	http.ResponseWriter

	count *atomic.Int64
}

func (w *countRefused) WriteHeader(status int) {
	if status == http.StatusBadRequest {
		w.count.Add(1)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *countRefused) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// newSecret makes a secret that has no value yet, and returns its name.
func (c *cloud) newSecret(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("secret-%d", len(c.secrets))
	seed, err := json.Marshal(map[string]any{"region": "eu-central-1", "secrets": []any{map[string]any{"name": name}}})
	require.NoError(t, err)
	require.NoError(t, c.Seed(strings.NewReader(string(seed))))
	c.secrets = append(c.secrets, name)
	return name
}

// hold makes the next n writes wait until release.
func (c *cloud) hold(t *testing.T, n int) {
	t.Helper()
	require.NoError(t, c.Inject(emulator.Fault{Kind: emulator.Slow, Operation: function, Times: n, Delay: time.Minute}))
}

// wait is the emulator's Sleep.
func (c *cloud) wait(ctx context.Context, _ time.Duration) error {
	c.mu.Lock()
	c.waiting++
	c.mu.Unlock()
	select {
	case <-c.released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *cloud) held() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting
}

// release lets all calls go on, for good.
func (c *cloud) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.released:
	default:
		close(c.released)
	}
}

// calls counts those of the step.
func (c *cloud) calls() int { return c.Calls()[function] }

// versions counts the secrets that were written once, and those that were
// written more often, whatever the number of calls.
func (c *cloud) versions(ctx context.Context, t *testing.T) (once, oftener int) {
	t.Helper()
	for _, name := range c.secrets {
		switch c.versionsOf(ctx, t, name) {
		case 0:
		case 1:
			once++
		default:
			oftener++
		}
	}
	return once, oftener
}

func (c *cloud) versionsOf(ctx context.Context, t *testing.T, name string) int {
	t.Helper()
	all := true
	versions, err := c.client.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: &name, IncludeDeprecated: &all})
	require.NoError(t, err)
	return len(versions.Versions)
}
