//go:build !unix

package awsapi

import (
	"os"
	"syscall"
)

// readNow knows nothing here: what the server did shows when the connection is
// used.
func readNow(syscall.RawConn, []byte) (int, error) { return 0, os.ErrDeadlineExceeded }
