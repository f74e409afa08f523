package triggers

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// polling emits the descriptions of the secrets that were created or changed
// since the last message, oldest change first, each change once. Of several
// changes of one secret between two messages it emits the last. Values are
// never read.
//
// The step's snapshot keeps how far it came. It is emitted after each page.
//
// It needs secretsmanager:ListSecrets, and secretsmanager:ListSecretVersionIds
// to tell whether the value of a secret changed.
type polling struct {
	deps    component.Deps
	now     func() time.Time
	connect func(awsapi.Config) (awsapi.API, error)

	mu     sync.Mutex // one poll at a time
	api    awsapi.API // nil until the first message
	latest json.RawMessage
}

// Handle implements component.Handler.
func (p *polling) Handle(ctx context.Context, req component.Request, out component.Emitter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.poll(ctx, req, out)
	awsapi.LogDetail(ctx, req.Log, err)
	return err
}

func (p *polling) poll(ctx context.Context, req component.Request, out component.Emitter) error {
	fields, err := readPollingFields(p.deps.Config)
	if err != nil {
		return err
	}
	if p.latest == nil { // later the message may have come before the last poll ended
		p.latest = req.Snapshot
	}
	c, err := decodeCursor(p.latest, fields.start)
	if err != nil {
		return err
	}
	api, err := p.client()
	if err != nil {
		return err
	}
	r := &round{pollingFields: fields, cursor: c, api: api, out: out, save: p.save}
	return r.run(ctx, req.Stopping, p.now)
}

// client returns the step's one client.
func (p *polling) client() (awsapi.API, error) {
	if p.api != nil {
		return p.api, nil
	}
	cfg, err := awsapi.ParseConfig(p.deps.Config)
	if err != nil {
		return nil, err
	}
	cfg.SessionName = p.deps.FlowID
	p.api, err = p.connect(cfg)
	return p.api, err
}

func (p *polling) save(ctx context.Context, out component.Emitter, c *cursor) error {
	text, err := c.encode()
	if err != nil {
		return fmt.Errorf("encode the snapshot: %w", err)
	}
	p.latest = text
	return out.Snapshot(ctx, text)
}

// round is the work of one message.
type round struct {
	pollingFields
	*cursor

	api  awsapi.API
	out  component.Emitter
	save func(context.Context, component.Emitter, *cursor) error
}

// change is a secret as it is after its last change.
type change struct {
	position
	secret *types.SecretListEntry
}

// run emits page after page, as far as the cursor can keep what was emitted.
func (r *round) run(ctx context.Context, stopping <-chan struct{}, now func() time.Time) error {
	for {
		changes, more, err := r.list(ctx, stopping)
		if err != nil {
			return err
		}
		horizon := r.horizon(now())
		for len(changes) > 0 {
			n := r.fit(positions(changes[:min(len(changes), r.pageSize)]), horizon)
			if n == 0 {
				return nil // the others wait
			}
			page, last := changes[:n], n == len(changes) && !more
			if err := r.emit(ctx, page, horizon, last); err != nil || r.singlePage {
				return err
			}
			changes = changes[n:]
			if isClosed(stopping) {
				return component.ErrStopping
			}
		}
		if !more {
			return nil
		}
	}
}

func isClosed(stopping <-chan struct{}) bool {
	select {
	case <-stopping:
		return true
	default:
		return false
	}
}

func positions(changes []change) []position {
	all := make([]position, len(changes))
	for i, c := range changes {
		all[i] = c.position
	}
	return all
}

const (
	largePage = 100    // the largest that ListSecrets returns
	maxPages  = 10_000 // twice what an account may have
	maxHeld   = 10_000 // changes in memory
)

// list returns the changes that were not emitted, in order. More reports whether
// there were too many for the memory: then it is the first of them.
//
// The newest change is listed first, so that a page of old ones ends it, unless
// the server does not sort at all.
func (r *round) list(ctx context.Context, stopping <-chan struct{}) (changes []change, more bool, err error) {
	in := r.input()
	pages := secretsmanager.NewListSecretsPaginator(r.api, in)
	first, last, isSorted := position{math.MaxInt64, maxKey}, int64(math.MaxInt64), true // first of what was left out
	for n := 0; pages.HasMorePages(); n++ {
		if isClosed(stopping) {
			return nil, false, component.ErrStopping
		}
		if n == maxPages {
			return nil, false, component.Errorf(component.InvalidOutput, "ListSecrets failed: the server sends more than %d pages; check endpoint", maxPages)
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, awsapi.Wrap("ListSecrets", in, err)
		}
		old := len(page.SecretList) > 0
		for i := range page.SecretList {
			secret := &page.SecretList[i]
			c := change{positionOf(aws.ToString(secret.ARN), changedAt(secret)), secret}
			r.newest, old = max(r.newest, c.at), old && c.at < r.until.at
			isSorted, last = isSorted && c.at <= last, c.at
			if c.at <= r.end && !r.isEmitted(c.position) && c.compare(first) < 0 {
				changes = append(changes, c)
			}
		}
		if len(changes) > 2*maxHeld {
			sort(changes)
			first, more = changes[maxHeld].position, true
			changes = slices.Clone(changes[:maxHeld])
		}
		if old && isSorted {
			break
		}
	}
	sort(changes)
	return changes, more, nil
}

func sort(changes []change) {
	slices.SortFunc(changes, func(a, b change) int { return a.compare(b.position) })
}

func changedAt(secret *types.SecretListEntry) time.Time {
	if secret.LastChangedDate == nil {
		return aws.ToTime(secret.CreatedDate)
	}
	return *secret.LastChangedDate
}

// emit emits changes in one message, or in one each, and keeps in the snapshot
// those that were. Last says that no others are left.
func (r *round) emit(ctx context.Context, changes []change, horizon int64, last bool) error {
	bodies := make([]json.RawMessage, len(changes))
	versions := make([]uint16, len(changes))
	for i, c := range changes {
		kind, err := r.kind(ctx, c.secret)
		if err != nil {
			return err
		}
		if bodies[i], err = describe(c.secret, kind); err != nil {
			return err
		}
		versions[i] = stateOf(c.secret)
	}
	sent, err := r.send(ctx, bodies)
	for i, c := range changes[:sent] {
		r.setVersion(aws.ToString(c.secret.ARN), versions[i])
	}
	r.add(positions(changes[:sent]), horizon)
	if last && err == nil {
		r.finish(horizon)
	}
	if sent == 0 {
		return err
	}
	if saved := r.save(ctx, r.out, r.cursor); err == nil {
		err = saved
	}
	return err
}

// send returns how many were emitted.
func (r *round) send(ctx context.Context, bodies []json.RawMessage) (int, error) {
	if r.emitBehaviour == emitPage {
		body, err := json.Marshal(map[string][]json.RawMessage{"SecretList": bodies})
		if err == nil {
			err = r.out.Data(ctx, component.NewMessage(body))
		}
		if err != nil {
			return 0, err
		}
		return len(bodies), nil
	}
	for i, body := range bodies {
		if err := r.out.Data(ctx, component.NewMessage(body)); err != nil {
			return i, err
		}
	}
	return len(bodies), nil
}

// describe is what is emitted of a secret.
func describe(secret *types.SecretListEntry, kind string) (json.RawMessage, error) {
	more := map[string]string{"Change": kind}
	if id := versionWith(secret, awsCurrent); id != "" {
		more["VersionId"] = id
	}
	if id := versionWith(secret, "AWSPREVIOUS"); id != "" && kind == changedValue {
		more["PreviousVersionId"] = id
	}
	head, err := json.Marshal(more)
	if err != nil {
		return nil, fmt.Errorf("encode the change: %w", err)
	}
	rest := awsapi.Encode(secret)
	if string(rest) == "{}" {
		return head, nil
	}
	return append(append(head[:len(head)-1], ','), rest[1:]...), nil
}

// versionWith is the id of the version that has the staging label, "" if none has.
func versionWith(secret *types.SecretListEntry, stage string) string {
	for id, stages := range secret.SecretVersionsToStages {
		if slices.Contains(stages, stage) {
			return id
		}
	}
	return ""
}

// stateOf is what the cursor remembers of a secret.
func stateOf(secret *types.SecretListEntry) uint16 {
	if secret.DeletedDate != nil {
		return deleted
	}
	return hashVersion(versionWith(secret, awsCurrent))
}

// kind finds out what happened to a secret: from what was emitted of it before,
// if that is not too long ago, and else from its dates and that of its version.
func (r *round) kind(ctx context.Context, secret *types.SecretListEntry) (string, error) {
	before, known := r.version(aws.ToString(secret.ARN))
	current := versionWith(secret, awsCurrent)
	switch {
	case secret.DeletedDate != nil:
		return deletion, nil
	case known && before == deleted:
		return restored, nil
	case known && before == stateOf(secret):
		return changedMetadata, nil
	case known:
		return changedValue, nil
	case r.isNews(secret.CreatedDate):
		return created, nil
	case r.isNews(secret.LastRotatedDate):
		return changedValue, nil
	case current == "":
		return changedMetadata, nil
	}
	in := &secretsmanager.ListSecretVersionIdsInput{SecretId: secret.ARN, MaxResults: aws.Int32(largePage)}
	out, err := r.api.ListSecretVersionIds(ctx, in)
	if err != nil {
		return "", awsapi.Wrap("ListSecretVersionIds", in, err)
	}
	for _, v := range out.Versions {
		if aws.ToString(v.VersionId) == current && r.isNews(v.CreatedDate) {
			return changedValue, nil
		}
	}
	return changedMetadata, nil
}

// isNews reports whether a date is later than what the rounds before knew all of.
func (r *round) isNews(date *time.Time) bool { return date != nil && date.UnixMilli() > r.since }
