//go:build unix

package awsapi

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// reading is one call to read, kept with the socket because it is made for each
// request.
type reading struct {
	once func(fd uintptr) bool // read
	into []byte
	n    int
	err  error
}

func (r *reading) read(fd uintptr) bool {
	r.n, r.err = syscall.Read(int(fd), r.into)
	return true // done, whatever came of it
}

func (r *reading) do(raw syscall.RawConn, into []byte) (int, error) {
	r.into = into
	failed := raw.Read(r.once)
	switch {
	case failed != nil:
		return 0, failed
	case errors.Is(r.err, syscall.EAGAIN):
		return 0, os.ErrDeadlineExceeded
	case r.err != nil:
		return 0, r.err
	case r.n == 0:
		return 0, io.EOF
	}
	return r.n, nil
}
