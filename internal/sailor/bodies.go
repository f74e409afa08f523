package sailor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/envelope"
	"aws-secrets-manager-connector/internal/httpretry"
	"aws-secrets-manager-connector/internal/maester"
	"aws-secrets-manager-connector/internal/settings"
)

// transfers is how many bodies of one message are on their way at once.
const transfers = 8

// maxFetched bounds the bodies of one message that are fetched, in sum, in
// bytes, for they are in memory together. It lets pass what a step may put into
// the storage (mostInStorage), as a message and again as its passthrough.
const maxFetched = 256 << 20

// Storage is the platform's object storage, which keeps bodies that are too
// large for the broker.
type Storage interface {
	// Get fails with a *httpretry.TooLargeError when the budget has too little left.
	Get(ctx context.Context, id string, budget *httpretry.Budget) ([]byte, error)
	// Put returns the new object's id. It may call content more than once.
	Put(ctx context.Context, size int64, content func() io.Reader) (id string, err error)
}

// bodies moves bodies between refs and the storage.
type bodies struct {
	storage Storage
	cipher  *envelope.Cipher
	limit   int64 // of all bodies that are fetched together, bytes
	log     *slog.Logger
}

// bodiesOf are those of one incoming message, and of what comes of it.
func (s *Sailor) bodiesOf(in *incoming) bodies {
	return bodies{
		storage: s.Storage, cipher: s.cipher, log: messageLog(s.Log, &in.headers),
		limit: max(maxFetched, int64(s.Settings.OutgoingMessageSizeLimit)),
	}
}

// fetch gives the refs the bodies that they refer to; each object is read
// once, however many refer to it.
func (b bodies) fetch(ctx context.Context, refs []*bodyRef) error {
	wanted := map[string][]*bodyRef{}
	for _, h := range refs {
		if h.id != "" {
			wanted[h.id] = append(wanted[h.id], h)
		}
	}
	ids := slices.Sorted(maps.Keys(wanted))
	budget := httpretry.NewBudget(b.limit)
	return b.inParallel(ctx, len(ids), func(ctx context.Context, i int) error {
		id := ids[i]
		body, err := b.get(ctx, id, budget)
		if err == nil { // each reference gets a copy
			err = budget.Take(int64(len(body)) * int64(len(wanted[id])-1))
		}
		if err != nil {
			return storageFailure("Failed to get message body with id="+id, err)
		}
		b.log.DebugContext(ctx, "message body fetched", "objectId", id, "bytes", len(body))
		for _, h := range wanted[id] {
			h.body = body
		}
		return nil
	})
}

func (b bodies) get(ctx context.Context, id string, budget *httpretry.Budget) (json.RawMessage, error) {
	content, err := b.storage.Get(ctx, id, budget)
	if err != nil {
		return nil, err
	}
	body, err := b.cipher.DecodeInPlace(content)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	if !json.Valid(body) {
		return nil, envelope.ErrDecode
	}
	return body, nil
}

// upload leaves the refs with references to what were their bodies.
func (b bodies) upload(ctx context.Context, refs []*bodyRef) error {
	return b.inParallel(ctx, len(refs), func(ctx context.Context, i int) error {
		h := refs[i]
		_, size := b.cipher.NewReader(h.body)
		id, err := b.storage.Put(ctx, size, func() io.Reader {
			content, _ := b.cipher.NewReader(h.body)
			return content
		})
		if err != nil {
			return storageFailure("Lightweight message/passthrough body upload error", err)
		}
		b.log.DebugContext(ctx, "message body uploaded", "objectId", id, "bytes", size)
		h.id, h.body = id, json.RawMessage(emptyBody)
		return nil
	})
}

// inParallel calls do with 0 to n-1. It ends with the first error, and returns
// when all calls have.
func (b bodies) inParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for i := range n {
		group.Go(func() error { return do(groupCtx, i) })
	}
	err := group.Wait()
	if err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "transfer of a message body failed", "text", err, "err", errors.Unwrap(err))
	}
	return err
}

// storageFailure speaks with the reference sailor's words, and leaves the cause
// to the log.
func storageFailure(text string, err error) error {
	if errors.Is(err, errNoStorage) {
		text += ": " + errNoStorage.Error()
	}
	if e, ok := errors.AsType[*httpretry.TooLargeError](err); ok {
		text += fmt.Sprintf(": the bodies that the message refers to have at least %d bytes in sum, and the limit is %d", e.Size, e.Limit)
	}
	return &component.Error{Name: unnamed, Message: text, Err: err}
}

var errNoStorage = errors.New("ELASTICIO_OBJECT_STORAGE_URI or ELASTICIO_OBJECT_STORAGE_TOKEN is missing")

func newStorage(set settings.Settings, log *slog.Logger) Storage {
	if set.ObjectStorageURI.IsZero() || set.ObjectStorageToken.IsZero() {
		return noStorage{}
	}
	return maester.New(maester.Options{
		URI: set.ObjectStorageURI, Token: set.ObjectStorageToken, Log: log,
		RequestID: fmt.Sprintf("f:%s;s:%s;m:", set.FlowID, set.StepID),
	})
}

// noStorage is the storage of a step that was not told of any.
type noStorage struct{}

func (noStorage) Get(context.Context, string, *httpretry.Budget) ([]byte, error) {
	return nil, errNoStorage
}

func (noStorage) Put(context.Context, int64, func() io.Reader) (string, error) {
	return "", errNoStorage
}
