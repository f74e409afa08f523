package httpretry

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(b *Budget, content string, known bool) ([]byte, error) {
	size := int64(-1)
	if known {
		size = int64(len(content))
	}
	return b.readAll(strings.NewReader(content), size)
}

func TestBudgetIsOfTheSum(t *testing.T) {
	for name, known := range map[string]bool{"sizes are known": true, "sizes are not known": false} {
		t.Run(name, func(t *testing.T) {
			b := NewBudget(100)
			for range 2 {
				body, err := read(b, strings.Repeat("x", 50), known)
				require.NoError(t, err)
				assert.Len(t, body, 50)
			}
			_, err := read(b, "", known)
			require.NoError(t, err)
			_, err = read(b, "x", known)
			require.EqualError(t, err, "the response is too large: at least 101 bytes, and 100 can be read")
		})
	}
}

func TestFailedReadIsGivenBack(t *testing.T) {
	b := NewBudget(100)
	broken := func() io.Reader {
		return io.MultiReader(strings.NewReader(strings.Repeat("x", 90)), iotest.ErrReader(errors.New("broken")))
	}
	for _, size := range []int64{-1, 95} {
		_, err := b.readAll(broken(), size)
		require.EqualError(t, err, "broken")
	}
	_, err := read(b, strings.Repeat("x", 101), true)
	require.Error(t, err)
	_, err = read(b, strings.Repeat("x", 100), true)
	require.NoError(t, err)
}

// What is announced as too large is not even given the memory.
func TestNoAnnouncedSizeIsBelieved(t *testing.T) {
	b := NewBudget(100)
	for range 4 {
		_, err := b.readAll(strings.NewReader("short"), math.MaxInt64)
		require.Equal(t, &TooLargeError{Size: math.MaxInt64, Limit: 100}, err)
	}
	_, err := read(b, "short", true)
	require.NoError(t, err, "their sum has not overflowed")
}

func TestBudgetIsShared(t *testing.T) {
	b := NewBudget(1000)
	var all sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for i := range 50 {
		all.Go(func() {
			if body, err := read(b, strings.Repeat("x", 100), i%2 == 0); err == nil {
				mu.Lock()
				sum += len(body)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	assert.LessOrEqual(t, sum, 1000)
}

func TestTooLargeResponses(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(make([]byte, 1<<20))
	_ = w.Close()
	require.Less(t, packed.Len(), 10_000)
	for name, turn := range map[string]http.HandlerFunc{
		"announced": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 10_001)) },
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for { // until the client has enough
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		},
		"unpacked": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				turn(w, r)
			}))
			defer server.Close()
			target, err := url.Parse(server.URL)
			require.NoError(t, err)
			c := New(Options{Prepare: func(*http.Request) {}, Attempts: 3})
			defer c.Close()
			_, err = c.Do(t.Context(), Request{Name: "GET it", Method: http.MethodGet, URL: target, Budget: NewBudget(10_000)})
			var tooLarge *TooLargeError
			require.ErrorAs(t, err, &tooLarge)
			assert.Greater(t, tooLarge.Size, tooLarge.Limit)
			require.ErrorContains(t, err, "GET it: the response is too large: at least ")
			server.Close()
			assert.Equal(t, 1, requests, "it will not be smaller the next time")
		})
	}
}

// With nobody to read it, a response may be as large or as broken as it likes.
func TestResponseThatIsNotRead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	target, err := url.Parse(server.URL)
	require.NoError(t, err)
	c := New(Options{Prepare: func(*http.Request) {}})
	defer c.Close()
	body, err := c.Do(t.Context(), Request{Method: http.MethodGet, URL: target})
	require.NoError(t, err)
	assert.Empty(t, body)
}
