package iampolicy

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"sync"
)

// Secret is the secret that a policy is for. What is not known of it is to be
// replaced in the policy: REGION, ACCOUNT or NAME.
type Secret struct {
	Partition string // aws where it is not known
	Region    string
	Account   string
	Name      string
}

// suffix stands for the characters that AWS ends an ARN with, which differ when
// a secret is made again.
const suffix = "-??????"

var secretARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:(aws[a-z-]*):secretsmanager:([a-z]{2,}(?:-[a-z]+)+-\d+):(\d{12}):secret:([\w/+=.@-]+?)(?:-\w{6}|-\?{6})?$`)
})

// ParseSecret reads the ARN of a secret. Its last hyphen and six characters may
// be missing, or be question marks.
func ParseSecret(arn string) (Secret, error) {
	found := secretARN().FindStringSubmatch(arn)
	if found == nil {
		return Secret{}, errors.New("must be the ARN of a secret, such as " +
			"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/database-AbCdEf")
	}
	return Secret{found[1], found[2], found[3], found[4]}, nil
}

// ARN is the secret's, for policies: it stays right when the secret is made
// again, and fits no other one.
func (s Secret) ARN() string {
	return s.arn("secretsmanager", "secret:"+cmp.Or(s.Name, "NAME")+suffix)
}

func (s Secret) arn(service, resource string) string {
	return strings.Join([]string{
		"arn", cmp.Or(s.Partition, "aws"), service, cmp.Or(s.Region, "REGION"), cmp.Or(s.Account, "ACCOUNT"), resource,
	}, ":")
}

// throughSecretsManager is the condition under which a KMS key may be used: by
// Secrets Manager alone, for this secret, and to find out whether the key may be
// used at all. The domain behind the region depends on the partition.
func (s Secret) throughSecretsManager() map[string]map[string]texts {
	return map[string]map[string]texts{"StringLike": {
		"kms:ViaService":                  {"secretsmanager." + cmp.Or(s.Region, "REGION") + ".*"},
		"kms:EncryptionContext:SecretARN": {s.ARN(), "RequestToValidateKeyAccess"},
	}}
}
