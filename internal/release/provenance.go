package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// resource is a ResourceDescriptor of in-toto.
type resource struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest,omitempty"`
}

// provenance tells what the binaries and the image were built from, and how, as
// a statement of in-toto with the predicate of SLSA v1. The modules and their
// checksums are those that the Go linker wrote into the binaries.
func provenance(binaries []binary, index v1.ImageIndex, revision string) ([]byte, error) {
	var subjects, modules []resource
	settings, toolchain := map[string][]debug.BuildSetting{}, resource{}
	for _, b := range binaries {
		content, err := os.ReadFile(b.path)
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, resource{Name: b.name, Digest: map[string]string{"sha256": fmt.Sprintf("%x", sha256.Sum256(content))}})
		info, err := buildinfo.Read(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		settings[b.name] = info.Settings
		toolchain.URI = "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")
		for _, m := range info.Deps {
			digest, err := dirHash(m.Sum)
			if err != nil {
				return nil, fmt.Errorf("module %s: %w", m.Path, err)
			}
			modules = append(modules, resource{URI: "pkg:golang/" + m.Path + "@" + m.Version, Digest: map[string]string{"dirHash": digest}})
		}
	}
	digest, err := index.Digest()
	if err != nil {
		return nil, err
	}
	subjects = append(subjects, resource{Name: "image", Digest: map[string]string{digest.Algorithm: digest.Hex}})
	slices.SortFunc(modules, func(a, b resource) int { return strings.Compare(a.URI, b.URI) })
	modules = slices.CompactFunc(modules, func(a, b resource) bool { return a.URI == b.URI })
	source := resource{Name: "source", Digest: map[string]string{"gitCommit": revision}}

	text, err := json.MarshalIndent(map[string]any{
		"_type":         "https://in-toto.io/Statement/v1",
		"subject":       subjects,
		"predicateType": "https://slsa.dev/provenance/v1",
		"predicate": map[string]any{
			"buildDefinition": map[string]any{
				"buildType":            "https://go.dev/cmd/go",
				"externalParameters":   map[string]any{"package": "./cmd/component"},
				"internalParameters":   settings,
				"resolvedDependencies": append([]resource{source, toolchain}, modules...),
			},
			"runDetails": map[string]any{"builder": map[string]string{"id": "scripts/release.sh"}},
		},
	}, "", "  ")
	return append(text, '\n'), err
}

// dirHash is a checksum of go.sum as in-toto writes it: in hexadecimal.
func dirHash(sum string) (string, error) {
	encoded, ok := strings.CutPrefix(sum, "h1:")
	if !ok {
		return "", fmt.Errorf("checksum %q is not of kind h1", sum)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	return hex.EncodeToString(raw), err
}
