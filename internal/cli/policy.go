package cli

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"aws-secrets-manager-connector/internal/iampolicy"
)

type policyCommand struct{ Function, Secret string }

func newPolicy() command {
	var c policyCommand
	return command{
		name:     "policy",
		synopsis: "--function NAME",
		purpose:  "Print the least that IAM must allow for a function.",
		details: `It is a policy as IAM takes it. A statement with a Sid is for the case that this
names, such as WithTags: leave it out where the flow has no such case.

--secret takes the ARN of the secret, with or without the hyphen and the six
characters at its end, for which the policy has a wildcard: the secret may be
made again. Without it, replace REGION, ACCOUNT and NAME.`,
		flags: func(flags *pflag.FlagSet) {
			flags.StringVarP(&c.Function, "function", "f", "", "`NAME` of the function, such as GetSecretValue")
			flags.StringVar(&c.Secret, "secret", "", "`ARN` of the secret that the policy is for")
		},
		run: c.run,
	}
}

func (c *policyCommand) run(_ context.Context, p Process) error {
	if c.Function == "" {
		return newUsageError("policy", "--function=NAME is missing")
	}
	needs, known := iampolicy.Of(c.Function)
	if !known {
		return errNoFunction(c.Function, iampolicy.Functions())
	}
	var secret iampolicy.Secret
	if c.Secret != "" {
		var err error
		if secret, err = iampolicy.ParseSecret(c.Secret); err != nil {
			return newUsageError("policy", "--secret "+err.Error())
		}
	}
	if len(needs) == 0 {
		_, err := fmt.Fprintf(p.Stderr, "%s needs no permission\n", c.Function)
		return err
	}
	_, err := fmt.Fprintln(p.Stdout, needs.Policy(secret).Indented())
	return err
}
