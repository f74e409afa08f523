package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listing is what an operation returns page by page.
type listing[T any] struct {
	key        []byte // authenticates its page tokens
	query      string // what they are bound to
	rows       []row[T]
	descending bool
}

// row is an element of a listing with its position. Pages continue
// after a position, not after a count, so that what is created or deleted
// between two pages neither repeats nor hides anything else.
type row[T any] struct {
	position
	item T
}

// position is where a row comes in the order.
type position struct {
	key string // what it is sorted by
	seq int64  // decides between equal keys; unique
}

func (p position) compare(o position) int {
	if c := strings.Compare(p.key, o.key); c != 0 {
		return c
	}
	return int(p.seq - o.seq)
}

// page returns the rows after the token, at most so many, and the token of the
// next page, "" for the last one.
func (l listing[T]) page(token *string, most int) ([]row[T], string, error) {
	rows, err := l.after(token)
	if err != nil || len(rows) <= most {
		return rows, "", err
	}
	return rows[:most], l.token(rows[most-1]), nil
}

// after returns the rows after the token in order: all of them when it is nil.
func (l listing[T]) after(token *string) ([]row[T], error) {
	direction := 1
	if l.descending {
		direction = -1
	}
	if token != nil {
		last, err := l.open(*token)
		if err != nil {
			return nil, err
		}
		l.rows = slices.DeleteFunc(l.rows, func(r row[T]) bool { return direction*r.compare(last) <= 0 })
	}
	slices.SortFunc(l.rows, func(a, b row[T]) int { return direction * a.compare(b.position) })
	return l.rows, nil
}

// token seals the position of the last row of a page, bound to the query.
func (l listing[T]) token(last row[T]) string {
	b := fmt.Appendf(nil, "%d %s", last.seq, last.key)
	return base64.RawURLEncoding.EncodeToString(append(l.seal(b), b...))
}

// open returns the position in a token, or InvalidNextTokenException when the
// token was changed or belongs to another query.
func (l listing[T]) open(token string) (position, error) {
	invalid := fail("InvalidNextTokenException", "The NextToken value is invalid.")
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < sha256.Size || !hmac.Equal(b[:sha256.Size], l.seal(b[sha256.Size:])) {
		return position{}, invalid
	}
	seq, key, _ := strings.Cut(string(b[sha256.Size:]), " ")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return position{}, invalid
	}
	return position{key, n}, nil
}

func (l listing[T]) seal(b []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	_, _ = fmt.Fprintf(mac, "%q %s", l.query, b) // a hash takes everything
	return mac.Sum(nil)
}

// timeKey sorts like the time.
func timeKey(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf("%020d", t.UnixNano())
}
