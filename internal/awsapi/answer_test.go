package awsapi

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const plainHead = "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 1-2\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 5\r\n" +
	"Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n\r\n"

func TestGlance(t *testing.T) {
	tests := []struct {
		name, text string
		plain      bool
	}{
		{"plain", plainHead + "first", true},
		{"plain, more to come", plainHead, true},
		{"no body", ok(""), true},
		{"a header twice", "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\na:c\r\n\r\n", true},
		{"empty value, white space", "HTTP/1.1 200 OK\r\nA:\r\nB:  c d  \r\nContent-Length: 5\r\n\r\n", true},
		{"not there as a whole", plainHead[:len(plainHead)-1], false},
		{"no headers", "HTTP/1.1 200 OK\r\n\r\n", false},
		{"other status", strings.Replace(plainHead, "200 OK", "400 Bad Request", 1), false},
		{"other version", strings.Replace(plainHead, "1.1", "1.0", 1), false},
		{"no length", strings.Replace(plainHead, "Content-Length", "Content-Size", 1), false},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", false},
		{"not a length", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", false},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", false},
		{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", false},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", false},
		{"close", "HTTP/1.1 200 OK\r\nconnection: close\r\nContent-Length: 5\r\n\r\n", false},
		{"trailer", "HTTP/1.1 200 OK\r\nTrailer: A\r\nContent-Length: 5\r\n\r\n", false},
		{"folded line", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 5\r\n\r\n", false},
		{"line without a colon", "HTTP/1.1 200 OK\r\nA\r\nContent-Length: 5\r\n\r\n", false},
		{"white space before the colon", "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 5\r\n\r\n", false},
		{"line feed alone", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 5\r\n\r\n", false},
		{"zero byte", "HTTP/1.1 200 OK\r\nA: \x00\r\nContent-Length: 5\r\n\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, plain := glance([]byte(tt.text))
			assert.Equal(t, tt.plain, plain)
			requireAsReadResponse(t, tt.text)
		})
	}
}

// requireAsReadResponse compares a glance, where there is one, with net/http.
func requireAsReadResponse(t *testing.T, text string) {
	t.Helper()
	if _, _, plain := glance([]byte(text)); !plain {
		return
	}
	ourReader, theirReader := bufio.NewReader(strings.NewReader(text)), bufio.NewReader(strings.NewReader(text))
	_, err := ourReader.Peek(1)
	require.NoError(t, err)
	request := &http.Request{Method: http.MethodPost}
	ours, err := readAnswer(ourReader, request)
	require.NoError(t, err)
	theirs, err := http.ReadResponse(theirReader, request)
	require.NoError(t, err)

	ourBody, ourErr := io.ReadAll(ours.Body)
	theirBody, theirErr := io.ReadAll(theirs.Body)
	assert.Equal(t, string(theirBody), string(ourBody))
	assert.Equal(t, theirErr, ourErr)
	require.NoError(t, ours.Body.Close())
	require.NoError(t, theirs.Body.Close())
	ours.Body, theirs.Body = nil, nil
	assert.Equal(t, theirs, ours)
	ourRest, _ := io.ReadAll(ourReader)
	theirRest, _ := io.ReadAll(theirReader)
	assert.Equal(t, string(theirRest), string(ourRest))
}

func FuzzGlance(f *testing.F) {
	f.Add(plainHead + "first")
	f.Add(ok("first") + "more")
	f.Add("HTTP/1.1 200 OK\r\nA: b\r\nB:\r\nContent-Length: 0\r\na:\tc \r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) { requireAsReadResponse(t, text) })
}
