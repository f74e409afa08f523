package emulator

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/loopback"
)

// refuse keeps web pages out, which any browser on this machine may have open.
// A browser marks what a page sends with Origin or Sec-Fetch-Site. A page whose
// own name was pointed at this machine (DNS rebinding) still has that name as
// Host.
func (e *Emulator) refuse(r *http.Request) error {
	if _, ok := r.Header["Origin"]; ok {
		return forbidden("Web pages cannot call the emulator: the request has an Origin.")
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "none" && site != "same-origin" {
			return forbidden("Web pages cannot call the emulator: the request's Sec-Fetch-Site is neither none nor same-origin.")
		}
	}
	if host := (&url.URL{Host: r.Host}).Hostname(); arrivedAtLoopback(r) && !e.knowsHost(host) {
		return forbidden("The Host %q is neither localhost nor a loopback address, nor another name that the emulator was given.", host)
	}
	return nil
}

func forbidden(format string, args ...any) *apiError {
	err := fail("AccessDeniedException", format, args...)
	err.status = http.StatusForbidden
	return err
}

func (e *Emulator) knowsHost(host string) bool {
	return loopback.Is(host) || slices.ContainsFunc(e.hosts, func(known string) bool { return strings.EqualFold(host, known) })
}

// arrivedAtLoopback reports whether the connection was made to an address of
// this machine alone. Elsewhere, as in a container's network, the emulator
// cannot know by which names it is called.
func arrivedAtLoopback(r *http.Request) bool {
	address, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}
