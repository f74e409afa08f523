package workbench

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"aws-secrets-manager-connector/internal/loopback"
)

func newToken() string { return rand.Text() }

// mostBody bounds what is read of a request, in bytes.
const mostBody = 16 << 20

// guard lets in what a page of this workbench sends, and nothing else: another
// page in the same browser can reach this address, too, and a name on the
// Internet may lead to it. The page itself may be had by anybody on this
// machine; what it holds is no secret.
func (w *Workbench) guard(next http.Handler) http.Handler {
	policy := w.page.policy()
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		header := rw.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if req.Header.Get("Sec-Fetch-Site") != "none" {
			// What a person opens has no opener, and for this header browsers start
			// another process, which takes them longer than the page does.
			header.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		if status, text := w.refusal(req); status != 0 {
			http.Error(rw, text, status)
			return
		}
		req.Body = http.MaxBytesReader(rw, req.Body, mostBody)
		next.ServeHTTP(rw, req)
	})
}

func (w *Workbench) refusal(req *http.Request) (status int, text string) {
	site, origin := req.Header.Get("Sec-Fetch-Site"), req.Header.Get("Origin")
	switch {
	case !loopback.Is((&url.URL{Host: req.Host}).Hostname()):
		return http.StatusForbidden, "the workbench answers at a loopback address only"
	case origin != "" && origin != "http://"+req.Host, site != "" && site != "none" && site != "same-origin":
		return http.StatusForbidden, "the workbench answers its own page only"
	case !strings.HasPrefix(req.URL.Path, "/api/"):
		return 0, ""
	case req.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "POST"
	case req.Header.Get("Content-Type") != "application/json":
		return http.StatusUnsupportedMediaType, "application/json"
	case subtle.ConstantTimeCompare([]byte(req.Header.Get("Authorization")), []byte("Bearer "+w.token)) != 1:
		return http.StatusUnauthorized, "the token is missing or wrong: open the address that the command printed"
	}
	return 0, ""
}
