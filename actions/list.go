package actions

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

// The values of the field emitBehaviour, in the platform's words.
const (
	emitPage         = "emitPage"         // one message with the page as AWS returns it
	emitAll          = "emitAll"          // one message with all pages joined
	emitIndividually = "emitIndividually" // one message for each element
)

// pager is one of the SDK's paginators.
type pager[Out any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, optFns ...func(*secretsmanager.Options)) (Out, error)
}

// listing is an operation that returns pages.
type listing[In, Out smithy.Serializable] struct {
	pages func(awsapi.API, In) pager[Out]
	// split makes of an input those of the single calls; nil where there is one.
	split func(In) ([]In, error)
	// next points to the page's NextToken.
	next func(Out) **string
	// join appends the elements of page to all.
	join func(all, page Out)
	// each returns the elements of a page, in order.
	each func(Out) []element
}

// element is one entry of a page, or the error in the place of one.
type element struct {
	value smithy.Serializable
	err   error
}

// list is the handler of a listing. It obeys the field emitBehaviour.
func list[In any, PIn request[In], Out smithy.Serializable](s *step, l listing[PIn, Out]) component.Handler {
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		emit, err := l.behaviour(s)
		if err != nil {
			return err
		}
		in := PIn(new(In))
		if err := decode(req.Message.Body, in); err != nil {
			return err
		}
		inputs := []PIn{in}
		if l.split != nil {
			if inputs, err = l.split(in); err != nil {
				return err
			}
		}
		api, err := s.client()
		if err != nil {
			return err
		}
		return emit(ctx, out, l.followAll(ctx, req.Stopping, s.operation, inputs, api), s.deps.SizeLimit)
	})
}

// emitter emits pages in one of the three ways.
type emitter[Out any] func(ctx context.Context, out component.Emitter, pages iter.Seq2[Out, error], sizeLimit int) error

func (l listing[In, Out]) behaviour(s *step) (emitter[Out], error) {
	name, err := emitBehaviour(s.deps.Config)
	if err != nil {
		return nil, err
	}
	switch name {
	case emitAll:
		return l.emitAll, nil
	case emitIndividually:
		return l.emitIndividually, nil
	}
	return l.emitPage, nil
}

// emitBehaviour reads the field, which is emitPage where it is empty.
func emitBehaviour(config json.RawMessage) (string, error) {
	fields, err := component.ReadFields(config)
	if err != nil {
		return "", err
	}
	return fields.Choice(emitField(), emitPage, emitAll, emitIndividually)
}

func emitField() component.Field {
	return component.Field{Name: "emitBehaviour", Label: "Emit behaviour"}
}

// What bounds a listing that never ends, as a false server's may not. AWS sends
// an empty page now and then, where filters leave nothing of it.
const (
	maxEmptyPages = 1000             // in a row
	maxReading    = 10 * time.Minute // for all pages of an input, without the time that emits take
)

// followAll yields the pages of all inputs, one input after the other. Where
// there are several, the pages have no NextToken: each is followed to its end.
func (l listing[In, Out]) followAll(
	ctx context.Context, stopping <-chan struct{}, op string, inputs []In, api awsapi.API,
) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		for _, in := range inputs {
			for page, err := range l.follow(ctx, stopping, op, in, api) {
				if err == nil && len(inputs) > 1 {
					*l.next(page) = nil
				}
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// follow yields page after page of one input, without the empty ones in between.
// It ends with component.ErrStopping when stopping is closed.
func (l listing[In, Out]) follow(
	ctx context.Context, stopping <-chan struct{}, op string, in In, api awsapi.API,
) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		var none Out
		p := l.pages(api, in)
		last, empty, reading := "", 0, time.Duration(0)
		for p.HasMorePages() {
			select {
			case <-stopping:
				yield(none, component.ErrStopping)
				return
			default:
			}
			began := time.Now()
			page, err := p.NextPage(ctx)
			reading += time.Since(began)
			if err != nil {
				yield(none, awsapi.Wrap(op, in, err))
				return
			}
			token := aws.ToString(*l.next(page))
			if token != "" && token == last {
				yield(none, endless(op, "the server sends the same NextToken again and again"))
				return
			}
			last = token
			empty++
			if len(l.each(page)) > 0 || !p.HasMorePages() {
				empty = 0
				if !yield(page, nil) {
					return
				}
			}
			switch {
			case empty > maxEmptyPages:
				yield(none, endless(op, fmt.Sprintf("the server sends more than %d empty pages in a row", maxEmptyPages)))
				return
			case reading > maxReading && p.HasMorePages():
				yield(none, endless(op, fmt.Sprintf("reading the pages takes longer than %v", maxReading)))
				return
			}
		}
	}
}

func endless(op, what string) error {
	return component.Errorf(component.InvalidOutput, "%s failed: %s; check endpoint, or narrow the list down with Filters", op, what)
}

// emitPage emits the first page; of several inputs all pages.
func (l listing[In, Out]) emitPage(ctx context.Context, out component.Emitter, pages iter.Seq2[Out, error], _ int) error {
	emitted := false
	for page, err := range pages {
		if err != nil {
			return noRebound(err, emitted)
		}
		emitted = true
		if err := out.Data(ctx, component.NewMessage(encode(page))); err != nil {
			return err
		}
		if *l.next(page) != nil {
			return nil // the flow asks for the rest
		}
	}
	return nil
}

func (l listing[In, Out]) emitAll(ctx context.Context, out component.Emitter, pages iter.Seq2[Out, error], sizeLimit int) error {
	var all Out
	first, size := true, 0
	for page, err := range pages {
		if err != nil {
			return err
		}
		// Counted page by page, so that a list without end never fills the memory.
		size += sentSize(encode(page))
		if sizeLimit > 0 && size > sizeLimit {
			return component.Errorf(component.InvalidConfig, "%v is %s, but all pages together make a message of more than %d bytes, "+
				"which is the limit: choose %s or %s, or narrow the list down with Filters", emitField(), emitAll, sizeLimit, emitIndividually, emitPage)
		}
		if first {
			all, first = page, false
			continue
		}
		l.join(all, page)
	}
	*l.next(all) = nil
	return out.Data(ctx, component.NewMessage(encode(all)))
}

// sentSize is what body takes on the wire: encrypted, then as base64.
func sentSize(body json.RawMessage) int { return base64.StdEncoding.EncodedLen(len(body)) }

func (l listing[In, Out]) emitIndividually(ctx context.Context, out component.Emitter, pages iter.Seq2[Out, error], _ int) error {
	emitted := false
	for page, err := range pages {
		if err != nil {
			return noRebound(err, emitted)
		}
		for _, e := range l.each(page) {
			emitted = true
			if err := e.emit(ctx, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e element) emit(ctx context.Context, out component.Emitter) error {
	if e.err != nil {
		return out.Error(ctx, e.err)
	}
	return out.Data(ctx, component.NewMessage(encode(e.value)))
}

// noRebound makes a plain error of a rebound once something was emitted: the
// message would come back and emit the same elements again, up to the
// platform's limit.
func noRebound(err error, emitted bool) error {
	var rebound *component.Rebound
	if emitted && errors.As(err, &rebound) && rebound.Err != nil {
		return rebound.Err
	}
	return err
}
