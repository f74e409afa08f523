// Command bench measures the component beside the same step on the platform's
// Node.js runtime and beside a bare relay, all on this machine and in one run:
//
//	make bench
//
// docs/benchmark.md says how to read what it prints.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, progress io.Writer) (err error) {
	p, err := parsePlan(args, progress)
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errors.New("memory and CPU time are read from /proc, which is Linux's")
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	if p.profile != "" {
		return profileOurs(ctx, p, dir, stdout, progress)
	}
	subjects, err := prepare(ctx, p, dir, progress)
	if err != nil {
		return err
	}
	e, err := startEnvironment(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()

	b := &bench{plan: p, environment: e, subjects: subjects, results: results{}, progress: progress}
	err = b.measure(ctx)
	r := report{results: b.results, machine: describeMachine(ctx, e, subjects), plan: p}
	fmt.Fprintln(stdout, r.markdown()) // after a failure, what there is so far
	if err == nil && p.write {
		err = r.writeDocs("docs")
	}
	return err
}
