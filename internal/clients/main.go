// Command clients runs clients of AWS against the emulator, from the root of
// the repository: the snippets of docs/emulator.md as they are there, and a
// story in each client's own language. It prints a line a client.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/internal/emulator"
	"aws-secrets-manager-connector/internal/fake"
)

const (
	pageFile = "docs/emulator.md"
	pageURL  = "http://127.0.0.1:4584" // the emulator's, on the page
	pageKey  = "test"                  // the access key there, and its secret
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	text, err := os.ReadFile(pageFile)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "clients-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	failed := 0
	for _, c := range clients() {
		command, missing := c.find(ctx)
		if missing != nil {
			fmt.Printf("%-15s skipped: %v\n", c.name, missing)
			continue
		}
		start := time.Now()
		if err := c.try(ctx, page(text), dir, command); err != nil {
			failed++
			fmt.Printf("%-15s failed: %v\n", c.name, err)
			continue
		}
		fmt.Printf("%-15s ok (%.1f s)\n", c.name, time.Since(start).Seconds())
	}
	if failed > 0 {
		return fmt.Errorf("%d clients failed", failed)
	}
	return nil
}

// try runs a client against an emulator of its own, which verifies its signatures.
func (c client) try(ctx context.Context, p page, dir string, command []string) (err error) {
	seed, seedErr := p.snippet("## Seed")
	snippet, err := p.snippet(c.heading)
	if err := errors.Join(seedErr, err); err != nil {
		return err
	}
	aws := emulator.New(emulator.Options{
		Credentials: map[string]emulator.Credential{pageKey: {SecretKey: component.NewSecret(pageKey)}}, CheckSkew: true,
	})
	if err := aws.Seed(strings.NewReader(seed)); err != nil {
		return err
	}
	server, err := fake.Serve(ctx, "127.0.0.1:0", aws)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()

	file, err := c.write(dir, strings.ReplaceAll(snippet, pageURL, server.URL))
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	env := environment(dir, server.URL)
	out, err := execute(ctx, env, append(command, file))
	if err == nil && !strings.Contains(out, c.shows) {
		err = fmt.Errorf("it does not print %s", c.shows)
	}
	if err != nil {
		return fmt.Errorf("the snippet of the page: %w\n%s", err, out)
	}
	if c.story == "" {
		return nil
	}
	if out, err := execute(ctx, env, append(command, c.story)); err != nil {
		return fmt.Errorf("the story: %w\n%s", err, out)
	}
	return nil
}

// write writes the snippet where the client can run it.
func (c client) write(dir, snippet string) (string, error) {
	if c.dir != "" {
		dir = c.dir
	}
	f, err := os.CreateTemp(dir, "snippet-*"+c.ending)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(snippet)
	return f.Name(), errors.Join(err, f.Close())
}

// environment has nothing of this machine's AWS configuration.
func environment(dir, endpoint string) []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			env = append(env, variable)
		}
	}
	return append(env,
		"EMULATOR="+endpoint, "AWS_ACCESS_KEY_ID="+pageKey, "AWS_SECRET_ACCESS_KEY="+pageKey,
		"AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+filepath.Join(dir, "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "none"), "NO_PROXY=127.0.0.1")
}

func execute(ctx context.Context, env, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &out
	err := cmd.Run()
	return out.String(), err
}
