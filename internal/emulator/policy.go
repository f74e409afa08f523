package emulator

type policyOutput struct {
	ref
	ResourcePolicy string `json:",omitempty"`
}

func (s *service) getResourcePolicy(c call, in *secretIDInput) (*policyOutput, error) {
	sec, err := s.readable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	return &policyOutput{refOf(sec), sec.policy}, nil
}

type putResourcePolicyInput struct {
	SecretId          string
	ResourcePolicy    string
	BlockPublicPolicy bool
}

func (s *service) putResourcePolicy(c call, in *putResourcePolicyInput) (*ref, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	policy, err := parsePolicy(in.ResourcePolicy)
	if err != nil {
		return nil, err
	}
	if in.BlockPublicPolicy && policy.public() {
		return nil, fail("PublicPolicyException", "The resource policy was not attached because it allows broad access to the secret.")
	}
	sec.policy, sec.changed = in.ResourcePolicy, s.now()
	return new(refOf(sec)), nil
}

func (s *service) deleteResourcePolicy(c call, in *secretIDInput) (*ref, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	sec.policy, sec.changed = "", s.now()
	return new(refOf(sec)), nil
}

type validateResourcePolicyInput struct {
	SecretId       string
	ResourcePolicy string
}

type validationError struct{ CheckName, ErrorMessage string }

type validateResourcePolicyOutput struct {
	PolicyValidationPassed bool
	ValidationErrors       []validationError
}

// validateResourcePolicy checks syntax, which fails the call, and then broad
// access and lock-out, which are listed (ValidateResourcePolicy).
func (s *service) validateResourcePolicy(c call, in *validateResourcePolicyInput) (*validateResourcePolicyOutput, error) {
	if in.SecretId != "" {
		if _, err := s.readable(c, in.SecretId); err != nil {
			return nil, err
		}
	}
	policy, err := parsePolicy(in.ResourcePolicy)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(c, "PutResourcePolicy", in.SecretId); err != nil {
		return nil, err
	}
	found := []validationError{}
	if policy.public() {
		found = append(found, validationError{"PUBLIC_ACCESS", "This resource policy grants broad access to your secret."})
	}
	if policy.locksOut() {
		found = append(found, validationError{"LOCK_OUT", "This resource policy would keep you from changing it again."})
	}
	return &validateResourcePolicyOutput{len(found) == 0, found}, nil
}
