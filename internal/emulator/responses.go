package emulator

import (
	"fmt"
	"time"
)

// timestamp is a point in time as AWS JSON has it: seconds with a fraction.
type timestamp time.Time

// IsZero lets omitzero leave it out.
func (e timestamp) IsZero() bool { return time.Time(e).IsZero() }

// MarshalJSON keeps milliseconds, as the service does.
func (e timestamp) MarshalJSON() ([]byte, error) {
	ms := time.Time(e).UnixMilli()
	return fmt.Appendf(nil, "%d.%03d", ms/1000, ms%1000), nil
}

type tag struct{ Key, Value string }

// ref names a secret in a response.
type ref struct{ ARN, Name string }

func refOf(s *secret) ref { return ref{s.arn, s.name} }

// versionRef is ref with a version, where there is one.
type versionRef struct {
	ref
	VersionId string `json:",omitempty"`
}

// noOutput is the response of an operation without content.
type noOutput struct{}

// secretValue is a version with its value.
type secretValue struct {
	ref
	VersionId     string
	SecretString  *secretText  `json:",omitempty"`
	SecretBinary  secretBinary `json:",omitempty"`
	VersionStages []string     `json:",omitempty"`
	CreatedDate   timestamp
}

// Format prints the version without its value.
func (v secretValue) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "value of %s", v.ARN) }

// details are what DescribeSecret and ListSecrets tell of a secret. Only
// members that have a value are returned.
type details struct {
	ref
	Type                           string             `json:",omitempty"`
	Description                    string             `json:",omitempty"`
	KmsKeyId                       string             `json:",omitempty"`
	RotationEnabled                *bool              `json:",omitempty"`
	RotationLambdaARN              string             `json:",omitempty"`
	RotationRules                  *rotationRules     `json:",omitempty"`
	ExternalSecretRotationMetadata []rotationMetadata `json:",omitempty"`
	ExternalSecretRotationRoleArn  string             `json:",omitempty"`
	LastRotatedDate                timestamp          `json:",omitzero"`
	LastChangedDate                timestamp          `json:",omitzero"`
	LastAccessedDate               timestamp          `json:",omitzero"`
	DeletedDate                    timestamp          `json:",omitzero"`
	NextRotationDate               timestamp          `json:",omitzero"`
	Tags                           []tag              `json:",omitzero"` // stay when the last one goes
	CreatedDate                    timestamp          `json:",omitzero"`
	PrimaryRegion                  string             `json:",omitempty"`
}

func detailsOf(s *secret) details {
	d := details{
		ref: refOf(s), Type: s.managedType, Description: s.description, KmsKeyId: s.kmsKey,
		LastChangedDate: timestamp(s.changed), LastAccessedDate: timestamp(s.accessed), DeletedDate: timestamp(s.deleted),
		Tags: s.tags, CreatedDate: timestamp(s.created), PrimaryRegion: s.primaryRegion(),
	}
	if r := s.rotation; r.configured {
		d.RotationEnabled, d.RotationLambdaARN, d.RotationRules = &r.enabled, r.lambda, r.rules.described()
		d.ExternalSecretRotationMetadata, d.ExternalSecretRotationRoleArn = r.metadata, r.role
		d.LastRotatedDate = timestamp(r.last)
		if r.enabled {
			d.NextRotationDate = timestamp(r.rules.next(s.lastValueChange()))
		}
	}
	return d
}
