//go:build !linux

package rabbitmq

import "syscall"

func childAttributes() *syscall.SysProcAttr { return nil }
