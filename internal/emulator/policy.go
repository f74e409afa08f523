package emulator

import "cmp"

// defaultPolicy is the name of the one policy that a caller can attach. Others are
// AWS's own, and there are none here.
const defaultPolicy = "default"

type policyRef struct {
	ref
	PolicyName string
}

type policyInput struct{ SecretId, PolicyName string }

type policyOutput struct {
	policyRef
	ResourcePolicy string `json:",omitempty"`
}

func (s *service) getResourcePolicy(c call, in *policyInput) (*policyOutput, error) {
	sec, err := s.readable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if cmp.Or(in.PolicyName, defaultPolicy) != defaultPolicy {
		return nil, notFound("Secrets Manager can't find the specified resource policy.")
	}
	return &policyOutput{policyRef{refOf(sec), defaultPolicy}, sec.policy}, nil
}

type listPoliciesInput struct {
	SecretId   string
	MaxResults *int
	NextToken  *string
}

type policySummary struct{ PolicyName string }

type listPoliciesOutput struct {
	ResourcePolicies []policySummary
	NextToken        string `json:",omitempty"`
}

func (s *service) listResourcePolicies(c call, in *listPoliciesInput) (*listPoliciesOutput, error) {
	sec, err := s.readable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	l := listing[policySummary]{key: s.pageKey, query: "ListResourcePolicies " + sec.arn}
	if sec.policy != "" {
		l.rows = append(l.rows, row[policySummary]{position{defaultPolicy, 0}, policySummary{defaultPolicy}})
	}
	page, next, err := l.page(in.NextToken, orDefault(in.MaxResults, 100))
	if err != nil {
		return nil, err
	}
	out := &listPoliciesOutput{[]policySummary{}, next}
	for _, r := range page {
		out.ResourcePolicies = append(out.ResourcePolicies, r.item)
	}
	return out, nil
}

// checkPolicyName refuses to change any but the default policy.
func checkPolicyName(name string) error {
	if cmp.Or(name, defaultPolicy) != defaultPolicy {
		return invalidParameter("PolicyName must be %s.", defaultPolicy)
	}
	return nil
}

type putResourcePolicyInput struct {
	SecretId          string
	ResourcePolicy    string
	BlockPublicPolicy bool
	PolicyName        string
}

func (s *service) putResourcePolicy(c call, in *putResourcePolicyInput) (*policyRef, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := checkPolicyName(in.PolicyName); err != nil {
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
	return &policyRef{refOf(sec), defaultPolicy}, nil
}

func (s *service) deleteResourcePolicy(c call, in *policyInput) (*policyRef, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := checkPolicyName(in.PolicyName); err != nil {
		return nil, err
	}
	sec.policy, sec.changed = "", s.now()
	return &policyRef{refOf(sec), defaultPolicy}, nil
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
