package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// client is a program or a library that talks to AWS.
type client struct {
	name    string
	heading string // of its snippet on the page
	shows   string // what the snippet prints, among other things
	ending  string // of the snippet as a file
	dir     string // where that must be; "" is anywhere
	story   string // a file or package; "" for none
	// find returns the command that runs a file, or why there is none.
	find func(context.Context) ([]string, error)
}

const nodeDir = "internal/clients/testdata/node"

// clients are run at the root of the repository.
func clients() []client {
	const shown = `{"username":"shop","password":"example"}`
	return []client{
		{"AWS CLI", "### AWS CLI", shown, ".sh", "", "internal/clients/testdata/story.sh", needs("aws", "sh")},
		{"boto3", "### Python", shown, ".py", "", "internal/clients/testdata/story.py", findPython},
		{"JavaScript SDK", "### JavaScript", shown, ".mjs", nodeDir, nodeDir + "/story.mjs", findNode},
		{"Go SDK", "### Go", shown, ".go", "", "./internal/clients/story", needs("go", "go", "run")},
		{"curl", "## Faults", `{"calls":{}}`, ".sh", "", "", needs("curl", "sh")},
	}
}

// needs is for clients that need one program.
func needs(program string, command ...string) func(context.Context) ([]string, error) {
	return func(context.Context) ([]string, error) {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("there is no %s", program)
		}
		return command, nil
	}
}

// findPython looks at Debian's, too, where its package python3-boto3 goes.
func findPython(ctx context.Context) ([]string, error) {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(ctx, python, "-c", "import boto3").Run() == nil {
			return []string{python}, nil
		}
	}
	return nil, errors.New("there is no python3 that has boto3")
}

func findNode(ctx context.Context) ([]string, error) {
	if _, err := os.Stat(nodeDir + "/node_modules/@aws-sdk"); err != nil {
		return nil, errors.New("npm has not installed the SDK")
	}
	return needs("node", "node")(ctx)
}
