package component_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func TestHandlerFunc(t *testing.T) {
	fail := errors.New("as told")
	var got component.Request
	var handler component.Handler = component.HandlerFunc(func(_ context.Context, req component.Request, _ component.Emitter) error {
		got = req
		return fail
	})
	require.ErrorIs(t, handler.Handle(t.Context(), component.Request{MessageID: "m"}, nil), fail)
	assert.Equal(t, "m", got.MessageID)
}

func TestErrorHidesItsCause(t *testing.T) {
	var err error = &component.Error{Name: component.Unavailable, Message: "try again", Err: io.ErrUnexpectedEOF}
	require.EqualError(t, err, "try again")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	require.EqualError(t, component.Errorf(component.InvalidInput, "%s is missing", "Name"), "Name is missing")
	assert.Equal(t, component.InvalidInput, component.Errorf(component.InvalidInput, "x").Name)
}

func TestReboundTellsItsReason(t *testing.T) {
	inner := component.Errorf(component.Unavailable, "throttled")
	var err error = &component.Rebound{Reason: "AWS throttles", Err: inner}
	require.EqualError(t, err, "AWS throttles")
	var target *component.Error
	require.ErrorAs(t, err, &target)
	assert.Same(t, inner, target)

	require.NotErrorIs(t, &component.Rebound{Reason: "x"}, io.EOF, "without a cause")
}
