package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"aws-secrets-manager-connector/internal/demo"
)

// story tells the demo's, a chapter at a time.
type story struct {
	mu      sync.Mutex
	telling demo.Telling
}

func (w *Workbench) headings(context.Context, struct{}) ([]demo.Heading, error) {
	return demo.Headings(), nil
}

type chapter struct {
	Number int `json:"number"` // from 0, where the emulator goes back to its seed
}

// play sends the message of a chapter, which must be the next one or the first.
func (w *Workbench) play(ctx context.Context, c chapter, tell func(event)) error {
	s := &w.story
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case w.options.AWS.Real:
		return errors.New("the story needs the emulator, for it creates and deletes secrets")
	case c.Number == 0:
		if err := w.environment.AWS.Reset(); err != nil {
			return err
		}
		s.telling = demo.Telling{}
	case c.Number != s.telling.Next():
		return fmt.Errorf("the next chapter is number %d", s.telling.Next()+1)
	}
	told, err := s.telling.Message()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(told.Body)
	if err != nil {
		return err
	}
	result, err := w.run(ctx, message{Function: told.Function, Body: raw, protocol: told.Protocol, headers: told.Headers}, tell)
	if err != nil {
		return err
	}
	if len(result.outputs) != 1 {
		return fmt.Errorf("the chapter has one output, and %d came", len(result.outputs))
	}
	return s.telling.Check(result.sent, result.outputs[0])
}
