package main

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"

	connector "aws-secrets-manager-connector"
)

// labels are those of the Dockerfile.
func labels(version, revision string) (map[string]string, error) {
	logo, err := os.ReadFile("logo.png")
	if err != nil {
		return nil, err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, connector.Descriptor); err != nil {
		return nil, err
	}
	return map[string]string{
		"org.opencontainers.image.title":       "AWS Secrets Manager Connector",
		"org.opencontainers.image.description": "AWS Secrets Manager for elastic.io and flowground",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     version,
		"org.opencontainers.image.revision":    revision,
		"elastic.io.component":                 line.String(),
		"elastic.io.logo":                      base64.StdEncoding.EncodeToString(logo),
	}, nil
}

// images makes an index with an image of each binary, and writes it into the
// layout dir/image.
func images(dir string, binaries []binary, labels map[string]string) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range binaries {
		img, err := image(dir, b, labels)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: b.os, Architecture: b.architecture}},
		})
	}
	target := filepath.Join(dir, "image")
	if err := os.RemoveAll(target); err != nil {
		return nil, err
	}
	// The layout's own index has the images' one as its only entry, for tools ask
	// for a name where there are several.
	_, err := layout.Write(target, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index}))
	return index, err
}

func image(dir string, b binary, labels map[string]string) (v1.Image, error) {
	files, err := files(dir, b)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files)), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	config := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.ConfigFile(config, &v1.ConfigFile{
		OS: b.os, Architecture: b.architecture, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Entrypoint: []string{"/component"}, User: "65532:65532", WorkingDir: "/", Labels: labels},
	})
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(img, layer)
}

// files is all that is in the image, as a tar archive without times.
func files(dir string, b binary) ([]byte, error) {
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	add := func(name string, mode int64, content []byte) error {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err := archive.Write(content)
		return err
	}
	program, err := os.ReadFile(b.path)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		add("component", 0o755, program),
		add("component.json", 0o644, connector.Descriptor),
		add("etc/ssl/certs/ca-certificates.crt", 0o644, certificates()),
		addTree(add, os.DirFS(dir), "licenses"),
		archive.Close(),
	)
	return out.Bytes(), err
}

func addTree(add func(name string, mode int64, content []byte) error, tree fs.FS, root string) error {
	return fs.WalkDir(tree, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		return add(name, 0o644, content)
	})
}

// certificates are Mozilla's roots, in PEM. Those that Mozilla trusts under a
// condition only are left out, for PEM cannot say so.
func certificates() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a bytes.Buffer takes everything
		}
	}
	return out.Bytes()
}
