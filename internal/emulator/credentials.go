package emulator

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"aws-secrets-manager-connector/internal/component"
)

// credentialsFile is what ReadCredentials reads.
type credentialsFile struct {
	Keys  []accessKey   `json:"keys"`
	Roles []trustedRole `json:"roles"`
}

type accessKey struct {
	AccessKeyID     string           `json:"accessKeyId"`
	SecretAccessKey component.Secret `json:"secretAccessKey"`
	SessionToken    component.Secret `json:"sessionToken"`
	User            string           `json:"user"`
	Policy          *IdentityPolicy  `json:"policy"`
}

type trustedRole struct {
	ARN        string          `json:"arn"`
	ExternalID string          `json:"externalId"`
	Policy     *IdentityPolicy `json:"policy"`
}

// ReadCredentials sets Credentials and Roles from JSON; see the package's
// documentation. Its errors never show a secret.
func (o *Options) ReadCredentials(r io.Reader) error {
	var file credentialsFile
	if err := decodeStrict(r, &file); err != nil {
		return fmt.Errorf("read credentials: %w", withoutValue(err))
	}
	if len(file.Keys) == 0 {
		return errors.New("read credentials: there are no keys")
	}
	o.Credentials, o.Roles = make(map[string]Credential), make(map[string]Role)
	for i, k := range file.Keys {
		_, again := o.Credentials[k.AccessKeyID]
		switch {
		case !consistsOf(k.AccessKeyID, alphanumeric):
			return fmt.Errorf("read credentials: keys[%d]: accessKeyId must be letters and digits", i)
		case again:
			return fmt.Errorf("read credentials: keys[%d]: accessKeyId is there twice", i)
		case k.SecretAccessKey.Reveal() == "":
			return fmt.Errorf("read credentials: keys[%d]: secretAccessKey is missing", i)
		case k.User != "" && !consistsOf(k.User, alphanumeric+"+=,.@_-"):
			return fmt.Errorf("read credentials: keys[%d]: user must be letters, digits and +=,.@_-", i)
		}
		o.Credentials[k.AccessKeyID] = Credential{User: k.User, SecretKey: k.SecretAccessKey, SessionToken: k.SessionToken, Policy: k.Policy}
	}
	for i, role := range file.Roles {
		if p := strings.SplitN(role.ARN, ":", 6); len(p) < 6 || p[0] != "arn" || p[2] != "iam" || !strings.HasPrefix(p[5], "role/") {
			return fmt.Errorf("read credentials: roles[%d]: arn must have the form arn:aws:iam::account:role/name", i)
		}
		o.Roles[role.ARN] = Role{ExternalID: role.ExternalID, Policy: role.Policy}
	}
	return nil
}
