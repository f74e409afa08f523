package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// profiles are taken at once, over the same seconds. The path is that of
// net/http/pprof.
var profiles = []struct{ path, file string }{
	{"profile", "cpu.pprof"}, {"allocs", "allocs.pprof"}, {"block", "block.pprof"}, {"mutex", "mutex.pprof"},
}

// views are what is shown of the profiles.
var views = []struct{ title, file, index string }{
	{"CPU time", "cpu.pprof", "cpu"},
	{"allocated bytes", "allocs.pprof", "alloc_space"},
	{"allocations", "allocs.pprof", "alloc_objects"},
	{"waiting", "block.pprof", "delay"},
	{"waiting for locks", "mutex.pprof", "delay"},
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
	messages := 0
	err = b.onLane(ctx, load{headline, peakPrefetch}, c, "profiles", func(ctx context.Context, l *lane) (err error) {
		messages, err = b.takeProfiles(ctx, l, c)
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(showStages(ctx, p.profile, messages, stdout), showTops(ctx, p.profile, stdout))
}

// takeProfiles returns the number of messages that were worked on meanwhile.
func (b *bench) takeProfiles(ctx context.Context, l *lane, c contender) (messages int, err error) {
	if err := l.fill(ctx, profileMessages); err != nil {
		return 0, err
	}
	socket := filepath.Join(b.world.dir, "profile.socket")
	p, err := b.world.start(ctx, c, l, "PROFILE_SOCKET="+socket)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	var taken chan error
	for n := 1; n < profileMessages; n++ {
		if _, err := l.next(ctx, c, p); err != nil {
			return 0, err
		}
		if n == b.plan.warmUp {
			taken = make(chan error, 1)
			go func() { taken <- downloadAll(ctx, socket, b.plan.profile) }()
		}
		select {
		case err := <-taken:
			return n - b.plan.warmUp, err
		default:
		}
	}
	return 0, errors.Join(errors.New("messages ran out while profiles were taken"), <-taken)
}

func downloadAll(ctx context.Context, socket, dir string) error {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	defer client.CloseIdleConnections()
	ended := make(chan error, len(profiles))
	for _, p := range profiles {
		go func() {
			url := fmt.Sprintf("http://profile/debug/pprof/%s?seconds=%d", p.path, profileSeconds)
			ended <- download(ctx, client, url, filepath.Join(dir, p.file))
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

// showStages prints what a message costs, and where.
func showStages(ctx context.Context, dir string, messages int, stdout io.Writer) error {
	columns := []struct {
		title, file, index, unit, within string
		scale                            float64
	}{
		{"CPU µs", "cpu.pprof", "cpu", "us", "", 1},
		{"allocations", "allocs.pprof", "alloc_objects", "", "", 1},
		{"allocated KB", "allocs.pprof", "alloc_space", "B", "", 1000},
		{"waiting ms", "block.pprof", "delay", "us", inDispatch, 1000},
	}
	titles, values := []string{"of a message"}, make([]map[string]float64, len(columns))
	for i, column := range columns {
		traces, err := pprof(ctx, dir, column.file, "-traces", "-unit", column.unit, "-sample_index", column.index)
		if err != nil {
			return err
		}
		if values[i], err = byStage(strings.NewReader(traces), column.within); err != nil {
			return fmt.Errorf("%s: %w", column.file, err)
		}
		for name := range values[i] {
			values[i][name] /= column.scale * float64(messages)
		}
		titles = append(titles, column.title)
	}
	var b strings.Builder
	row(&b, titles...)
	row(&b, "---", "--:", "--:", "--:", "--:")
	for _, name := range costliest(values[0]) {
		cells := []string{name}
		for _, of := range values {
			cells = append(cells, number(of[name]))
		}
		row(&b, cells...)
	}
	fmt.Fprintf(stdout, "\n%d messages in %d s, prefetch %d, protocol %d\n\n%s", messages, profileSeconds, peakPrefetch, headline, &b)
	return nil
}

// costliest names the stages, with the dearest first.
func costliest(costs map[string]float64) []string {
	names := slices.Collect(maps.Keys(costs))
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(costs[b], costs[a]) })
	return names
}

func showTops(ctx context.Context, dir string, stdout io.Writer) error {
	for _, v := range views {
		top, err := pprof(ctx, dir, v.file, "-top", "-nodecount", profileTop, "-sample_index", v.index)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "\n%s\n%s", v.title, top)
	}
	fmt.Fprintf(stdout, "\nlook closer: go tool pprof -http localhost: %s\n", filepath.Join(dir, profiles[0].file))
	return nil
}

func pprof(ctx context.Context, dir, file string, flags ...string) (string, error) {
	args := append([]string{"tool", "pprof"}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, filepath.Join(dir, file))...)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("pprof: %w: %s", err, complaints.String())
	}
	return out.String(), nil
}
