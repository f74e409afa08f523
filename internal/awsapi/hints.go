package awsapi

import "strings"

// hint says what the flow's owner can do about an AWS error, "" if nothing
// beyond AWS's own words. text is what AWS said.
func hint(op, code, text string) string {
	if isAccessError(code) {
		return accessHint(op, text)
	}
	switch code {
	case "UnrecognizedClientException", "InvalidClientTokenId":
		return "AWS does not know accessKeyId or sessionToken: check both, and that the region is enabled for the account"
	case "InvalidSignatureException", "SignatureDoesNotMatch":
		return "check that accessKeySecret belongs to accessKeyId, and the clock of the container's host"
	case "ExpiredTokenException", "ExpiredToken":
		return "enter new temporary keys with their sessionToken, or permanent ones"
	case "IncompleteSignature", "IncompleteSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException":
		return "check accessKeyId, accessKeySecret and sessionToken for stray characters"
	case "OptInRequired", "SubscriptionRequiredException":
		return "the account is not set up for this service or region yet"
	case "DecryptionFailure":
		return "check that the secret's KMS key is enabled, and allow kms:Decrypt on it"
	case "EncryptionFailure":
		return "check that the secret's KMS key is enabled, and allow kms:GenerateDataKey and kms:Decrypt on it"
	case "InvalidRequestException":
		switch {
		case op == "DeleteSecret" && strings.Contains(text, "already scheduled for deletion"):
			return "there is nothing left to do; RestoreSecret takes the deletion back"
		case strings.Contains(text, "deletion"), strings.Contains(text, "deleted"):
			return "use RestoreSecret to get it back first"
		case strings.Contains(text, "previous rotation"):
			return "one that BeginRotation began is ended by FinishRotation or AbortRotation; the version with AWSPENDING is in DescribeSecret's output"
		case strings.Contains(text, "No Lambda rotation function"):
			return "map RotationLambdaARN, or rotate the secret in steps of the flow with BeginRotation"
		}
	case "ResourceNotFoundException":
		return notFoundHint(text)
	case "ResourceExistsException":
		if op == "CreateSecret" {
			return "use PutSecretValue or UpdateSecret to change a secret that exists, or UpsertSecret for either"
		}
		return "a version with this ClientRequestToken exists already: leave ClientRequestToken out or use a new one"
	case quotaExceeded:
		return "a quota of the AWS account or of the secret is used up, such as the number of its versions or secrets"
	case "InvalidNextTokenException":
		return "start again without NextToken, for one is valid for a short time and for the same request only"
	case "PublicPolicyException":
		return "the policy would open the secret to everyone; BlockPublicPolicy refuses that"
	}
	return ""
}

func notFoundHint(text string) string {
	switch {
	case strings.Contains(text, "staging label: AWSCURRENT"):
		return "the secret has no value yet: store one with PutSecretValue"
	case strings.Contains(text, "staging label"):
		return "no version of the secret has this staging label: DescribeSecret tells those there are; AWSPENDING is there during a rotation only"
	case strings.Contains(text, "VersionId"):
		return "the secret has no version with this id: ListSecretVersionIds tells those there are"
	}
	return "check the name or ARN, the version asked for, and the region in the credentials"
}

// spaceHint tells that white space was mapped around a name or ARN, which hardly
// shows, "" if there is none.
func spaceHint(code, secretID string) string {
	if code != "ValidationException" || strings.TrimSpace(secretID) == secretID {
		return ""
	}
	return "there is white space before or after the name: take it away, in the mapper with $trim(…)"
}

// regionHint tells that a secret was looked for in another region than that of
// its ARN, "" if it was not.
func regionHint(secretID, called string) string {
	at, _ := secretRegion(secretID)
	if at == "" || called == "" || at == called {
		return ""
	}
	return "the ARN is one of " + at + ", but the region in the credentials is " + called + ": use credentials for " + at
}
