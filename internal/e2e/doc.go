// Package e2e runs the real program the way the platform does: as a process
// with an environment, between real queues.
package e2e
