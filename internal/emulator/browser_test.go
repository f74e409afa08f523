package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/testkit"
)

// attempt is what a page in a browser on this machine tries, as JavaScript that
// may return what it could read. at(path) is the emulator's URL.
type attempt struct{ name, script string }

const slowFault = `{"kind": "slow", "delayMs": 1, "times": 1}`

var (
	// What a browser sends to another origin without asking first.
	unasked = []attempt{
		{"reset", `fetch(at('/_emulator/reset'), {method: 'POST', mode: 'no-cors'})`},
		{"fault as text", `fetch(at('/_emulator/faults'), {method: 'POST', mode: 'no-cors', body: '` + slowFault + `'})`},
		{"fault as a form", `submit(at('/_emulator/faults'), '{"operation": "', '", "operation": "", ` + slowFault[1:] + `')`},
		{"fault as a beacon", `navigator.sendBeacon(at('/_emulator/faults'), '` + slowFault + `')`},
		{"calls as an image", `load('img', at('/_emulator/calls'))`},
		{"calls as a script", `load('script', at('/_emulator/calls'))`},
		{"calls in a frame", `load('iframe', at('/_emulator/calls'))`},
		{"calls", `read(at('/_emulator/calls'))`},
	}
	// What it asks for first, unless the page comes from the same origin.
	asked = []attempt{
		{"fault as JSON", `read(at('/_emulator/faults'), {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '` + slowFault + `'})`},
		{"secret", `read(at('/'), {method: 'POST', body: '{"SecretId": "a"}', headers: {
			'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'secretsmanager.GetSecretValue',
			'Authorization': 'AWS4-HMAC-SHA256 Credential=K/20250314/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00'}})`},
	}
)

// attackPage makes every attempt twice: from another origin, and by the page's
// own name, as if that led to the emulator by now (DNS rebinding).
func attackPage(emulatorURL string) string {
	var script strings.Builder
	for _, a := range append(unasked, asked...) {
		fmt.Fprintf(&script, "await attempt(%q, (at) => %s);\n", a.name, a.script)
	}
	return `<!DOCTYPE html><title>page</title><body><script>
const load = (tag, src) => new Promise((done) =>
	document.body.append(Object.assign(document.createElement(tag), {onload: done, onerror: done, src})));
const submit = (action, name, value) => {
	const form = Object.assign(document.createElement('form'), {method: 'POST', enctype: 'text/plain', action, target: action});
	form.append(Object.assign(document.createElement('input'), {name, value}));
	document.body.append(Object.assign(document.createElement('iframe'), {name: action}), form);
	form.submit();
};
const read = async (...request) => (await fetch(...request)).text();
const results = {};
const attempt = async (name, run) => {
	for (const [from, origin] of [['across', '` + emulatorURL + `'], ['rebound', '']]) {
		const key = from + ': ' + name;
		try {
			results[key] = String(await run((path) => origin + path + '?attempt=' + encodeURIComponent(key)));
		} catch (error) {
			results[key] = String(error);
		}
	}
};
(async () => {
` + script.String() + `
await fetch('/report', {method: 'POST', body: JSON.stringify(results)});
})();
</script>`
}

// arrival is a request of the page at the emulator.
type arrival struct {
	attempt, method string
	status          int
}

// attack lets a browser open the page and returns the status of each attempt's
// request, 0 where only the question arrived whether it may be sent, and what
// the page could read.
func attack(t *testing.T, browser string, target http.Handler) (statuses map[string]int, read map[string]string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	arrived, reported := make(chan arrival, 100), make(chan map[string]string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/page":
			_, _ = io.WriteString(w, attackPage(fmt.Sprint("http://", r.Context().Value(http.LocalAddrContextKey))))
		case r.URL.Path == "/report":
			var results map[string]string
			assert.NoError(t, json.NewDecoder(r.Body).Decode(&results))
			reported <- results
		case r.URL.Query().Has("attempt"):
			rec := &recorder{ResponseWriter: w}
			target.ServeHTTP(rec, r)
			arrived <- arrival{r.URL.Query().Get("attempt"), r.Method, rec.status}
		}
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	page := browse(context.WithoutCancel(ctx), t, browser, "http://page.example:"+address.Port()+"/page")

	statuses = map[string]int{}
	for len(statuses) < 2*(len(unasked)+len(asked)) || read == nil {
		select {
		case a := <-arrived:
			if a.method == http.MethodOptions {
				a.status = 0
			}
			statuses[a.attempt] = a.status
		case read = <-reported:
		case <-page.Ended():
			require.Fail(t, "the browser ended", page.Output())
		case <-ctx.Done():
			require.Fail(t, "the page came to no end", "so far: %v", statuses)
		}
	}
	return statuses, read
}

// browse opens a page in a browser that knows no other machine, until the test
// ends.
func browse(ctx context.Context, t *testing.T, browser, page string) *testkit.Process {
	home := t.TempDir()
	p := testkit.Start(ctx, t, home, map[string]string{"HOME": home}, browser,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--host-resolver-rules=MAP page.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", page)
	t.Cleanup(func() {
		_ = p.Terminate() // its children, too, unlike when it is killed
		<-p.Ended()
	})
	return p
}

// unseen takes from a request what tells that a page sent it.
func unseen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.Header.Del("Origin")
		r.Header.Del("Sec-Fetch-Site")
		if strings.HasPrefix(r.URL.Path, "/_emulator/") {
			r.Header.Set("Content-Type", "application/json")
		}
		r.Host = "localhost"
		next.ServeHTTP(w, r)
	})
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("no Chromium is installed (Debian: apt-get install chromium)")
	}
	seeded := func() *emulator.Emulator {
		e := emulator.New(emulator.Options{})
		require.NoError(t, e.Seed(strings.NewReader(`{"region": "eu-central-1", "secrets": [{"name": "a", "secretString": "pl4nted"}]}`)))
		return e
	}

	t.Run("refused", func(t *testing.T) {
		e := seeded()
		statuses, read := attack(t, browser, e)
		for attempt, status := range statuses {
			assert.Contains(t, []int{0, http.StatusForbidden}, status, attempt)
			assert.NotContains(t, read[attempt], "pl4nted", attempt)
			assert.NotContains(t, read[attempt], "calls", attempt)
		}
		assert.Empty(t, e.Calls())
	})

	// The same page, and an emulator that cannot see that it is one: without
	// this the test above would pass if the attempts were harmless anyway.
	t.Run("unseen", func(t *testing.T) {
		statuses, read := attack(t, browser, unseen(seeded()))
		for _, a := range unasked {
			for _, from := range []string{"across: ", "rebound: "} {
				assert.Contains(t, []int{http.StatusOK, http.StatusNoContent}, statuses[from+a.name], from+a.name)
			}
		}
		for _, a := range asked {
			assert.Zero(t, statuses["across: "+a.name], a.name)
			assert.Contains(t, []int{http.StatusOK, http.StatusNoContent}, statuses["rebound: "+a.name], a.name)
		}
		assert.NotContains(t, read["across: calls"], "{", "another origin cannot be read")
		assert.Contains(t, read["rebound: calls"], `{"calls":`)
		assert.Contains(t, read["rebound: secret"], "pl4nted")
	})
}
