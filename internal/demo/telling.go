package demo

import (
	"fmt"

	"aws-secrets-manager-connector/internal/fake"
)

// Telling is the story told message by message by somebody else, in order and
// from an AWS without secrets. Its zero value stands before the first chapter.
type Telling struct {
	next  int
	known remembered
}

// Heading is what a chapter is about.
type Heading struct {
	Title    string `json:"title"`
	Function string `json:"function"`
}

// Headings are those of all chapters.
func Headings() []Heading {
	headings := make([]Heading, len(story))
	for i, c := range story {
		headings[i] = Heading{c.title, c.function}
	}
	return headings
}

// Message is one for a function, in a version of the protocol.
type Message struct {
	Function string
	Body     map[string]any
	Protocol int
	Headers  map[string]any
}

// Next is the number of the next chapter, from 0.
func (t *Telling) Next() int { return t.next }

// Message is the next chapter's.
func (t *Telling) Message() (Message, error) {
	if t.next >= len(story) {
		return Message{}, fmt.Errorf("the story has %d chapters", len(story))
	}
	c := story[t.next]
	return Message{c.function, c.body(t.known), c.protocol, c.headers(t.known)}, nil
}

// Check compares what came of the message with the chapter, and goes on to the
// next one if it is as told.
func (t *Telling) Check(sent fake.Sent, got fake.Received) error {
	if t.known == nil {
		t.known = remembered{}
	}
	if err := story[t.next].check(sent, got, t.known); err != nil {
		return err
	}
	t.next++
	return nil
}
