package cli

import (
	"path"
	"slices"

	"aws-secrets-manager-connector/internal/service"
)

// launches are the ways in which a platform starts Node.js images.
var launches = []struct {
	program, script string
	command         string
}{
	{"node", "run.js", "run"},
	{"npm", "start", "run"},
	{"bash", "sail.sh", "run"},
	{"node", "runService.js", "service"},
	{"bash", "serve.sh", "service"},
}

// launchArgs translates how a platform starts Node.js images into our own
// commands, so that it can start ours the same way. All other arguments stay as
// they are.
func launchArgs(args []string) []string {
	if len(args) == 0 {
		return args
	}
	switch args[0] {
	case service.VerifyCredentials, service.GetMetaModel, service.SelectModel:
		return serviceArgs(args)
	}
	for _, l := range launches {
		// Options of the program may stand before the script.
		script := slices.IndexFunc(args, func(arg string) bool { return path.Base(arg) == l.script })
		if path.Base(args[0]) != l.program || script < 1 {
			continue
		}
		if l.command == "service" {
			return serviceArgs(args[script+1:])
		}
		return []string{l.command}
	}
	return args
}

// serviceArgs hands on the method alone, as Node.js does.
func serviceArgs(args []string) []string {
	return append([]string{"service", "--"}, args[:min(1, len(args))]...)
}
