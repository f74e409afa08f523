package emulator

import "strings"

// useKey returns AccessDeniedException when the caller may not do the actions of
// KMS with the key of the secret: Secrets Manager uses a customer-managed key on
// behalf of the caller. It asks for nothing else of KMS: any key is there.
func (c call) useKey(sec *secret, key string, actions ...string) error {
	if c.policy == nil || !customerManaged(key) {
		return nil
	}
	domain := "amazonaws.com"
	if partition(sec.region) == "aws-cn" {
		domain += ".cn"
	}
	for _, action := range actions {
		a := access{"kms:" + action, keyARN(sec, key), map[string][]string{
			"aws:principalarn":                {c.caller},
			"aws:requestedregion":             {sec.region},
			"kms:viaservice":                  {"secretsmanager." + sec.region + "." + domain},
			"kms:encryptioncontext:secretarn": {sec.arn},
		}}
		if c.policy.decide(a) != allowed {
			return fail("AccessDeniedException", "Access to KMS is not allowed")
		}
	}
	return nil
}

// customerManaged: any key but the one of AWS, which is used without a name as well.
func customerManaged(key string) bool {
	const managed = "alias/aws/secretsmanager"
	return key != "" && key != managed && !strings.HasSuffix(key, ":"+managed)
}

// mayStore asks for what a new value needs.
func (c call) mayStore(sec *secret, key string) error {
	return c.useKey(sec, key, "GenerateDataKey", "Decrypt")
}

// mayCopy asks for what replicas need: a value is read here and stored there.
func (c call) mayCopy(sec *secret, regions []replicaRegion) error {
	if len(regions) == 0 {
		return nil
	}
	if err := c.useKey(sec, sec.kmsKey, "Decrypt"); err != nil {
		return err
	}
	for _, r := range regions {
		there := &secret{arn: arnIn(sec.arn, *r.Region), region: *r.Region}
		if err := c.useKey(there, r.KmsKeyId, "GenerateDataKey", "Encrypt"); err != nil {
			return err
		}
	}
	return nil
}

// keyARN is the ARN of a key in the secret's Region, whatever it is called: an
// alias stands for a key that there is no need to know.
func keyARN(sec *secret, key string) string {
	if strings.HasPrefix(key, "arn:") {
		return strings.Replace(key, ":alias/", ":key/", 1)
	}
	_, account, _, _ := splitARN(sec.arn)
	return "arn:" + partition(sec.region) + ":kms:" + sec.region + ":" + account + ":key/" + strings.TrimPrefix(key, "alias/")
}
