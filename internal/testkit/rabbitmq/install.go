package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
)

// policyFile, when it exists and ends with 101, keeps Debian's packages from
// starting the services that they install.
const policyFile = "/usr/sbin/policy-rc.d"

// CanInstall reports whether Debian's package can be installed: as root, where
// there is apt-get.
func CanInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}

// Install installs Debian's package without asking, and without starting its
// service. What apt-get prints goes to log.
func Install(ctx context.Context, log io.Writer) (err error) {
	restore, err := forbidServices(policyFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-q", "-y", "--no-install-recommends", "rabbitmq-server"},
	} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("apt-get %s: %w", args[0], err)
		}
	}
	return nil
}

// forbidServices puts the policy in place, unless the system has one already.
func forbidServices(file string) (restore func() error, err error) {
	policy, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return func() error { return nil }, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = policy.WriteString("#!/bin/sh\nexit 101\n")
	return func() error { return os.Remove(file) }, errors.Join(err, policy.Close())
}
