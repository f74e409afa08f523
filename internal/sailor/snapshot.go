package sailor

import (
	"encoding/json"
	"errors"
	"sync"
)

var errNoObject = errors.New("a snapshot must be a JSON object")

// snapshot is the step's snapshot in memory, a JSON object.
type snapshot struct {
	mu    sync.Mutex
	value json.RawMessage
}

func (s *snapshot) current() json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

func (s *snapshot) replace(value json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = value
}

// merge sets the members of changes.
func (s *snapshot) merge(changes json.RawMessage) error {
	members, err := object(changes)
	if err != nil {
		return err
	}
	if _, ok := members["$set"]; ok {
		return errors.New("$set is not supported: give the members to change")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	merged, err := object(s.value)
	if err != nil {
		return err
	}
	for name, value := range members {
		merged[name] = value
	}
	s.value, err = json.Marshal(merged)
	return err
}

func object(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if len(raw) == 0 {
		return map[string]json.RawMessage{}, nil
	}
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, errNoObject
	}
	return members, nil
}

// accountOf returns the id of the credentials that a step uses.
func accountOf(config json.RawMessage) (string, error) {
	var members struct {
		Account string `json:"_account"`
	}
	if err := json.Unmarshal(config, &members); err != nil || members.Account == "" {
		return "", errors.New("the step's configuration names no account")
	}
	return members.Account, nil
}
