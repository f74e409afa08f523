package rawjson

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLoneSurrogate(t *testing.T) {
	for doc, want := range map[string]int{
		`""`:                    -1,
		`"\u00e4\n"`:            -1,
		`"\ud83d\ude00"`:        -1,
		`"\\ud83d"`:             -1,
		`"\ud83d"`:              1,
		`"a\ude00"`:             2,
		`"\ud83d\ud83d\ude00"`:  1,
		`"\ud83d\ude00\ud83dx"`: 13,
	} {
		assert.Equal(t, want, LoneSurrogate([]byte(doc)), doc)
	}
}
