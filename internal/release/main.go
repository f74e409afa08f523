// Command release completes a release: of the static binaries and the licence
// texts in a directory it makes a container image for each platform there, in
// one OCI image layout, and the provenance of it all.
//
// scripts/release.sh runs it. What it writes depends on nothing but those files,
// the source and the modules in go.mod.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	connector "aws-secrets-manager-connector"
)

func main() {
	dir := flag.String("dir", "dist", "`directory` of the release")
	revision := flag.String("revision", "", "`commit` that it is built from")
	flag.Parse()
	if err := run(*dir, *revision, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run is for platforms such as linux/amd64.
func run(dir, revision string, platforms []string) error {
	var component struct{ Version string }
	if err := json.Unmarshal(connector.Descriptor, &component); err != nil {
		return err
	}
	var binaries []binary
	for _, platform := range platforms {
		system, architecture, _ := strings.Cut(platform, "/")
		name := fmt.Sprintf("component-%s-%s-%s", component.Version, system, architecture)
		binaries = append(binaries, binary{name: name, path: filepath.Join(dir, name), os: system, architecture: architecture})
	}
	labels, err := labels(component.Version, revision)
	if err != nil {
		return err
	}
	index, err := images(dir, binaries, labels)
	if err != nil {
		return fmt.Errorf("make the images: %w", err)
	}
	statement, err := provenance(binaries, index, revision)
	if err != nil {
		return fmt.Errorf("write the provenance: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "provenance.json"), statement, 0o644)
}

// binary is the component, built for a platform.
type binary struct{ name, path, os, architecture string }
