package awsapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/textproto"
	"strconv"
)

// writeRequest is http.Request.Write, with a shorter way for requests like those
// of a caller, which sorts nothing and looks for nothing that such have not.
func writeRequest(to *bytes.Buffer, r *http.Request) error {
	uri := r.URL.RequestURI()
	if !isPlainRequest(r, uri) {
		return r.Write(to)
	}
	line(to, r.Method, " ", uri, " HTTP/1.1")
	line(to, "Host: ", r.Host)
	line(to, "Content-Length: ", strconv.FormatInt(r.ContentLength, 10))
	for name, values := range r.Header {
		for _, value := range values {
			line(to, name, ": ", value)
		}
	}
	line(to)
	head := to.Len()
	if _, err := to.ReadFrom(r.Body); err != nil {
		return err
	}
	if sent := to.Len() - head; int64(sent) != r.ContentLength {
		return fmt.Errorf("the body has %d bytes instead of %d", sent, r.ContentLength)
	}
	return nil
}

func line(to *bytes.Buffer, parts ...string) {
	for _, part := range parts {
		to.WriteString(part)
	}
	to.WriteString("\r\n")
}

// isPlainRequest reports whether r is a POST with a body of known length, and
// its header goes onto the wire as it is.
func isPlainRequest(r *http.Request, uri string) bool {
	if r.Method != http.MethodPost || r.Body == nil || r.ContentLength <= 0 || r.Close || r.TransferEncoding != nil || r.Trailer != nil {
		return false
	}
	if !isPlainHost(r.Host) || !isPlainValue(uri) || len(r.Header["User-Agent"]) != 1 {
		return false
	}
	for name, values := range r.Header {
		switch name {
		case "Host", "Content-Length", "Transfer-Encoding", "Trailer":
			return false
		}
		if !isPlainName(name) {
			return false
		}
		for _, value := range values {
			if !isPlainValue(value) || textproto.TrimString(value) != value {
				return false
			}
		}
	}
	return true
}

// isPlainHost reports whether it is a name in ASCII or an address, as it stands
// in a header.
func isPlainHost(host string) bool {
	for i := range len(host) {
		switch host[i] {
		case '.', ':', '[', ']':
		default:
			if !isPlainName(host[i : i+1]) {
				return false
			}
		}
	}
	return host != ""
}

func isPlainName(name string) bool {
	for i := range len(name) {
		if b := name[i]; !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-') {
			return false
		}
	}
	return name != ""
}

func isPlainValue(value string) bool {
	for i := range len(value) {
		if b := value[i]; b < ' ' || b > '~' {
			return false
		}
	}
	return true
}
