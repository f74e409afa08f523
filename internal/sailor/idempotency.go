package sailor

import (
	"encoding/binary"

	"aws-secrets-manager-connector/internal/idempotency"
	"aws-secrets-manager-connector/internal/settings"
)

// identifiers makes what must be the same in whichever container the work is
// done again (decision 7). All of it is keyed, for it is seen in AWS and in logs:
// nobody must be able to test guesses of a secret with it.
type identifiers struct {
	flowID, stepID []byte
	tokens, emits  idempotency.Key
}

func newIdentifiers(set settings.Settings) (identifiers, error) {
	tokens, err := idempotency.NewKey(set.MessageCryptoPassword, "idempotency token of a message's input")
	if err != nil {
		return identifiers{}, err
	}
	emits, err := idempotency.NewKey(set.MessageCryptoPassword, "messageId of an emit")
	return identifiers{[]byte(set.FlowID), []byte(set.StepID), tokens, emits}, err
}

// token is that of the input of a message.
func (i identifiers) token(messageID string, input []byte) string {
	return i.tokens.UUID(i.flowID, i.stepID, []byte(messageID), input).String()
}

// emitID is the messageId of an emit: it follows from the incoming message, the
// place of the emit among those of the message, and its content. A message
// without an id cannot be told from others, and has random ones.
func (s *Sailor) emitID(in *incoming, place int, content ...[]byte) string {
	if in.headers.MessageID == "" {
		return s.NewID()
	}
	of := [][]byte{s.identifiers.flowID, s.identifiers.stepID, []byte(in.headers.MessageID), in.delivery.Body, number(place)}
	return s.identifiers.emits.UUID(append(of, content...)...).String()
}

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
