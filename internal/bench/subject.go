package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Names of the subjects, as the tables show them.
const (
	ours            = "this component"
	oursCached      = ours + ", cached"
	reference       = "Node.js sailor"
	referenceCached = reference + ", cached"
	floor           = "bare relay"
	bareCall        = "bare call"
	awsCall         = "AWS call alone" // not a subject, but measured
)

// subject is a step's program.
type subject struct {
	name      string
	command   []string
	dir       string   // it is started in
	relays    bool     // it hands on what came in, instead of a secret
	caches    bool     // the step has cacheSeconds
	speedOnly bool     // nothing but its speed is of interest
	files     []string // that its image holds
}

// runsUnder reports whether the subject's speed is measured under a load.
func (s subject) runsUnder(at load) bool {
	switch {
	case s.caches:
		return at == load{headline, peakPrefetch}
	case s.speedOnly:
		return at.protocol == headline && at.prefetch > 1
	}
	return true
}

const nodeDir = "internal/bench/node"

// prepare builds what is built and installs what is installed.
func prepare(ctx context.Context, p plan, dir string, progress io.Writer) ([]subject, error) {
	fmt.Fprintln(progress, "building the component and the relay")
	component, relay, call := filepath.Join(dir, "component"), filepath.Join(dir, "relay"), filepath.Join(dir, "barecall")
	err := errors.Join(
		goBuild(ctx, component, "./cmd/component"),
		goBuild(ctx, relay, "./internal/bench/relay"),
		goBuild(ctx, call, "./internal/bench/barecall"),
		goBuild(ctx, filepath.Join(dir, "aws"), "./internal/bench/aws"),
	)
	if err != nil {
		return nil, err
	}
	subjects := []subject{
		{name: ours, command: []string{component}, dir: dir, files: []string{component, certificates, "component.json"}},
		{name: floor, command: []string{relay}, dir: dir, relays: true, files: []string{relay}},
		{name: bareCall, command: []string{call}, dir: dir, speedOnly: true},
		{name: oursCached, command: []string{component}, dir: dir, caches: true},
	}
	if p.skipNode {
		return subjects, nil
	}
	node, err := exec.LookPath("node")
	if err != nil {
		fmt.Fprintln(progress, "Node.js is not installed: measuring without it")
		return subjects, nil
	}
	if err := installNode(ctx, progress); err != nil {
		return nil, fmt.Errorf("install the Node.js step (-skip-node leaves it out): %w", err)
	}
	step, err := filepath.Abs(nodeDir)
	if err != nil {
		return nil, err
	}
	script := filepath.Join(step, "node_modules", "elasticio-sailor-nodejs", "run.js")
	return append(subjects,
		subject{name: reference, command: []string{node, script}, dir: step, files: []string{node, step}},
		subject{name: referenceCached, command: []string{node, script}, dir: step, caches: true},
	), nil
}

// goBuild builds as `make build` does.
func goBuild(ctx context.Context, out, pkg string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", out}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return runQuietly(cmd)
}

// installNode brings the packages of the lock file, unless they are there.
func installNode(ctx context.Context, progress io.Writer) error {
	installed, err := os.Stat(filepath.Join(nodeDir, "node_modules", ".package-lock.json"))
	if err == nil {
		wanted, err := os.Stat(filepath.Join(nodeDir, "package-lock.json"))
		if err != nil || !wanted.ModTime().After(installed.ModTime()) {
			return err
		}
	}
	fmt.Fprintln(progress, "installing the Node.js step with npm")
	cmd := exec.CommandContext(ctx, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = nodeDir
	return runQuietly(cmd)
}

// runQuietly shows what a command prints only when it fails.
func runQuietly(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args[:2], " "), err, out)
	}
	return nil
}
