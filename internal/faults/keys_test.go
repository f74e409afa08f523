package faults

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
)

// keysOfOneSecret has writers in several containers set keys of the same secret at
// once, each writer one after the other, while AWS throttles and loses responses, the connections
// to the broker break and containers are killed. None of the writes is lost, nothing
// stays staged.
//
// A step that reads the secret, changes it and stores it with PutSecretValue instead
// lost 684 of the 1,000 writes of 50 writers in 5 containers in this test.
func (s *suite) keysOfOneSecret(t *testing.T, place int) {
	writers, sets, containers, every := 8, 5, 2, 8
	if s.long > 0 {
		writers, sets, containers, every = 50, 20, 5, 40
	}
	h := s.harness(t, fault{long: true, env: map[string]string{"FUNCTION": "SetSecretKeys", "RABBITMQ_PREFETCH_SAILOR": "10"}})
	h.logLevel = "info"
	_, err := h.aws.client.CreateSecret(h.ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String("shared"), SecretString: aws.String("{}"), ClientRequestToken: aws.String(uuid.NewString()),
	})
	require.NoError(t, err)
	running := make([]*container, containers)
	for i := range running {
		running[i] = h.start(h.uri.proxied)
	}

	w := &writing{h: h, sets: sets, marks: map[string]string{}, inWork: map[string]*writer{}}
	for i := range writers {
		w.next(&writer{name: fmt.Sprintf("w%02d", i)})
	}
	faults := []emulator.Fault{{Kind: emulator.LoseResponse}, {Kind: emulator.ResetConn}, {Kind: emulator.Throttle}}
	trouble := 0
	h.await("all writes", func() bool {
		h.collect()
		w.proceed()
		if w.done < (trouble+1)*every || w.done+every > writers*sets {
			return len(w.inWork) == 0
		}
		trouble++
		fault := faults[trouble%len(faults)]
		fault.Times = 3
		require.NoError(t, h.aws.Inject(fault))
		switch trouble % 4 {
		case 1:
			h.cut()
		case 3:
			killed := trouble % containers
			running[killed].Kill()
			running[killed] = h.start(h.uri.proxied)
		}
		return false
	})
	var ended time.Duration
	for _, c := range running {
		ended = max(ended, c.stop())
	}
	h.collectAll()

	w.assertNothingIsLost(writers)
	left := w.assertNothingIsStaged()
	sameID, otherID := h.tally.again()
	s.table.add(row{
		place: place + 7, fault: fmt.Sprintf("%d writers of one secret, %d containers", writers, containers), in: writers * sets, out: len(h.tally.out),
		sameID: sameID, otherID: otherID, errors: len(h.tally.errors), unacked: h.ready(h.in()),
		calls: h.aws.Calls()["UpdateSecretVersionStage"], ended: ended,
	})
	s.table.note(fmt.Sprintf("%d writers of one secret: %d writes, %d versions stored, %d calls refused, %d versions left, %d troubles",
		writers, writers*sets, h.aws.Calls()["PutSecretValue"], h.aws.refused.Load(), left, trouble))
	assert.Zero(t, h.ready(h.in()), "not acknowledged")
	assert.Zero(t, otherID, "published again, other id")
	// One is the first, one each write, and each conflict leaves two at the most.
	assert.LessOrEqual(t, left, 1+writers*sets+2*int(h.aws.refused.Load()))
}

// writing is what the writers do.
type writing struct {
	h      *harness
	sets   int
	done   int
	marks  map[string]string  // messageId to the key that it sets for good
	inWork map[string]*writer // by messageId
}

type writer struct {
	name string
	set  int
}

// next sends the next write of a writer: its key, and one that nobody sets again.
func (w *writing) next(by *writer) {
	w.h.t.Helper()
	if by.set == w.sets {
		return
	}
	by.set++
	mark := fmt.Sprintf("%s.%d", by.name, by.set)
	body, err := json.Marshal(map[string]any{"SecretId": "shared", "Set": map[string]any{by.name: by.set, mark: 1}})
	require.NoError(w.h.t, err)
	id := uuid.NewString()
	w.marks[id], w.inWork[id] = mark, by
	require.NoError(w.h.t, w.h.sink.Publish(w.h.ctx, w.h.publication(id, component.NewMessage(body))))
}

// proceed goes on with the writers whose write has had an outcome.
func (w *writing) proceed() {
	w.h.t.Helper()
	for id, by := range w.inWork {
		if !w.h.tally.pending[id] {
			delete(w.inWork, id)
			w.done++
			w.next(by)
		}
	}
}

func (w *writing) assertNothingIsLost(writers int) {
	t := w.h.t
	t.Helper()
	current, err := w.h.aws.client.GetSecretValue(w.h.ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("shared")})
	require.NoError(t, err)
	var value map[string]int
	require.NoError(t, json.Unmarshal([]byte(*current.SecretString), &value))
	lost := 0
	for id, mark := range w.marks {
		if value[mark] == 0 && w.h.tally.errors[id] == 0 {
			lost++
		}
	}
	assert.Zero(t, lost, "writes that are lost")
	if len(w.h.tally.errors) == 0 {
		for i := range writers {
			assert.Equal(t, w.sets, value[fmt.Sprintf("w%02d", i)])
		}
	}
}

// assertNothingIsStaged returns how many versions there are.
func (w *writing) assertNothingIsStaged() int {
	t := w.h.t
	t.Helper()
	pages := secretsmanager.NewListSecretVersionIdsPaginator(w.h.aws.client, &secretsmanager.ListSecretVersionIdsInput{
		SecretId: aws.String("shared"), IncludeDeprecated: aws.Bool(true),
	})
	count := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.h.ctx)
		require.NoError(t, err)
		count += len(page.Versions)
		for _, v := range page.Versions {
			for _, label := range v.VersionStages {
				assert.Contains(t, []string{"AWSCURRENT", "AWSPREVIOUS"}, label)
			}
		}
	}
	return count
}
