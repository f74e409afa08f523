package awsapi

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkTransport is a request and its answer over loopback, with a server
// that does next to nothing.
func BenchmarkTransport(b *testing.B) {
	answer := []byte("HTTP/1.1 200 OK\r\nx-amzn-RequestId: a1b2c3d4-5678-90ab-cdef-EXAMPLE11111\r\n" +
		"Content-Type: application/x-amz-json-1.1\r\nContent-Length: 1024\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n\r\n" + strings.Repeat("x", 1024))
	address := listen(b, func(_ int, c net.Conn) {
		buffer := make([]byte, 64<<10)
		for n := 0; ; {
			got, err := c.Read(buffer[n:])
			if err != nil {
				return
			}
			if n += got; buffer[n-1] == '}' {
				n = 0
				if _, err := c.Write(answer); err != nil {
					return
				}
			}
		}
	})
	theirs := &http.Transport{}
	defer theirs.CloseIdleConnections()
	const body = `{"SecretId":"my/secret"}`
	for _, transport := range []struct {
		name string
		http.RoundTripper
	}{{"ours", testTransport(b)}, {"net_http", theirs}} {
		b.Run(transport.name, func(b *testing.B) {
			request := request(b.Context(), b, "http://"+address, body)
			for _, name := range []string{"Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Authorization", "Content-Type", "User-Agent", "X-Amz-Date", "X-Amz-Target"} {
				request.Header.Set(name, "as long as this")
			}
			b.ReportAllocs()
			for b.Loop() {
				request.Body = io.NopCloser(bytes.NewReader([]byte(body)))
				response, err := transport.RoundTrip(request)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, response.Body); err != nil {
					b.Fatal(err)
				}
				_ = response.Body.Close()
			}
		})
	}
}
