package httpretry

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
)

// Budget is how many bytes the bodies of one or several responses may have in
// sum. It is safe for concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

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
// They are taken from the budget before there is memory for them, and given
// back when reading fails.
func (b *Budget) readAll(content io.Reader, size int64) (_ []byte, err error) {
	t := taking{Reader: content, budget: b}
	defer func() {
		if err != nil {
			b.used.Add(-t.taken)
		}
	}()
	var body bytes.Buffer
	if size < 0 {
		_, err = body.ReadFrom(&t)
		return body.Bytes(), err
	}
	if err = t.take(size); err != nil {
		return nil, err
	}
	body.Grow(int(size) + bytes.MinRead)
	_, err = body.ReadFrom(content)
	return body.Bytes(), err
}

// taking takes from the budget what is read.
type taking struct {
	io.Reader
	budget *Budget
	taken  int64
}

// Read implements io.Reader.
func (t *taking) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if tooLarge := t.take(int64(n)); tooLarge != nil {
		err = tooLarge
	}
	return n, err
}

func (t *taking) take(n int64) error {
	limit := t.budget.limit
	if n > limit { // not to be added, for the sum might overflow
		return &TooLargeError{Size: n, Limit: limit}
	}
	t.taken += n
	if used := t.budget.used.Add(n); used > limit {
		return &TooLargeError{Size: used, Limit: limit}
	}
	return nil
}
