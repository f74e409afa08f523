// Package faults has the network, the broker, AWS and the platform fail around
// the real program, and counts what becomes of the messages: nothing is lost,
// nothing is done twice, nothing hangs. Most of it takes a few seconds; make
// faults runs all of it and prints the counts.
package faults
