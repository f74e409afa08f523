package main

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// stage is a part of the work on a message. A sample belongs to the first
// stage that one of its frames begins with, so what is called comes before
// what calls it.
type stage struct {
	name   string
	frames []string
}

const own = "aws-secrets-manager-connector/"

func stages() []stage {
	return []stage{
		{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcAssistAlloc"}},
		{"growing of stacks", []string{"runtime.newstack", "runtime.morestack"}},
		{"profiles themselves", []string{"runtime/pprof.", "net/http/pprof."}},
		{"logging", []string{own + "internal/bunyan.", "log/slog."}},
		{"schemas", []string{own + "internal/schema"}},
		{"action: body to input, output to body", []string{own + "actions.encode", own + "actions.decode"}},
		{"AWS: HTTP", []string{"net/http.", own + "internal/awsapi.httpClient", own + "internal/awsapi.(*body)", own + "internal/awsapi.(*transport)"}},
		{"AWS: signature", []string{"github.com/aws/aws-sdk-go-v2/aws/signer/"}},
		{"AWS: the rest of the SDK", []string{"github.com/aws/", own + "internal/awsapi.", own + "internal/smclient."}},
		{"AMQP connection", []string{own + "internal/batchconn."}},
		{"AMQP library", []string{"github.com/rabbitmq/amqp091-go."}},
		{"broker", []string{own + "internal/broker."}},
		{"envelope: encryption", []string{own + "internal/envelope.(*Cipher)"}},
		{"envelope: JSON and headers", []string{own + "internal/envelope."}},
		{"emitter and publisher", []string{own + "internal/sailor.(*emitter)", own + "internal/sailor.(*publisher)"}},
		{"the rest of ours", []string{own}},
		{"scheduling of goroutines", []string{"runtime.mcall", "runtime.schedule", "runtime.mstart", "runtime.goexit0", "runtime.gcenable"}},
	}
}

const otherStage = "other"

// inDispatch marks the samples of goroutines that work on a message.
const inDispatch = own + "internal/sailor.(*Sailor).dispatch"

// byStage sums up what `go tool pprof -traces` prints; with within, only the
// samples with a frame that begins so.
func byStage(traces io.Reader, within string) (map[string]float64, error) {
	sums := map[string]float64{}
	var value float64
	var frames []string
	add := func() {
		if len(frames) > 0 && (within == "" || begins(frames, within)) {
			sums[stageOf(frames)] += value
		}
		frames = nil
	}
	lines := bufio.NewScanner(traces)
	lines.Buffer(nil, 1<<20)
	samples := false
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		first, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "-----------+"):
			add()
			samples = true
		case !samples || strings.HasSuffix(first, ":"): // the head, and labels
		case len(frames) > 0:
			frames = append(frames, line)
		default:
			var err error
			if value, err = strconv.ParseFloat(strings.TrimRight(first, "usB"), 64); err != nil {
				return nil, err
			}
			frames = append(frames, strings.TrimSpace(rest))
		}
	}
	add()
	return sums, lines.Err()
}

func stageOf(frames []string) string {
	for _, s := range stages() {
		for _, prefix := range s.frames {
			if begins(frames, prefix) {
				return s.name
			}
		}
	}
	return otherStage
}

func begins(frames []string, prefix string) bool {
	for _, frame := range frames {
		if strings.HasPrefix(frame, prefix) {
			return true
		}
	}
	return false
}
