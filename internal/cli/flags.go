package cli

import (
	"flag"
	"strings"
)

// questions are the flags that every command has, and that may stand before it.
type questions struct{ help, version bool }

func (c command) flagSet(asked *questions) *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.BoolVar(&asked.help, "help", asked.help, "Show this help")
	letter(flags, "h", "help")
	flags.BoolVar(&asked.version, "version", asked.version, "Print the version")
	if c.flags != nil {
		c.flags(flags)
	}
	return flags
}

// letter makes a letter stand for the flag of a name.
func letter(flags *flag.FlagSet, short, name string) {
	flags.Var(flags.Lookup(name).Value, short, "")
}

// parse sets the command's flags and its argument. Unlike the parser of package
// flag it takes flags behind the argument, too, and never repeats a value, which
// may be a secret.
func (c command) parse(args []string, asked *questions) (err error) {
	flags := c.flagSet(asked)
	var others []string
	for len(args) > 0 {
		switch arg := args[0]; {
		case arg == "--":
			return c.take(append(others, args[1:]...))
		case isFlag(arg):
			if args, err = c.set(flags, args); err != nil {
				return err
			}
		default:
			others, args = append(others, arg), args[1:]
		}
	}
	return c.take(others)
}

// set sets the flag in front and returns what stands behind it.
func (c command) set(flags *flag.FlagSet, args []string) (rest []string, err error) {
	name, value, found := strings.Cut(args[0], "=")
	rest = args[1:]
	f := flags.Lookup(strings.TrimPrefix(name[1:], "-"))
	switch {
	case f == nil:
		return nil, misuse(c.name, unknown("flag", name))
	case found:
	case isSwitch(f):
		value = "true"
	case len(rest) == 0 || isFlag(rest[0]):
		placeholder, _ := flag.UnquoteUsage(f)
		return nil, misuse(c.name, name+" needs a value: "+name+"="+placeholder)
	default:
		value, rest = rest[0], rest[1:]
	}
	if err := f.Value.Set(value); err != nil {
		return nil, misuse(c.name, name+" can be true or false")
	}
	return rest, nil
}

// take sets the argument to what is no flag.
func (c command) take(args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.argument == nil:
		return misuse(c.name, invocation(c.name)+" takes flags only")
	case len(args) > 1:
		return misuse(c.name, invocation(c.name)+" takes one argument only, beside its flags")
	}
	*c.argument = args[0]
	return nil
}

// isFlag tells a flag from an argument; a dash alone means standard input.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// isSwitch tells whether a flag needs no value.
func isSwitch(f *flag.Flag) bool {
	value, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && value.IsBoolFlag()
}

// unknown names what there is not, unless it looks like something else than a
// name: that may be a secret in the wrong place.
func unknown(kind, name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return "unknown " + kind + ", not shown as it may be a secret"
	}
	return "unknown " + kind + " " + name
}
