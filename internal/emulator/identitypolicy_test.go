package emulator

import "testing"

// FuzzIdentityPolicy: whatever is understood can be asked.
func FuzzIdentityPolicy(f *testing.F) {
	for _, policy := range []string{
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		`{"Statement":[{"Effect":"Deny","NotAction":["a:?*"],"NotResource":"arn:a:b:c:d:e","Condition":{"ForAllValues:StringNotLikeIfExists":{"aws:TagKeys":["[*","1",true]}}}]}`,
		`{"Statement":[{"Effect":"Allow","Action":"(","Resource":"*","Condition":{"NumericLessThan":{"k":1e9},"Null":{"k":"true"},"ArnLike":{"k":":::"}}}]}`,
	} {
		f.Add([]byte(policy), "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf", "k")
	}
	f.Fuzz(func(_ *testing.T, policy []byte, resource, value string) {
		p := new(IdentityPolicy)
		if p.UnmarshalJSON(policy) != nil {
			return
		}
		p.decide(access{"a:b", resource, map[string][]string{"k": {value}, "aws:tagkeys": {value, resource}}})
	})
}
