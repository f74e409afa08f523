// Package httpfault makes the errors of net/http safe to tell.
package httpfault

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
)

// ErrNotHTTP stands for the errors that repeat parts of a response.
var ErrNotHTTP = errors.New("the response is not HTTP as it should be")

// Cause returns err without the URL that http.Client tells with it, and ErrNotHTTP
// in place of one that quotes what the server sent: where that is not HTTP, it
// may be a part of a secret. Errors of the network and of TLS quote only names.
func Cause(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if err == nil || !strings.Contains(err.Error(), `"`) {
		return err
	}
	if _, network := errors.AsType[net.Error](err); network {
		return err
	}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return err
	}
	return ErrNotHTTP
}
