package triggers

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maxSnapshot is the most that the platform should have to keep, in bytes.
const maxSnapshot = 5000

// full is a cursor with as much in it as can be, as far apart as can be.
func full() *cursor {
	c := &cursor{until: position{1893456000000, maxKey}, since: 1893456000000, newest: 1893456000000 + lookBack.Milliseconds()}
	for i := range maxEmitted {
		c.emitted = append(c.emitted, position{c.until.at + int64(i+1)*lookBack.Milliseconds()/maxEmitted, maxKey - uint64(i)})
		c.setVersion(fmt.Sprint("arn-", i), hashVersion("version"))
	}
	return c
}

func TestSnapshotIsSmall(t *testing.T) {
	text, err := full().encode()
	require.NoError(t, err)
	assert.Less(t, len(text), maxSnapshot)
	c, err := decodeCursor(text, 0)
	require.NoError(t, err)
	assert.Equal(t, full(), c)
}

func TestCursorBegins(t *testing.T) {
	for _, snapshot := range []string{"", "null", "{}", `{"other":1}`} {
		c, err := decodeCursor(json.RawMessage(snapshot), 1000)
		require.NoError(t, err)
		assert.True(t, c.isEmitted(position{999, maxKey}))
		assert.False(t, c.isEmitted(position{1000, 0}))
	}
}

func TestSnapshotOfSomethingElse(t *testing.T) {
	for _, snapshot := range []string{`[]`, `{"until":"planted"}`, `{"emitted":"planted"}`, `{"emitted":"AQID"}`, `{"versions":"AQID"}`} {
		_, err := decodeCursor(json.RawMessage(snapshot), 0)
		require.ErrorContains(t, err, "the snapshot of the step is not one of this trigger")
		assert.NotContains(t, err.Error(), "planted")
	}
}

// The host's clock moves the horizon on where nothing new comes.
func TestHorizon(t *testing.T) {
	now := time.UnixMilli(10_000_000)
	c := &cursor{newest: now.UnixMilli()}
	assert.Equal(t, now.Add(-lookBack).UnixMilli(), c.horizon(now))
	assert.Equal(t, now.Add(-lookBack).UnixMilli(), c.horizon(now.Add(-time.Hour)), "a clock that is behind")
	assert.Equal(t, now.Add(time.Hour-lookBack-maxSkew).UnixMilli(), c.horizon(now.Add(time.Hour)))
}

func TestCursorKeepsWhatFits(t *testing.T) {
	c := &cursor{until: position{0, maxKey}}
	var next []position
	for i := range 2 * maxEmitted {
		next = append(next, position{int64(i + 1), 7})
	}
	assert.Equal(t, len(next), c.fit(next, math.MaxInt64), "all are final")
	assert.Equal(t, 10+maxEmitted, c.fit(next, 10))
	c.add(next[:10+maxEmitted], 10)
	assert.Len(t, c.emitted, maxEmitted)
	assert.Zero(t, c.fit(next[10+maxEmitted:], 10))
	assert.Equal(t, 5, c.fit(next[10+maxEmitted:], 15), "the horizon moved on")
	for _, p := range next {
		assert.Equal(t, p.at <= 10+maxEmitted, c.isEmitted(p))
	}
	assert.False(t, c.isEmitted(position{11, 6}), "another change of the same time")
}

func FuzzSnapshot(f *testing.F) {
	text, err := full().encode()
	require.NoError(f, err)
	f.Add([]byte(text))
	f.Add([]byte(`{"until":1,"emitted":"AQAAAAAAAQ=="}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := decodeCursor(text, 0)
		if err != nil {
			return
		}
		again, err := c.encode()
		require.NoError(t, err)
		same, err := decodeCursor(again, 0)
		require.NoError(t, err)
		assert.Equal(t, c, same)
	})
}
