package cli

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"
)

// globalFlags are those that every command has, and that may stand before it.
type globalFlags struct{ help, version bool }

func (c command) flagSet(global *globalFlags) *pflag.FlagSet {
	flags := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	flags.BoolVarP(&global.help, "help", "h", global.help, "Show this help")
	flags.BoolVar(&global.version, "version", global.version, "Print the version")
	if c.flags != nil {
		c.flags(flags)
	}
	return flags
}

// parse sets the command's flags and its argument.
func (c command) parse(args []string, global *globalFlags) error {
	flags := c.flagSet(global)
	if err := flags.Parse(args); err != nil {
		return newUsageError(c.name, flagProblem(err))
	}
	var problem string
	flags.Visit(func(f *pflag.Flag) {
		if value := f.Value.String(); len(value) > 1 && value[0] == '-' { // the next flag
			problem = needsValue(f)
		}
	})
	switch {
	case problem != "":
		return newUsageError(c.name, problem)
	case flags.NArg() == 0:
		return nil
	case c.argument == nil:
		return newUsageError(c.name, invocation(c.name)+" takes flags only")
	case flags.NArg() > 1:
		return newUsageError(c.name, invocation(c.name)+" takes one argument only, beside its flags")
	}
	*c.argument = flags.Arg(0)
	return nil
}

// flagProblem words an error of pflag, whose own text repeats values, which may
// be secrets.
func flagProblem(err error) string {
	var unknownFlag *pflag.NotExistError
	var malformed *pflag.InvalidSyntaxError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknownFlag) && unknownFlag.GetSpecifiedShortnames() != "":
		return unknown("flag", "-"+unknownFlag.GetSpecifiedName())
	case errors.As(err, &unknownFlag):
		return unknown("flag", "--"+unknownFlag.GetSpecifiedName())
	case errors.As(err, &malformed):
		name, _, _ := strings.Cut(malformed.GetSpecifiedFlag(), "=")
		return unknown("flag", name)
	case errors.As(err, &missing):
		return needsValue(missing.GetFlag())
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "duration":
		return "--" + invalid.GetFlag().Name + " can be a duration such as 90s or 5m"
	case errors.As(err, &invalid):
		return "--" + invalid.GetFlag().Name + " can be true or false"
	}
	return "the flags cannot be read"
}

func needsValue(f *pflag.Flag) string {
	placeholder, _ := pflag.UnquoteUsage(f)
	return "--" + f.Name + " needs a value: --" + f.Name + "=" + placeholder
}

// unknown names what does not exist, unless it looks like something else than a
// name: that may be a secret in the wrong place.
func unknown(kind, name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return "unknown " + kind + ", not shown as it may be a secret"
	}
	return "unknown " + kind + " " + name
}
