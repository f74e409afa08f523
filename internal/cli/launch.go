package cli

import (
	"path"
	"slices"
)

// launchArgs translates how a platform starts Node.js images into our own
// commands, so that it can start ours the same way (the sailor contract,
// section 1). All other arguments stay as they are.
func launchArgs(args []string) []string {
	if len(args) < 2 {
		return args
	}
	runner, script := path.Base(args[0]), path.Base(args[1])
	known := slices.ContainsFunc([][2]string{
		{"node", "run.js"}, {"npm", "start"}, {"bash", "sail.sh"},
	}, func(launch [2]string) bool { return launch == [2]string{runner, script} })
	if known {
		return []string{"run"}
	}
	return args
}
