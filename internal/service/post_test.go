package service_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const verified = `{"status":"success","data":{"verified":true}}`

func TestPost(t *testing.T) {
	for _, test := range []struct {
		name, user string
		want       string // user and password on the way, none without
	}{
		{"without user", "", ""},
		{"user and password", "user:" + planted + "@", "user:" + planted},
		{"percent-encoded", "us%40er:p%2Fl%3A4%25%C3%A9@", "us@er:p/l:4%é"},
		{"user alone", "user@", "user:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			platform := receive(t, respond(http.StatusOK))
			r := newHarness(strings.Replace(platform.URL, "://", "://"+test.user, 1) + "/result/1?token=" + planted)
			require.NoError(t, r.run(t.Context(), "verifyCredentials"))

			require.JSONEq(t, verified, platform.only(t))
			got := platform.received()[0]
			assert.Equal(t, http.MethodPost, got.Method)
			assert.Equal(t, "/result/1?token="+planted, got.RequestURI)
			assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
			user, password, sent := got.BasicAuth()
			assert.Equal(t, test.want != "", sent)
			if sent {
				assert.Equal(t, test.want, user+":"+password)
			}
			assert.NotContains(t, r.log.String(), planted)
		})
	}
}

func TestNowhereToPost(t *testing.T) {
	for name, url := range map[string]string{
		"none":         "",
		"no scheme":    "host/" + planted,
		"other scheme": "ftp://user:" + planted + "@host",
		"no host":      "http:///" + planted,
		"garbage":      "http://u:" + planted + "@ho st:x/%zz",
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(url)
			err := r.run(t.Context(), "verifyCredentials")
			require.ErrorContains(t, err, "ELASTICIO_POST_RESULT_URL ")
			assert.NotContains(t, err.Error(), planted)
			assert.Empty(t, r.log.String())
		})
	}
}

func TestRetries(t *testing.T) {
	fine, broken := respond(http.StatusOK), respond(http.StatusBadGateway)
	for _, test := range []struct {
		name, attempts string
		turns          []http.HandlerFunc
		requests       int
		want           string // in the error, none for success
	}{
		{"at once", "3", []http.HandlerFunc{fine}, 1, ""},
		{"after 5xx", "3", []http.HandlerFunc{broken, broken, fine}, 3, ""},
		{"after hang-ups", "3", []http.HandlerFunc{hangUp, hangUp, fine}, 3, ""},
		{"5xx too often", "2", []http.HandlerFunc{broken}, 2, "the platform answered 502 Bad Gateway"},
		{"hang-ups too often", "2", []http.HandlerFunc{hangUp}, 2, "EOF"},
		{"not HTTP", "2", []http.HandlerFunc{tell(planted + "\r\n\r\n")}, 2, "the response is not HTTP as it should be"},
		{"a header that is none", "2", []http.HandlerFunc{tell("HTTP/1.1 200 OK\r\n" + planted + "\r\n\r\n")}, 2, "the response is not HTTP as it should be"},
		{"three attempts by default", "", []http.HandlerFunc{broken}, 3, "502"},
		{"one attempt", "1", []http.HandlerFunc{broken}, 1, "502"},
		{"negative means one", "-5", []http.HandlerFunc{broken}, 1, "502"},
		{"4xx is final", "3", []http.HandlerFunc{respond(http.StatusNotFound), fine}, 1, "the platform answered 404 Not Found"},
		{"429 as well", "3", []http.HandlerFunc{respond(http.StatusTooManyRequests), fine}, 1, "429"},
		{"only 200 is success", "3", []http.HandlerFunc{respond(http.StatusCreated), fine}, 1, "the platform answered 201 Created"},
		{"204 is none", "3", []http.HandlerFunc{respond(http.StatusNoContent), fine}, 1, "204"},
	} {
		t.Run(test.name, func(t *testing.T) {
			platform := receive(t, test.turns...)
			r := newHarness(platform.URL+"/"+planted).with("API_REQUEST_RETRY_ATTEMPTS", test.attempts)
			err := r.run(t.Context(), "verifyCredentials")

			require.Len(t, platform.received(), test.requests)
			for _, post := range platform.received() {
				assert.JSONEq(t, verified, post.body, "a good result stays one")
			}
			assert.NotContains(t, r.log.String(), planted)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "post the result: ")
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), planted)
			assert.NotContains(t, err.Error(), "http://", "the URL may hold a password")
		})
	}
}

func TestRedirects(t *testing.T) {
	to := func(status int, target string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) }
	}
	other := receive(t, respond(http.StatusOK))
	for _, test := range []struct {
		name     string
		redirect http.HandlerFunc
		requests int
		want     string
	}{
		{"that keeps the request, on the same server", to(http.StatusTemporaryRedirect, "/elsewhere"), 2, ""},
		{"that drops the result", to(http.StatusFound, "/elsewhere"), 1, "the platform answered 302 Found"},
		{"to another server", to(http.StatusPermanentRedirect, other.URL), 1, "the platform answered 308"},
	} {
		t.Run(test.name, func(t *testing.T) {
			platform := receive(t, test.redirect, respond(http.StatusOK))
			err := newHarness(strings.Replace(platform.URL, "://", "://u:p@", 1)).run(t.Context(), "verifyCredentials")
			require.Len(t, platform.received(), test.requests)
			last := platform.received()[test.requests-1]
			assert.JSONEq(t, verified, last.body)
			_, _, authorized := last.BasicAuth()
			assert.True(t, authorized)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
		})
	}
	assert.Empty(t, other.received())
}

func TestStopWhilePosting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	for name, turn := range map[string]http.HandlerFunc{
		"while the platform thinks": func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		},
		"between two attempts": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			cancel()
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel = context.WithCancel(t.Context())
			platform := receive(t, turn)
			r := newHarness(platform.URL).with("API_REQUEST_RETRY_DELAY", "3600000")
			require.ErrorIs(t, r.run(ctx, "verifyCredentials"), context.Canceled)
			assert.Len(t, platform.received(), 1)
		})
	}
}
