package bunyan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/bunyan"
)

func options() bunyan.Options {
	return bunyan.Options{
		Name: "sailor", Level: bunyan.LevelTrace, Hostname: "host", PID: 7,
		Fields: []slog.Attr{slog.String("ELASTICIO_FLOW_ID", "flow"), slog.String("tag", "flow")},
	}
}

// line runs log and returns the one line it writes, text and members. It fails
// when a member stands there twice.
func line(t *testing.T, o bunyan.Options, log func(*slog.Logger)) (string, map[string]any) {
	t.Helper()
	var out bytes.Buffer
	log(bunyan.New(&out, o))
	text := out.String()
	require.Equal(t, 1, strings.Count(text, "\n"), "not one line: %q", text)
	requireNoDuplicates(t, json.NewDecoder(strings.NewReader(text)))
	var members map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &members))
	return text, members
}

func requireNoDuplicates(t *testing.T, dec *json.Decoder) {
	t.Helper()
	open, err := dec.Token()
	require.NoError(t, err)
	if open != json.Delim('{') && open != json.Delim('[') {
		return
	}
	for seen := map[any]bool{}; dec.More(); {
		if open == json.Delim('{') {
			key, err := dec.Token()
			require.NoError(t, err)
			require.False(t, seen[key], "%v stands there twice", key)
			seen[key] = true
		}
		requireNoDuplicates(t, dec)
	}
	_, err = dec.Token() // what closes it
	require.NoError(t, err)
}

func TestLine(t *testing.T) {
	before := time.Now().Truncate(time.Millisecond)
	text, members := line(t, options(), func(log *slog.Logger) {
		log.With("threadId", "t", "messageId", "m", "parentMessageId", "p").Info("done & <gone>", "count", 3, "ok", true)
	})

	stamp, ok := members["time"].(string)
	require.True(t, ok)
	at, err := time.Parse("2006-01-02T15:04:05.000Z", stamp)
	require.NoError(t, err)
	assert.WithinRange(t, at, before, time.Now())
	delete(members, "time")
	assert.Equal(t, map[string]any{
		"name": "sailor", "hostname": "host", "pid": 7.0, "level": 30.0, "msg": "done & <gone>", "v": 0.0,
		"tag": "flow", "ELASTICIO_FLOW_ID": "flow",
		"threadId": "t", "messageId": "m", "parentMessageId": "p", "count": 3.0, "ok": true,
	}, members)
	assert.Contains(t, text, "done & <gone>", "escaped for HTML")
}

func TestDefaults(t *testing.T) {
	_, members := line(t, bunyan.Options{Name: "component"}, func(log *slog.Logger) {
		log.Debug("not written")
		log.Info("written")
	})
	host, err := os.Hostname()
	require.NoError(t, err)
	assert.Equal(t, host, members["hostname"])
	assert.InDelta(t, os.Getpid(), members["pid"], 0)
	assert.NotContains(t, members, "tag")
}

func TestTimeIsUTC(t *testing.T) {
	record := slog.NewRecord(time.Date(2024, 2, 3, 4, 5, 6, 7_890_000, time.FixedZone("", 3600)), slog.LevelInfo, "x", 0)
	_, members := line(t, options(), func(log *slog.Logger) { _ = log.Handler().Handle(t.Context(), record) })
	assert.Equal(t, "2024-02-03T03:05:06.007Z", members["time"])

	record.Time = time.Time{}
	_, members = line(t, options(), func(log *slog.Logger) { _ = log.Handler().Handle(t.Context(), record) })
	assert.NotEmpty(t, members["time"], "each line of bunyan has a time")
}

func TestLevels(t *testing.T) {
	for level, want := range map[slog.Level]float64{
		bunyan.LevelTrace: 10, slog.LevelDebug: 20, slog.LevelInfo: 30, slog.LevelWarn: 40, slog.LevelError: 50, bunyan.LevelFatal: 60,
		-7: 10, -3: 20, 3: 30, 11: 50, 13: 60, 100: 60,
	} {
		t.Run(level.String(), func(t *testing.T) {
			_, members := line(t, options(), func(log *slog.Logger) { log.Log(context.Background(), level, "x") })
			assert.InDelta(t, want, members["level"], 0)
		})
	}
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]slog.Level{
		"trace": -8, "debug": -4, "info": 0, "warn": 4, "error": 8, "fatal": 12, " Warn ": 4, "FATAL": 12,
		"10": -8, "20": -4, "30": 0, "40": 4, "50": 8, "60": 12, "25": -2, "31": 1, "0": -12,
		"": 0, "verbose": 0, "-10": 0, "3x": 0, "1.5": 0, "99999999999999999999": 0,
	} {
		t.Run(text, func(t *testing.T) {
			assert.Equal(t, want, bunyan.ParseLevel(text))
		})
	}

	var out bytes.Buffer
	o := options()
	o.Level = bunyan.ParseLevel("61")
	bunyan.New(&out, o).Log(t.Context(), bunyan.LevelFatal, "x")
	assert.Empty(t, out.String(), "above fatal nothing is written")
}

func TestFixedFieldsStay(t *testing.T) {
	fixed := []string{"name", "hostname", "pid", "level", "msg", "time", "v", "tag", "ELASTICIO_FLOW_ID"}
	check := func(t *testing.T, log func(*slog.Logger, []any), value func(map[string]any, string) any) {
		t.Helper()
		var args []any
		for _, key := range fixed {
			args = append(args, key, "usurped")
		}
		_, members := line(t, options(), func(l *slog.Logger) { log(l, args) })
		for _, key := range fixed {
			assert.NotEqual(t, "usurped", members[key], key)
			assert.Equal(t, "usurped", value(members, key), key)
		}
	}
	renamed := func(members map[string]any, key string) any { return members[key+"_"] }
	grouped := func(members map[string]any, key string) any {
		group, _ := members["g"].(map[string]any)
		return group[key]
	}

	t.Run("by arguments", func(t *testing.T) {
		check(t, func(log *slog.Logger, args []any) { log.Info("x", args...) }, renamed)
	})
	t.Run("by With", func(t *testing.T) {
		check(t, func(log *slog.Logger, args []any) { log.With(args...).Info("x") }, renamed)
	})
	t.Run("by a group without a name", func(t *testing.T) {
		check(t, func(log *slog.Logger, args []any) { log.Info("x", slog.Group("", args...)) }, renamed)
	})
	t.Run("in a group the names are free", func(t *testing.T) {
		check(t, func(log *slog.Logger, args []any) { log.WithGroup("g").Info("x", args...) }, grouped)
	})
	t.Run("by a group's name", func(t *testing.T) {
		_, members := line(t, options(), func(log *slog.Logger) { log.WithGroup("level").Info("x", "a", 1) })
		assert.InDelta(t, 30, members["level"], 0)
		assert.Equal(t, map[string]any{"a": 1.0}, members["level_"])
	})
	t.Run("by further fields", func(t *testing.T) {
		o := options()
		o.Fields = append(o.Fields, slog.String("name", "usurped"), slog.String("level", "usurped"), slog.String("tag", "last"))
		_, members := line(t, o, func(log *slog.Logger) { log.Info("x") })
		assert.Equal(t, "sailor", members["name"])
		assert.InDelta(t, 30, members["level"], 0)
		assert.Equal(t, "last", members["tag"])
	})
}

func TestEachKeyStandsOnce(t *testing.T) {
	_, members := line(t, options(), func(log *slog.Logger) {
		log = log.With("a", 1, "b", 1, "a", 2).With("b", 2)
		log.WithGroup("g").With("x", 1, "y", 1).Info("x", "x", 2)
	})
	assert.InDelta(t, 2, members["a"], 0)
	assert.InDelta(t, 2, members["b"], 0)
	assert.Equal(t, map[string]any{"x": 2.0, "y": 1.0}, members["g"])

	_, members = line(t, options(), func(log *slog.Logger) {
		log.With(slog.Group("g", "x", 1, "x", 2)).Info("x", slog.Group("g", "y", 1), slog.Group("g", "y", 2), "g_", 0)
	})
	assert.Equal(t, map[string]any{"x": 2.0, "y": 2.0}, members["g"])
}

func TestLoggersDoNotShareAttributes(t *testing.T) {
	_, members := line(t, options(), func(log *slog.Logger) {
		base := log.With("a", 0, "b", 0).With("a", 1, "b", 2)
		base.With("a", 9)
		base.With("d", 4)
		base.Info("x", "e", 5)
	})
	assert.InDelta(t, 1, members["a"], 0)
	assert.NotContains(t, members, "d")
	assert.InDelta(t, 5, members["e"], 0)

	text, _ := line(t, options(), func(log *slog.Logger) {
		base := log.WithGroup("1").WithGroup("2").WithGroup("3")
		first := base.WithGroup("first")
		base.WithGroup("second")
		first.Info("x", "k", 1)
	})
	assert.Contains(t, text, `{"1":{"2":{"3":{"first":{"k":1}}}}`[1:])
}

type oneWrite struct {
	t *testing.T
	io.Writer
}

func (w oneWrite) Write(p []byte) (int, error) {
	assert.True(w.t, bytes.HasSuffix(p, []byte("}\n")) && bytes.Count(p, []byte("\n")) == 1, "not one line: %q", p)
	return w.Writer.Write(p)
}

func TestConcurrentLines(t *testing.T) {
	var out bytes.Buffer
	log := bunyan.New(oneWrite{t, &out}, options())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			own := log.With("worker", i)
			for n := range 50 {
				own.Info("several\nlines", "n", n)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 400, bytes.Count(out.Bytes(), []byte("\n")))
	for text := range bytes.Lines(out.Bytes()) {
		assert.True(t, json.Valid(text))
	}
}

func TestRulesOfSlogHandlers(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		if strings.HasSuffix(t.Name(), "/zero-time") {
			t.Skip("each line of bunyan has a time")
		}
		out.Reset()
		return bunyan.New(&out, options()).Handler()
	}, func(t *testing.T) map[string]any {
		var members map[string]any
		require.NoError(t, json.Unmarshal(out.Bytes(), &members))
		return members
	})
}

func BenchmarkLine(b *testing.B) {
	o := options()
	o.Level = slog.LevelInfo
	log := bunyan.New(io.Discard, o).With("threadId", "t", "messageId", "m", "parentMessageId", "p")
	b.Run("written", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			log.Info("message is done", "ms", 12, "function", "GetSecretValue")
		}
	})
	b.Run("below the level", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			log.Debug("message is done", "ms", 12, "function", "GetSecretValue")
		}
	})
}
