package testkit

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlantedIsFoundInEveryForm(t *testing.T) {
	var p Planted
	value := p.New("api key")
	quoted, err := json.Marshal(map[string]string{"v": value})
	require.NoError(t, err)

	for name, output := range map[string]string{
		"plain":             "key " + value + " end",
		"JSON":              string(quoted),
		"Go-quoted":         fmt.Sprintf("%q", "x"+value+"x"),
		"ASCII-quoted":      fmt.Sprintf("%+q", "x"+value+"x"),
		"query":             "?" + url.Values{"k": {value}}.Encode(),
		"path":              url.PathEscape(value),
		"password in a URL": url.UserPassword("user", value).String(),
		"hex":               hex.EncodeToString([]byte("ab" + value + "c")),
		"upper hex":         fmt.Sprintf("%X", value),
		"byte slice":        fmt.Sprint([]byte("a" + value)),
		"base64":            base64.StdEncoding.EncodeToString([]byte(value + "tail")),
		"base64, offset 1":  base64.StdEncoding.EncodeToString([]byte("a" + value + "tail")),
		"base64, offset 2":  base64.StdEncoding.EncodeToString([]byte("ab" + value)),
		"base64url":         base64.URLEncoding.EncodeToString([]byte("abc" + value)),
		"reversed":          reversed(value),
		"first half":        value[:len(value)/2],
		"second half":       value[len(value)-len(value)/2:],
	} {
		t.Run(name, func(t *testing.T) {
			found := p.Find([]byte(output))
			require.Len(t, found, 1)
			assert.Contains(t, found[0], `"api key"`)
			assert.NotContains(t, found[0], value)
		})
	}
}

func TestPlantedIsNotFoundWhereItIsNot(t *testing.T) {
	var p Planted
	value := p.New("api key")
	for name, output := range map[string]string{
		"nothing":        "",
		"other text":     "all is well",
		"another secret": new(Planted).New("other"),
		"its beginning":  value[:10],
		"masked":         strings.Repeat("*", len(value)),
	} {
		t.Run(name, func(t *testing.T) { assert.Empty(t, p.Find([]byte(output))) })
	}
}

func TestPlantedTakesShortSecrets(t *testing.T) {
	for _, length := range []int{6, 7, 11, 12, 13, 24} {
		value := "abcdefghijklmnopqrstuvwxyz"[:length]
		var p Planted
		p.Add("short", value)
		assert.Len(t, p.Find([]byte("<"+value+">")), 1, "%d bytes", length)
		assert.Empty(t, p.Find([]byte("<"+value[:length/2-1]+">")), "%d bytes", length)
	}
	assert.Panics(t, func() { new(Planted).Add("too short", "12345") })
}

// recorder stands in for a test, to see it fail.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestAssertAbsentFailsWithoutShowingTheSecret(t *testing.T) {
	var p Planted
	value := p.New("password")
	r := &recorder{TB: t}
	p.AssertAbsent(r, "stdout", []byte("the password is "+value))
	require.Equal(t, []string{`stdout shows the secret "password" (as it is)`}, r.failures)
}
