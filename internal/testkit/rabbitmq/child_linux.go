package rabbitmq

import "syscall"

// childAttributes keep the terminal's Ctrl-C away from a child, which is ended
// after the tests, and end it when this process dies without doing so.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
