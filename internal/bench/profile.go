package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// profiles are taken at once, over the same seconds.
var profiles = []struct{ file, path, index, title string }{
	{"cpu", "profile", "cpu", "CPU time"},
	{"allocs", "allocs", "alloc_space", "allocated bytes"},
	{"allocs", "", "alloc_objects", "allocated objects"},
	{"block", "block", "delay", "waiting"},
	{"mutex", "mutex", "delay", "waiting for locks"},
}

const (
	profileSeconds  = 5
	profileMessages = 100_000 // more than can be worked on meanwhile
	profileTop      = "15"
)

// profileOurs takes profiles of the component under the highest load and
// prints the top of each.
func profileOurs(ctx context.Context, p plan, dir string, stdout, progress io.Writer) (err error) {
	if err := os.MkdirAll(p.profile, 0o750); err != nil {
		return err
	}
	program := filepath.Join(dir, "component")
	fmt.Fprintln(progress, "building the component with profiles")
	if err := errors.Join(
		goBuild(ctx, program, "./cmd/component", "-tags", "profile"),
		goBuild(ctx, filepath.Join(dir, "aws"), "./internal/bench/aws"),
	); err != nil {
		return err
	}
	w, err := buildWorld(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()

	b := &bench{plan: p, world: w, results: results{}, progress: progress}
	c := contender{name: ours, command: []string{program}, dir: dir}
	err = b.onLane(ctx, load{headline, peakPrefetch}, c, "profiles", func(ctx context.Context, l *lane) error {
		return b.takeProfiles(ctx, l, c)
	})
	if err != nil {
		return err
	}
	return showProfiles(ctx, p.profile, stdout)
}

func (b *bench) takeProfiles(ctx context.Context, l *lane, c contender) error {
	if err := l.fill(ctx, profileMessages); err != nil {
		return err
	}
	socket := filepath.Join(b.world.dir, "profile.socket")
	p, err := b.world.start(ctx, c, l, "PROFILE_SOCKET="+socket)
	if err != nil {
		return err
	}
	defer p.stop()
	var taken chan error
	for n := 1; ; n++ {
		select {
		case err := <-taken:
			return err
		default:
		}
		if _, err := l.next(ctx, c, p); err != nil {
			return err
		}
		if n == b.plan.warmUp {
			taken = make(chan error, 1)
			go func() { taken <- downloadAll(ctx, socket, b.plan.profile) }()
		}
		if n == profileMessages {
			return errors.Join(errors.New("messages ran out while profiles were taken"), <-taken)
		}
	}
}

func downloadAll(ctx context.Context, socket, dir string) error {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	defer client.CloseIdleConnections()
	ended := make(chan error, len(profiles))
	for _, p := range profiles {
		go func() {
			if p.path == "" { // another look at the one before
				ended <- nil
				return
			}
			url := fmt.Sprintf("http://profile/debug/pprof/%s?seconds=%d", p.path, profileSeconds)
			ended <- download(ctx, client, url, filepath.Join(dir, p.file+".pprof"))
		}()
	}
	var err error
	for range profiles {
		err = errors.Join(err, <-ended)
	}
	return err
}

func download(ctx context.Context, client *http.Client, url, file string) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	out, err := os.Create(filepath.Clean(file))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, resp.Body)
	return err
}

func showProfiles(ctx context.Context, dir string, stdout io.Writer) error {
	for _, p := range profiles {
		fmt.Fprintf(stdout, "\n%s\n", p.title)
		cmd := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodecount", profileTop, "-sample_index", p.index,
			filepath.Join(dir, p.file+".pprof"))
		var complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = stdout, &complaints
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("pprof: %w: %s", err, complaints.String())
		}
	}
	fmt.Fprintf(stdout, "\nlook closer: go tool pprof -http localhost: %s\n", filepath.Join(dir, "cpu.pprof"))
	return nil
}
