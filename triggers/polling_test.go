package triggers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/schema"
	"aws-secrets-manager-connector/schemas"
)

// world is AWS with a clock, and a step that polls it.
type world struct {
	awsapi.API

	t       testing.TB
	aws     *emulator.Emulator
	clock   time.Time
	random  *rand.ChaCha8
	options awsapi.Options
	config  map[string]any

	step     component.Handler
	snapshot json.RawMessage
}

// direct calls AWS without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// newWorld has a step with these fields, and AWS with a lag.
func newWorld(t testing.TB, seed uint64, lag time.Duration, fields map[string]any) *world {
	t.Helper()
	var key [32]byte
	copy(key[:], strconv.FormatUint(seed, 10))
	w := &world{
		t: t, clock: time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC), random: rand.NewChaCha8(key),
		config: map[string]any{"accessKeyId": "AKIAPLANTEDKEYID0001", "accessKeySecret": "planted", "region": "eu-central-1", "endpoint": "http://127.0.0.1:1"},
	}
	maps.Copy(w.config, fields)
	w.aws = emulator.New(emulator.Options{Clock: func() time.Time { return w.clock }, Random: w.random, Lag: lag, RandomLag: true})
	w.options = awsapi.Options{AllowInsecureEndpoint: true, Transport: direct{w.aws}, MaxBackoff: 1}
	cfg, err := awsapi.ParseConfig(w.deps().Config)
	require.NoError(t, err)
	w.API, err = awsapi.New(cfg, w.options)
	require.NoError(t, err)
	w.restart()
	return w
}

func (w *world) deps() component.Deps {
	config, err := json.Marshal(w.config)
	require.NoError(w.t, err)
	return component.Deps{Config: config}
}

// restart is another container of the step.
func (w *world) restart() {
	for _, spec := range Specs(func() time.Time { return w.clock }, w.options) {
		if spec.Name == "getNewAndUpdatedSecretsPolling" {
			step, err := spec.New(w.deps())
			require.NoError(w.t, err)
			w.step = step
		}
	}
}

// emitted is what a step emitted: the members that matter here.
type emitted struct {
	ARN, Name, Change, VersionID, PreviousVersionID string
	LastChangedDate                                 string
}

// sink takes what the step emits, and refuses a message when it took that many.
type sink struct {
	component.Emitter

	w       *world
	refuses int
	bodies  []json.RawMessage
}

var errRefused = errors.New("the broker is away")

func (s *sink) Data(_ context.Context, msg component.Message) error {
	if s.refuses > 0 && len(s.bodies) == s.refuses {
		return errRefused
	}
	s.bodies = append(s.bodies, msg.Body)
	return nil
}

func (s *sink) Snapshot(_ context.Context, snapshot json.RawMessage) error {
	assert.LessOrEqual(s.w.t, len(snapshot), maxSnapshot)
	s.w.snapshot = slices.Clone(snapshot)
	return nil
}

// poll is one message. It returns what was emitted, one by one.
func (w *world) poll(refuses int) ([]emitted, error) {
	w.t.Helper()
	out := &sink{w: w, refuses: refuses}
	err := w.step.Handle(w.t.Context(), component.Request{Snapshot: w.snapshot, Log: slog.New(slog.DiscardHandler)}, out)
	var all []emitted
	for _, body := range out.bodies {
		var page struct {
			SecretList []emitted
			emitted
		}
		require.NoError(w.t, json.Unmarshal(body, &page))
		if page.SecretList == nil {
			page.SecretList = []emitted{page.emitted}
		}
		all = append(all, page.SecretList...)
	}
	return all, err
}

func (w *world) mustPoll() []emitted {
	w.t.Helper()
	all, err := w.poll(0)
	require.NoError(w.t, err)
	return all
}

// changes are the names and changes that a poll emits.
func (w *world) changes() (all []string) {
	w.t.Helper()
	for _, e := range w.mustPoll() {
		all = append(all, e.Name+" "+e.Change)
	}
	return all
}

func (w *world) token() *string {
	return aws.String(fmt.Sprintf("00000000-0000-4000-8000-%012x", w.random.Uint64()>>16))
}

func (w *world) create(name string, tags ...types.Tag) {
	w.t.Helper()
	_, err := w.CreateSecret(w.t.Context(), &secretsmanager.CreateSecretInput{
		Name: &name, SecretString: aws.String("planted"), ClientRequestToken: w.token(), Tags: tags,
	})
	require.NoError(w.t, err)
}

func (w *world) put(name string, stages ...string) {
	w.t.Helper()
	_, err := w.PutSecretValue(w.t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &name, SecretString: aws.String("planted again"), ClientRequestToken: w.token(), VersionStages: stages,
	})
	require.NoError(w.t, err)
}

func (w *world) tag(name string) {
	w.t.Helper()
	_, err := w.TagResource(w.t.Context(), &secretsmanager.TagResourceInput{
		SecretId: &name, Tags: []types.Tag{{Key: aws.String("at"), Value: aws.String(fmt.Sprint(w.random.Uint64()))}},
	})
	require.NoError(w.t, err)
}

func (w *world) delete(name string) {
	w.t.Helper()
	_, err := w.DeleteSecret(w.t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &name})
	require.NoError(w.t, err)
}

func (w *world) restore(name string) {
	w.t.Helper()
	_, err := w.RestoreSecret(w.t.Context(), &secretsmanager.RestoreSecretInput{SecretId: &name})
	require.NoError(w.t, err)
}

func TestPollingTellsWhatHappened(t *testing.T) {
	w := newWorld(t, 1, 0, nil)
	for _, name := range []string{"a", "b", "c"} {
		w.create(name)
		w.clock = w.clock.Add(time.Second)
	}
	assert.Equal(t, []string{"a created", "b created", "c created"}, w.changes())
	assert.Empty(t, w.changes())

	w.clock = w.clock.Add(time.Hour)
	w.put("b")
	w.tag("a")
	w.put("c", "AWSPENDING")
	w.create("d")
	assert.ElementsMatch(t, []string{"b value", "a metadata", "c metadata", "d created"}, w.changes())
	w.clock = w.clock.Add(time.Second)
	w.delete("a")
	assert.Equal(t, []string{"a deletion"}, w.changes())
	w.clock = w.clock.Add(time.Hour)
	w.restore("a")
	w.restart()
	assert.Equal(t, []string{"a restored"}, w.changes())
	assert.Empty(t, w.changes())
	assert.NotContains(t, w.aws.Calls(), "ListSecretVersionIds", "what was emitted before tells enough")
	assert.NotContains(t, string(w.snapshot), "planted")
}

// What the snapshot does not know is told by the dates.
func TestPollingTellsWhatHappenedToOldSecrets(t *testing.T) {
	w := newWorld(t, 1, 0, map[string]any{"startTime": "2030-01-31T13:00:00Z"})
	for _, name := range []string{"put", "tagged", "deleted", "untouched", "rotated", "empty"} {
		w.create(name)
	}
	empty := "no-value"
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &empty, ClientRequestToken: w.token()})
	require.NoError(t, err)
	w.clock = w.clock.Add(2 * time.Hour)
	w.put("put")
	w.tag("tagged")
	w.tag("no-value")
	w.delete("deleted")
	_, err = w.RotateSecret(t.Context(), &secretsmanager.RotateSecretInput{
		SecretId: aws.String("rotated"), ClientRequestToken: w.token(),
		RotationLambdaARN: aws.String("arn:aws:lambda:eu-central-1:123456789012:function:rotate"), RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(1)},
	})
	require.NoError(t, err)
	w.create("new")
	assert.ElementsMatch(t, []string{"put value", "tagged metadata", "deleted deletion", "rotated value", "new created", "no-value metadata"}, w.changes())
}

func TestPollingTellsTheVersions(t *testing.T) {
	w := newWorld(t, 1, 0, nil)
	w.create("a")
	first := w.mustPoll()[0]
	assert.NotEmpty(t, first.VersionID)
	assert.Empty(t, first.PreviousVersionID)
	w.clock = w.clock.Add(time.Second)
	w.put("a")
	second := w.mustPoll()[0]
	assert.NotEqual(t, first.VersionID, second.VersionID)
	assert.Equal(t, first.VersionID, second.PreviousVersionID)
}

func TestPollingFilters(t *testing.T) {
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	tests := []struct {
		name   string
		fields map[string]any
		want   []string
	}{
		{"name", map[string]any{"namePrefix": " prod/ "}, []string{"prod/a created", "prod/b created"}},
		{"tag key", map[string]any{"tagKey": "team"}, []string{"prod/a created", "test/a created"}},
		{"all", map[string]any{"namePrefix": "prod/", "tagKey": "team", "tagValue": "shop"}, []string{"prod/a created"}},
		{"start", map[string]any{"startTime": "2030-01-31T12:00:02Z"}, []string{"test/a created"}},
		{"end", map[string]any{"endTime": "2030-01-31T12:00:01.000+00:00"}, []string{"prod/a created", "prod/b created"}},
		{"day", map[string]any{"startTime": "2030-02-01", "singlePage": "false", "pageSize": ""}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, 1, 0, tt.fields)
			w.create("prod/a", tag("team", "shop"))
			w.clock = w.clock.Add(time.Second)
			w.create("prod/b", tag("owner", "shop"))
			w.clock = w.clock.Add(time.Second)
			w.create("test/a", tag("team", "bank"))
			assert.Equal(t, tt.want, w.changes())
			assert.Empty(t, w.changes())
		})
	}
}

func TestPollingPages(t *testing.T) {
	w := newWorld(t, 1, 0, map[string]any{"pageSize": "2", "singlePage": "on", "emitBehaviour": "emitPage"})
	for i := range 5 { // all at the same time
		w.create(fmt.Sprint("secret-", i))
	}
	var all []string
	for _, want := range []int{2, 2, 1, 0} {
		w.restart()
		got := w.changes()
		assert.Len(t, got, want)
		all = append(all, got...)
	}
	slices.Sort(all)
	assert.Equal(t, []string{"secret-0 created", "secret-1 created", "secret-2 created", "secret-3 created", "secret-4 created"}, all)
}

// What was emitted before the broker went away is not emitted again.
func TestPollingGoesOnWhereItFailed(t *testing.T) {
	w := newWorld(t, 1, 0, nil)
	for i := range 5 {
		w.create(fmt.Sprint("secret-", i))
		w.clock = w.clock.Add(time.Second)
	}
	got, err := w.poll(2)
	require.ErrorIs(t, err, errRefused)
	assert.Len(t, got, 2)
	assert.Equal(t, []string{"secret-2 created", "secret-3 created", "secret-4 created"}, w.changes())
}

func TestPollingFailures(t *testing.T) {
	t.Run("AWS", func(t *testing.T) {
		w := newWorld(t, 1, 0, nil)
		w.aws.Deny("AKIAPLANTEDKEYID0001", "secretsmanager:ListSecrets")
		_, err := w.poll(0)
		require.ErrorContains(t, err, "the IAM permission secretsmanager:ListSecrets is missing")
	})
	t.Run("snapshot", func(t *testing.T) {
		w := newWorld(t, 1, 0, nil)
		w.snapshot = json.RawMessage(`{"until":"planted"}`)
		_, err := w.poll(0)
		require.ErrorContains(t, err, "the snapshot of the step is not one of this trigger")
	})
	t.Run("stopping", func(t *testing.T) {
		w := newWorld(t, 1, 0, nil)
		stopping := make(chan struct{})
		close(stopping)
		err := w.step.Handle(t.Context(), component.Request{Stopping: stopping, Log: slog.New(slog.DiscardHandler)}, &sink{w: w})
		require.ErrorIs(t, err, component.ErrStopping)
	})
	t.Run("fields", func(t *testing.T) {
		w := newWorld(t, 1, 0, map[string]any{
			"startTime": "planted", "endTime": "planted", "pageSize": "1001", "singlePage": "planted", "emitBehaviour": "planted",
		})
		_, err := w.poll(0)
		require.EqualError(t, err, "the fields of the step cannot be used: "+
			`startTime ("Start time") must be a date, with or without a time, in ISO 8601, such as 2030-01-31T12:00:00Z (given: a text of 7 characters); `+
			`endTime ("End time") must be a date, with or without a time, in ISO 8601, such as 2030-01-31T12:00:00Z (given: a text of 7 characters); `+
			`pageSize ("Page size") must be a whole number from 1 to 1000 (given: a text of 4 characters); `+
			`emitBehaviour ("Emit behaviour") must be emitIndividually or emitPage (given: a text of 7 characters); `+
			`singlePage ("Process single page per execution") must be true or false (given: a text of 7 characters)`)
		assert.Empty(t, w.aws.Calls())
	})
	t.Run("it ends before it starts", func(t *testing.T) {
		w := newWorld(t, 1, 0, map[string]any{"startTime": "2030-02-01", "endTime": "2030-01-01"})
		_, err := w.poll(0)
		require.EqualError(t, err, `the fields of the step cannot be used: endTime ("End time") is before startTime ("Start time"), so that no change is left; correct or empty one of them`)
		assert.Empty(t, w.aws.Calls())
	})
}

func TestPollingExample(t *testing.T) {
	var example struct {
		SecretList []struct {
			ARN, Description, Name, VersionID string
			Tags                              []types.Tag
		}
	}
	text := exampleOf(t, pollingName+".out")
	require.NoError(t, json.Unmarshal(text, &example))
	secret := example.SecretList[0]
	w := newWorld(t, 1, 0, map[string]any{"emitBehaviour": "emitPage"})
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: &secret.Name, Description: &secret.Description, SecretString: aws.String("planted"), ClientRequestToken: &secret.VersionID, Tags: secret.Tags,
	})
	require.NoError(t, err)
	out := &sink{w: w}
	require.NoError(t, w.step.Handle(t.Context(), component.Request{Log: slog.New(slog.DiscardHandler)}, out))
	require.Len(t, out.bodies, 1)
	assert.JSONEq(t, string(text), strings.Replace(string(out.bodies[0]), w.mustDescribe(secret.Name), secret.ARN, 1))
}

// Everything that is emitted fits the schema that the designer sees.
func TestPollingMetaModel(t *testing.T) {
	for _, behaviour := range []string{"", emitIndividually, emitPage} {
		w := newWorld(t, 1, 0, map[string]any{"emitBehaviour": behaviour})
		w.create("a")
		text, err := pollingMetaModel(t.Context(), w.deps())
		require.NoError(t, err)
		var told struct{ Out json.RawMessage }
		require.NoError(t, json.Unmarshal(text, &told))
		shown, err := schema.Compile("out", told.Out)
		require.NoError(t, err)
		out := &sink{w: w}
		require.NoError(t, w.step.Handle(t.Context(), component.Request{Log: slog.New(slog.DiscardHandler)}, out))
		require.Len(t, out.bodies, 1)
		_, err = shown.Check(out.bodies[0])
		require.NoError(t, err)
		assert.Equal(t, behaviour == emitPage, strings.Contains(string(told.Out), `"SecretList"`))
		assert.Equal(t, behaviour == emitPage, strings.Contains(string(out.bodies[0]), `"SecretList"`))
	}
	_, err := pollingMetaModel(t.Context(), component.Deps{Config: json.RawMessage(`{"pageSize":"0"}`)})
	require.ErrorContains(t, err, "pageSize")
}

func (w *world) mustDescribe(name string) (arn string) {
	out, err := w.DescribeSecret(w.t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &name})
	require.NoError(w.t, err)
	return *out.ARN
}

// TestPollingSchema: a secret has the members that ListSecrets emits, and what happened.
func TestPollingSchema(t *testing.T) {
	type properties = map[string]json.RawMessage
	members := func(file string) (one, listed properties) {
		text, err := schemas.FS.ReadFile(file)
		require.NoError(t, err)
		var schema struct{ Properties properties }
		require.NoError(t, json.Unmarshal(text, &schema))
		var list struct {
			Items struct{ Properties properties }
		}
		require.NoError(t, json.Unmarshal(schema.Properties["SecretList"], &list))
		return schema.Properties, list.Items.Properties
	}
	one, listed := members("getNewAndUpdatedSecretsPolling.out.json")
	wantOne, wantListed := members("ListSecrets.out.json")
	for _, name := range []string{"Change", "VersionId", "PreviousVersionId"} {
		assert.Contains(t, one, name)
		assert.Contains(t, listed, name)
		delete(one, name)
		delete(listed, name)
	}
	delete(wantOne, "NextToken")
	assert.ElementsMatch(t, slices.Collect(maps.Keys(wantOne)), slices.Collect(maps.Keys(one)))
	for name, member := range wantListed {
		assert.JSONEq(t, string(member), string(listed[name]), name)
	}
}

// manySecrets lists without an emulator, which would sort them all for each page.
type manySecrets struct {
	awsapi.API

	newest []types.SecretListEntry // first
}

func (m manySecrets) ListSecrets(_ context.Context, in *secretsmanager.ListSecretsInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretsOutput, error) {
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	to := min(from+int(*in.MaxResults), len(m.newest))
	out := &secretsmanager.ListSecretsOutput{SecretList: m.newest[from:to]}
	if to < len(m.newest) {
		out.NextToken = aws.String(strconv.Itoa(to))
	}
	return out, nil
}

// TestPollingOfManySecrets: 100,000 secrets that all change within minutes are
// emitted once each, what the snapshot cannot hold some minutes late.
func TestPollingOfManySecrets(t *testing.T) {
	const count = 100_000
	w := newWorld(t, 1, 0, map[string]any{"emitBehaviour": "emitPage", "pageSize": 1000})
	all := manySecrets{newest: make([]types.SecretListEntry, count)}
	for i := range count {
		at := w.clock.Add(-time.Duration(i) * time.Second / 1000) // 100 seconds in all
		all.newest[i] = types.SecretListEntry{ARN: aws.String(fmt.Sprint("arn-", i)), CreatedDate: &at, LastChangedDate: &at}
	}
	w.step = &polling{deps: w.deps(), now: func() time.Time { return w.clock }, connect: func(awsapi.Config) (awsapi.API, error) { return all, nil }}
	seen := map[string]bool{}
	poll := func() int {
		got := w.mustPoll()
		for _, e := range got {
			require.False(t, seen[e.ARN])
			seen[e.ARN] = true
		}
		return len(got)
	}
	assert.Equal(t, maxEmitted, poll())
	assert.Zero(t, poll())
	w.clock = w.clock.Add(lookBack + maxSkew)
	poll()
	assert.Len(t, seen, count)
}

// TestPollingHistories: whatever changes and however late it is listed, each
// change that is listed is emitted, and none twice, over restarts of the step
// and failures to emit. POLLING_HISTORIES tells how many histories; 10000 takes
// some minutes.
func TestPollingHistories(t *testing.T) {
	histories := 100
	if n, err := strconv.Atoi(os.Getenv("POLLING_HISTORIES")); err == nil {
		histories = n
	}
	total := 0
	for seed := range histories {
		h := newHistory(t, uint64(seed))
		h.run()
		total += len(h.emitted)
		if t.Failed() {
			t.Fatalf("history %d", seed)
		}
	}
	t.Logf("%d histories, %d changes", histories, total)
	assert.Greater(t, total, histories)
}

type history struct {
	*world

	dice    *rand.Rand
	names   []string            // of all secrets ever
	gone    map[string]bool     // is scheduled for deletion
	emitted map[emitted]int     // without change and versions
	last    map[string]*emitted // by ARN
	single  bool
}

func newHistory(t *testing.T, seed uint64) *history {
	dice := rand.New(rand.NewPCG(seed, 1))
	fields := map[string]any{"pageSize": []string{"1", "3", "100"}[dice.IntN(3)], "singlePage": dice.IntN(3) == 0}
	if dice.IntN(2) == 0 {
		fields["emitBehaviour"] = "emitPage"
	}
	lag := 5 * time.Minute
	if dice.IntN(3) == 0 {
		lag = time.Duration(dice.Int64N(int64(lag)))
	}
	return &history{
		world: newWorld(t, seed, lag, fields), dice: dice,
		gone: map[string]bool{}, emitted: map[emitted]int{}, last: map[string]*emitted{}, single: fields["singlePage"].(bool),
	}
}

// pause is the time between two events, often none.
func (h *history) pause() time.Duration {
	longest := []time.Duration{0, 0, 3 * time.Millisecond, time.Minute, time.Minute, time.Minute, 4 * time.Minute, time.Hour}[h.dice.IntN(8)]
	return time.Duration(h.dice.Int64N(int64(longest) + 1))
}

func (h *history) run() {
	for range 10 + h.dice.IntN(50) {
		h.clock = h.clock.Add(h.pause())
		if h.dice.IntN(3) == 0 {
			h.check()
		} else {
			h.change()
		}
	}
	h.clock = h.clock.Add(time.Hour)
	for n := -1; n != len(h.emitted); {
		n = len(h.emitted)
		h.check()
	}
	for _, e := range h.listed() {
		assert.Equal(h.t, 1, h.emitted[e], "the end of %s", e.Name)
	}
}

// change does something to a secret.
func (h *history) change() {
	if len(h.names) == 0 || h.dice.IntN(4) == 0 {
		name := fmt.Sprint("secret-", len(h.names))
		h.names = append(h.names, name)
		h.create(name)
		return
	}
	name := h.names[h.dice.IntN(len(h.names))]
	switch {
	case h.gone[name]:
		h.restore(name)
		h.gone[name] = false
	case h.dice.IntN(4) == 0:
		h.delete(name)
		h.gone[name] = true
	case h.dice.IntN(3) == 0:
		h.tag(name)
	case h.dice.IntN(3) == 0:
		h.put(name, "AWSPENDING")
	default:
		h.put(name)
	}
}

// check polls, at times in another container or while the broker goes away.
func (h *history) check() {
	listed := h.listed()
	if h.dice.IntN(3) == 0 {
		h.restart()
	}
	refuses := 0
	if h.dice.IntN(5) == 0 {
		refuses = 1 + h.dice.IntN(3)
	}
	got, err := h.poll(refuses)
	if err != nil {
		require.ErrorIs(h.t, err, errRefused)
	}
	for _, e := range got {
		assert.Equal(h.t, h.expected(e), e.Change, "%s of %s", e.Name, e.LastChangedDate)
		h.last[e.ARN] = &e
		h.emitted[e.state()]++
		assert.Equal(h.t, 1, h.emitted[e.state()], "%s of %s is emitted twice", e.Name, e.LastChangedDate)
	}
	if err == nil && !h.single {
		for _, e := range listed {
			assert.Equal(h.t, 1, h.emitted[e], "%s of %s is missed", e.Name, e.LastChangedDate)
		}
	}
}

// expected is what happened to a secret since it was emitted.
func (h *history) expected(now emitted) string {
	before := h.last[now.ARN]
	wasGone := before != nil && before.Change == deletion
	switch {
	case h.isListedAsGone(now.ARN):
		return deletion
	case before == nil:
		return created
	case wasGone:
		return restored
	case before.VersionID == now.VersionID:
		return changedMetadata
	}
	return changedValue
}

func (h *history) isListedAsGone(arn string) bool {
	for _, s := range h.list() {
		if *s.ARN == arn {
			return s.DeletedDate != nil
		}
	}
	return false
}

func (e emitted) state() emitted {
	return emitted{ARN: e.ARN, Name: e.Name, LastChangedDate: e.LastChangedDate}
}

// listed are the states of all secrets as ListSecrets knows them.
func (h *history) listed() (states []emitted) {
	for _, s := range h.list() {
		states = append(states, emitted{ARN: *s.ARN, Name: *s.Name, LastChangedDate: isoMillis(*s.LastChangedDate)})
	}
	return states
}

func (h *history) list() []types.SecretListEntry {
	out, err := h.ListSecrets(h.t.Context(), &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(100), IncludePlannedDeletion: aws.Bool(true)})
	require.NoError(h.t, err)
	require.Nil(h.t, out.NextToken)
	return out.SecretList
}
