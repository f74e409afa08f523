package triggers

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/component"
)

// secretEvent emits the change that an event of Amazon EventBridge tells of, as
// EventBridge posts it to the webhook of the flow: one that AWS CloudTrail made of a
// call, one of the service itself, or Secret Label Updated. A call that failed
// changed nothing, and nothing is emitted. AWS is not called and no permission needed.
//
// EventBridge may deliver an event twice; its id becomes the message's, by which
// the next step knows it again.
func secretEvent(ctx context.Context, req component.Request, out component.Emitter) error {
	var e event
	if err := json.Unmarshal(req.Message.Body, &e); err != nil { // its text may repeat a value
		return notUnderstood("a body of another form")
	}
	if e.Detail.ErrorCode != "" && e.isFromAWS() {
		req.Log.DebugContext(ctx, "the event tells of a call that failed, nothing is emitted")
		return nil
	}
	change, err := e.change()
	if err != nil {
		return err
	}
	body, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("encode the change: %w", err)
	}
	msg := component.NewMessage(body)
	if uuid.Validate(e.ID) == nil {
		msg.ID = e.ID
	}
	return out.Data(ctx, msg)
}

// event is what EventBridge delivers, as far as it is used. AWS writes some names
// with other capitals at times (aRN); encoding/json does not mind.
type event struct {
	ID         string
	Source     string
	DetailType string `json:"detail-type"`
	Time       string
	Resources  []any // ARNs
	Detail     struct {
		// Of CloudTrail.
		EventSource, EventName, EventTime string
		ErrorCode, ErrorMessage           string
		RequestParameters                 request
		ResponseElements                  struct{ ARN, Name, VersionID string }
		AdditionalEventData               struct{ SecretID string }

		// Of Secret Label Updated.
		Name, LabelUpdated, VersionID string
	}
}

// request is what CloudTrail shows of an operation's input: no values.
type request struct {
	Name, SecretID                                     string
	ClientRequestToken                                 string
	VersionStages                                      []string
	VersionStage, MoveToVersionID, RemoveFromVersionID string
	Description, KmsKeyID                              any
	SecretString, SecretBinary                         json.RawMessage // redacted, if there at all
}

// secretChange is what is emitted.
type secretChange struct {
	ARN, Name         string `json:",omitempty"`
	Change            string
	EventName         string // of CloudTrail, or the detail-type
	Reason            string `json:",omitempty"` // of a rotation that failed
	LastChangedDate   string
	CreatedDate       string `json:",omitempty"`
	DeletedDate       string `json:",omitempty"`
	VersionID         string `json:"VersionId,omitempty"`
	PreviousVersionID string `json:"PreviousVersionId,omitempty"`
}

const labelUpdated = "Secret Label Updated"

// understood are the events, by name, with what each tells of the secret.
var understood = map[string]func(*event, *secretChange){
	"CreateSecret":                    func(e *event, c *secretChange) { c.Change, c.CreatedDate = created, c.LastChangedDate },
	"PutSecretValue":                  putSecretValue,
	"UpdateSecret":                    updateSecret,
	"UpdateSecretVersionStage":        updateSecretVersionStage,
	"DeleteSecret":                    func(e *event, c *secretChange) { c.Change, c.DeletedDate = deletion, c.LastChangedDate },
	"RestoreSecret":                   is(restored),
	"AssociateCrossAccountReplica":    is(changedMetadata),
	"CancelRotateSecret":              is(changedMetadata),
	"DeleteResourcePolicy":            is(changedMetadata),
	"DisassociateCrossAccountReplica": is(changedMetadata),
	"PutResourcePolicy":               is(changedMetadata),
	"RemoveRegionsFromReplication":    is(changedMetadata),
	"ReplicateSecretToRegions":        is(changedMetadata),
	"RotateSecret":                    is(changedMetadata),
	"StopReplicationToReplica":        is(changedMetadata),
	"TagResource":                     is(changedMetadata),
	"UntagResource":                   is(changedMetadata),
	"RotationSucceeded":               is(rotationSucceeded),
	"RotationFailed":                  func(e *event, c *secretChange) { c.Change, c.Reason = rotationFailed, e.Detail.ErrorMessage },
	labelUpdated:                      secretLabelUpdated,
}

func is(change string) func(*event, *secretChange) {
	return func(_ *event, c *secretChange) { c.Change = change }
}

// putSecretValue: the token is the id of the new version. Without labels in the
// request it becomes AWSCURRENT.
func putSecretValue(e *event, c *secretChange) {
	in := e.Detail.RequestParameters
	c.VersionID = cmp.Or(e.Detail.ResponseElements.VersionID, in.ClientRequestToken)
	c.Change = changedValue
	if len(in.VersionStages) > 0 && !slices.Contains(in.VersionStages, awsCurrent) {
		c.Change = changedMetadata
	}
}

// updateSecret: whether there is a new version cannot always be seen. There is
// one in what changes nothing else.
func updateSecret(e *event, c *secretChange) {
	in := e.Detail.RequestParameters
	c.Change = changedValue
	if e.Detail.ResponseElements.VersionID == "" && len(in.SecretString)+len(in.SecretBinary) == 0 && (in.Description != nil || in.KmsKeyID != nil) {
		c.Change = changedMetadata
	}
}

func updateSecretVersionStage(e *event, c *secretChange) {
	in := e.Detail.RequestParameters
	c.Change = changedMetadata
	if in.VersionStage == awsCurrent {
		c.Change, c.VersionID, c.PreviousVersionID = changedValue, in.MoveToVersionID, in.RemoveFromVersionID
	}
}

func secretLabelUpdated(e *event, c *secretChange) {
	c.Change = changedMetadata
	if e.Detail.LabelUpdated == awsCurrent {
		c.Change, c.VersionID = changedValue, e.Detail.VersionID
	}
}

const awsCurrent = "AWSCURRENT"

const fromSecretsManager = "aws.secretsmanager"

func (e *event) isFromAWS() bool {
	return e.Source == fromSecretsManager && (e.DetailType == labelUpdated || e.Detail.EventSource == "secretsmanager.amazonaws.com")
}

// change is what the event tells of a secret.
func (e *event) change() (*secretChange, error) {
	name := e.Detail.EventName
	if e.DetailType == labelUpdated {
		name = labelUpdated
	}
	tell := understood[name]
	switch {
	case e.Source == "", e.DetailType == "", e.Source == fromSecretsManager && e.DetailType != labelUpdated && e.Detail.EventSource == "":
		return nil, component.Errorf(component.InvalidInput, "the body is no event of Amazon EventBridge: it lacks source, detail-type, or in detail an eventSource; "+
			"have EventBridge post the whole event as it is (see docs/events.md)")
	case !e.isFromAWS():
		return nil, notUnderstood("an event of another source")
	case tell == nil && len(name) <= maxEventName && eventName.MatchString(name):
		return nil, notUnderstood(name)
	case tell == nil:
		return nil, notUnderstood("an event without a name")
	}
	at, err := time.Parse(time.RFC3339, cmp.Or(e.Detail.EventTime, e.Time))
	if err != nil {
		return nil, component.Errorf(component.InvalidInput, "the event %s has no time in ISO 8601", name)
	}
	c := &secretChange{EventName: name, LastChangedDate: isoMillis(at), VersionID: e.Detail.ResponseElements.VersionID}
	c.ARN, c.Name = e.secret()
	if c.ARN == "" && c.Name == "" {
		return nil, component.Errorf(component.InvalidInput, "the event %s names no secret", name)
	}
	tell(e, c)
	c.VersionID, c.PreviousVersionID = versionID(c.VersionID), versionID(c.PreviousVersionID)
	return c, nil
}

// versionID leaves out what cannot be the id of a version.
func versionID(id string) string {
	if len(id) < 32 || len(id) > 64 {
		return ""
	}
	return id
}

// secret returns what the event tells of the secret's ARN and name. An ARN in the
// request may lack the six random characters, from which no name can be cut.
func (e *event) secret() (arn, name string) {
	d := &e.Detail
	whole := cmp.Or(d.ResponseElements.ARN, d.AdditionalEventData.SecretID)
	if len(e.Resources) == 1 && whole == "" {
		whole, _ = e.Resources[0].(string)
	}
	id := d.RequestParameters.SecretID
	if resource, ok := resourceOf(whole); ok && wholeResource.MatchString(resource) {
		arn, name = whole, resource[:len(resource)-len("-AbCdEf")]
	} else if _, ok := resourceOf(id); ok {
		arn = id
	}
	for _, told := range []string{d.ResponseElements.Name, d.RequestParameters.Name, d.Name, id} {
		if name == "" && isName(told) {
			name = told
		}
	}
	return arn, name
}

// resourceOf is the last part of a secret's ARN.
func resourceOf(arn string) (string, bool) {
	prefix := arnPrefix.FindString(arn)
	return arn[len(prefix):], prefix != "" && len(prefix) <= maxName && isName(arn[len(prefix):])
}

func isName(text string) bool { return len(text) <= maxName && secretName.MatchString(text) }

// maxEventName is longer than any name of an event.
const maxEventName = 60

// maxName is the longest name of a secret, with the random characters of its ARN.
const maxName = 512

var (
	arnPrefix     = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]+:secret:`)
	wholeResource = regexp.MustCompile(`.-[A-Za-z0-9]{6}$`)
	secretName    = regexp.MustCompile(`^[\w/+=.@!-]+$`)
	eventName     = regexp.MustCompile(`^[A-Z][A-Za-z ]*$`)
)

func notUnderstood(given string) error {
	return component.Errorf(component.InvalidInput, "secretEvent understands these events of AWS Secrets Manager, as Amazon EventBridge delivers them: %s; this is %s",
		strings.Join(slices.Sorted(maps.Keys(understood)), ", "), given)
}
