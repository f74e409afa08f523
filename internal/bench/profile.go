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

	"golang.org/x/sync/errgroup"
)

// profiles are taken at once, over the same seconds. The path is that of
// net/http/pprof.
var profiles = []struct{ path, file string }{{"profile", "cpu.pprof"}, {"allocs", "allocs.pprof"}, {"block", "block.pprof"}}

const (
	profileSeconds  = 5
	profileMessages = 100_000 // more than can be worked on meanwhile
)

// profileOurs takes profiles of the component under the highest load and
// prints where the time of a message goes.
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
	e, err := startEnvironment(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()

	b := &bench{plan: p, environment: e, progress: progress}
	messages := 0
	s := subject{name: ours, command: []string{program}, dir: dir}
	err = b.withStep(ctx, s, load{headline, peakPrefetch}, profileMessages, "profiles", func(ctx context.Context, s *step) (err error) {
		messages, err = b.takeProfiles(ctx, s)
		return err
	})
	if err != nil {
		return err
	}
	table, err := stagesTable(ctx, p.profile, messages)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%s\n\nlook closer: go tool pprof -http localhost: %s\n", table, filepath.Join(p.profile, profiles[0].file))
	if p.write {
		return replaceInDocs("docs", beginStages, endStages, table)
	}
	return nil
}

// takeProfiles returns the number of messages that were worked on meanwhile.
func (b *bench) takeProfiles(ctx context.Context, s *step) (messages int, err error) {
	taken := make(chan error, 1)
	for n := 1; n < profileMessages; n++ {
		if _, err := s.next(ctx); err != nil {
			return 0, err
		}
		if n == b.plan.warmUp {
			go func() { taken <- downloadAll(ctx, b.environment.profileSocket(), b.plan.profile) }()
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
	downloads, ctx := errgroup.WithContext(ctx)
	for _, p := range profiles {
		downloads.Go(func() error {
			url := fmt.Sprintf("http://profile/debug/pprof/%s?seconds=%d", p.path, profileSeconds)
			return download(ctx, client, url, filepath.Join(dir, p.file))
		})
	}
	return downloads.Wait()
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

// stagesTable tells what a message costs, and where.
func stagesTable(ctx context.Context, dir string, messages int) (string, error) {
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
		traces, err := pprof(ctx, "-traces", "-unit", column.unit, "-sample_index", column.index, filepath.Join(dir, column.file))
		if err != nil {
			return "", err
		}
		if values[i], err = byStage(strings.NewReader(traces), column.within); err != nil {
			return "", fmt.Errorf("%s: %w", column.file, err)
		}
		for name := range values[i] {
			values[i][name] /= column.scale * float64(messages)
		}
		titles = append(titles, column.title)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s messages in %d s, prefetch %d, protocol %d.\n\n", number(float64(messages)), profileSeconds, peakPrefetch, headline)
	row(&b, titles...)
	row(&b, "---", "--:", "--:", "--:", "--:")
	for _, name := range costliest(values[0]) {
		cells := []string{name}
		for _, of := range values {
			cells = append(cells, number(of[name]))
		}
		row(&b, cells...)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// costliest names the stages, with the dearest first.
func costliest(costs map[string]float64) []string {
	names := slices.Collect(maps.Keys(costs))
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(costs[b], costs[a]) })
	return names
}

func pprof(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof"}, args...)...)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("pprof: %w: %s", err, complaints.String())
	}
	return out.String(), nil
}
