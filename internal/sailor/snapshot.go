package sailor

import (
	"encoding/json"
	"errors"
	"fmt"
)

var errNoObject = errors.New("a snapshot must be a JSON object")

func (s *Sailor) currentSnapshot() json.RawMessage {
	s.snapshotMu.Lock()
	defer s.snapshotMu.Unlock()
	return s.snapshot
}

func (s *Sailor) setSnapshot(snapshot json.RawMessage) {
	s.snapshotMu.Lock()
	defer s.snapshotMu.Unlock()
	s.snapshot = snapshot
}

// mergeSnapshot sets the members of changes in the snapshot.
func (s *Sailor) mergeSnapshot(changes json.RawMessage) error {
	members, err := object(changes)
	if err != nil {
		return err
	}
	if _, ok := members["$set"]; ok {
		return errors.New("$set is not supported: give the members to change")
	}
	s.snapshotMu.Lock()
	defer s.snapshotMu.Unlock()
	merged, err := object(s.snapshot)
	if err != nil {
		return err
	}
	for name, value := range members {
		merged[name] = value
	}
	s.snapshot, err = json.Marshal(merged)
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

// account is the id of the credentials that the step uses.
func (s *Sailor) account() (string, error) {
	var config struct {
		Account string `json:"_account"`
	}
	if err := json.Unmarshal(s.step.Config, &config); err != nil || config.Account == "" {
		return "", fmt.Errorf("the step's configuration names no account")
	}
	return config.Account, nil
}
