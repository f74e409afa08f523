// Package loopback tells which hosts are this machine and nothing else.
package loopback

import (
	"net/netip"
	"strings"
)

// Is reports whether host, without a port, is localhost or a loopback address.
func Is(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}
