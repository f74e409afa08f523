package httpretry

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
)

const maxPreallocated = 16 << 20 // bytes

// Budget is how many bytes the bodies of one or several responses may have in
// sum. It is safe for concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Take takes n bytes from the budget. It fails with a *TooLargeError when there
// are fewer left.
func (b *Budget) Take(n int64) error {
	if n > b.limit { // not to be added, for the sum might overflow
		return &TooLargeError{Size: n, Limit: b.limit}
	}
	if used := b.used.Add(n); used > b.limit {
		b.used.Add(-n)
		return &TooLargeError{Size: used, Limit: b.limit}
	}
	return nil
}

// TooLargeError tells that responses exceed their budget.
type TooLargeError struct {
	Size  int64 // bytes in sum, as far as they are known
	Limit int64 // bytes
}

// Error tells both sizes.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the response is too large: at least %d bytes, and %d can be read", e.Size, e.Limit)
}

// readAll is io.ReadAll for content of so many bytes, -1 if that is not known.
// They are taken from the budget before there is memory for them, much of which
// is only made as they come, and given back when reading fails.
func (b *Budget) readAll(content io.Reader, size int64) ([]byte, error) {
	var body bytes.Buffer
	taken := max(0, size)
	if err := b.Take(taken); err != nil {
		return nil, err
	}
	if size < 0 {
		content = countingReader{content, func(n int64) error {
			err := b.Take(n)
			if err == nil {
				taken += n
			}
			return err
		}}
	} else {
		body.Grow(int(min(size, maxPreallocated)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(content)
	if err != nil {
		b.used.Add(-taken)
	}
	return body.Bytes(), err
}

// countingReader tells count of all bytes that are read, and fails with it.
type countingReader struct {
	io.Reader
	count func(n int64) error
}

// Read implements io.Reader.
func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if countErr := r.count(int64(n)); countErr != nil {
		err = countErr
	}
	return n, err
}
