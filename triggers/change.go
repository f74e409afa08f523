package triggers

import "time"

// The values of the member Change: what happened to a secret.
const (
	created           = "created"
	changedValue      = "value"    // AWSCURRENT is another version
	changedMetadata   = "metadata" // anything else of it
	deletion          = "deletion" // it is scheduled for deletion, or deleted at once
	restored          = "restored"
	rotationSucceeded = "rotationSucceeded"
	rotationFailed    = "rotationFailed"
)

// isoMillis is how all dates of this connector are written.
func isoMillis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
