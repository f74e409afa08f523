package emulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is an element of a list with its place in the order. Pages continue
// behind a place, not after a count, so that what is created or deleted
// between two pages neither repeats nor hides anything else.
type row[T any] struct {
	key  string // what it is sorted by
	seq  int64  // decides between equal keys; unique
	item T
}

// cursor is the content of a NextToken: the last row that was returned, and a
// digest of the query that it belongs to.
type cursor struct {
	Query []byte
	Key   string
	Seq   int64
}

func compareRows(aKey string, aSeq int64, bKey string, bSeq int64, descending bool) int {
	c := strings.Compare(aKey, bKey)
	if c == 0 {
		c = int(aSeq - bSeq)
	}
	if descending {
		return -c
	}
	return c
}

func sortRows[T any](rows []row[T], descending bool) {
	slices.SortFunc(rows, func(a, b row[T]) int { return compareRows(a.key, a.seq, b.key, b.seq, descending) })
}

// behind returns the sorted rows behind the cursor; nil means from the start.
func behind[T any](rows []row[T], at *cursor, descending bool) []row[T] {
	if at == nil {
		return rows
	}
	i := slices.IndexFunc(rows, func(r row[T]) bool {
		return compareRows(r.key, r.seq, at.Key, at.Seq, descending) > 0
	})
	if i < 0 {
		return nil
	}
	return rows[i:]
}

// cut takes a page off the rows, and the token for the next one.
func cut[T any](s *service, query []byte, rows []row[T], most int) ([]row[T], string, error) {
	if len(rows) <= most {
		return rows, "", nil
	}
	last := rows[most-1]
	token, err := s.pageToken(cursor{query, last.key, last.seq})
	return rows[:most], token, err
}

// queryOf digests what a page token is bound to.
func queryOf(parts ...any) ([]byte, error) {
	b, err := json.Marshal(parts)
	if err != nil {
		return nil, fmt.Errorf("digest a query: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:12], nil
}

// pageToken seals a cursor.
func (s *service) pageToken(c cursor) (string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode a page token: %w", err)
	}
	mac, err := s.sign(b)
	return base64.RawURLEncoding.EncodeToString(append(mac, b...)), err
}

// openToken returns the cursor in a token, nil for no token, or
// InvalidNextTokenException when it was changed or belongs to another query.
func (s *service) openToken(token *string, query []byte) (*cursor, error) {
	if token == nil {
		return nil, nil
	}
	invalid := fail("InvalidNextTokenException", "The NextToken value is invalid.")
	sealed, err := base64.RawURLEncoding.DecodeString(*token)
	if err != nil || len(sealed) < sha256.Size {
		return nil, invalid
	}
	mac, b := sealed[:sha256.Size], sealed[sha256.Size:]
	want, err := s.sign(b)
	if err != nil {
		return nil, err
	}
	var c cursor
	if !hmac.Equal(mac, want) || json.Unmarshal(b, &c) != nil || !bytes.Equal(c.Query, query) {
		return nil, invalid
	}
	return &c, nil
}

// timeKey sorts like the time.
func timeKey(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf("%020d", t.UnixNano())
}
