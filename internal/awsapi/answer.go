package awsapi

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

const plainAnswer = "HTTP/1.1 200 OK\r\n"

// readAnswer is http.ReadResponse, with a shorter way for the answers that
// nearly all are (decision 15).
func readAnswer(reader *bufio.Reader, r *http.Request) (*http.Response, error) {
	there, _ := reader.Peek(reader.Buffered())
	if response, size, ok := glance(there); ok {
		_, _ = reader.Discard(size)
		response.Request = r
		if response.ContentLength > 0 {
			response.Body = &counted{reader, response.ContentLength}
		}
		return response, nil
	}
	return http.ReadResponse(reader, r)
}

// glance reads the head of an answer, of that size, if it is a plain one: its
// status is 200, its length is known, it says nothing of how it is to be read
// otherwise, and it is there as a whole.
func glance(text []byte) (response *http.Response, size int, ok bool) {
	if !bytes.HasPrefix(text, []byte(plainAnswer)) {
		return nil, 0, false
	}
	end := bytes.Index(text, []byte("\r\n\r\n"))
	if end < len(plainAnswer) {
		return nil, 0, false
	}
	header, ok := plainHeader(string(text[len(plainAnswer) : end+len("\r\n")]))
	if !ok {
		return nil, 0, false
	}
	length, ok := plainLength(header["Content-Length"])
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: length, Body: http.NoBody,
	}, end + len("\r\n\r\n"), ok
}

// plainHeader reads lines that all have an end.
func plainHeader(lines string) (http.Header, bool) {
	header := make(http.Header, 8)
	values := make([]string, 0, strings.Count(lines, "\n")) // for all headers
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, colon := strings.Cut(line, ":")
		if !colon || !isPlainName(name) || !isPlainValue(value) {
			return nil, false
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		switch name {
		case "Connection", "Transfer-Encoding", "Trailer", "Pragma":
			return nil, false
		}
		values = append(values, textproto.TrimString(value))
		if at := len(values) - 1; header[name] == nil {
			header[name] = values[at : at+1 : at+1]
		} else {
			header[name] = append(header[name], values[at])
		}
	}
	return header, true
}

// mostDigits of a length are certain not to overflow.
const mostDigits = 18

func plainLength(values []string) (int64, bool) {
	if len(values) != 1 || len(values[0]) > mostDigits {
		return 0, false
	}
	length, err := strconv.ParseUint(values[0], 10, 63)
	return int64(length), err == nil
}

// counted is a body of that many bytes more.
type counted struct {
	reader *bufio.Reader
	left   int64
}

// Read implements io.Reader. It tells the end along with the last bytes.
func (c *counted) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n, err := c.reader.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	switch {
	case c.left == 0:
		return n, io.EOF
	case err == io.EOF: //nolint:errorlint // an io.Reader returns it as it is
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// Close implements io.Closer.
func (*counted) Close() error { return nil }
