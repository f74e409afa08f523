package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
)

var created = time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC)

// inputs returns two binaries and the certificates of two authorities.
func inputs(t *testing.T) (certificates string, binaries []string) {
	t.Helper()
	t.Chdir("../..")
	dir := t.TempDir()
	for _, name := range []string{"component-linux-amd64", "component-linux-arm64"} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte("program of "+name), 0o600))
		binaries = append(binaries, file)
	}
	var der []byte
	for i := range int64(2) {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		template := &x509.Certificate{SerialNumber: big.NewInt(i + 1), Subject: pkix.Name{CommonName: fmt.Sprint("authority ", i)}}
		certificate, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
		require.NoError(t, err)
		der = append(der, certificate...)
	}
	certificates = filepath.Join(dir, "roots.der")
	require.NoError(t, os.WriteFile(certificates, der, 0o600))
	return certificates, binaries
}

type blob struct {
	MediaType, Digest string
	Size              int
	Platform          struct{ OS, Architecture string }
	Annotations       map[string]string
}

type image struct {
	Created          time.Time
	OS, Architecture string
	Config           struct {
		User, WorkingDir string
		Entrypoint       []string
		Labels           map[string]string
	}
	RootFS struct {
		Type    string
		DiffIDs []string `json:"diff_ids"`
	}
}

// read returns a blob after it has compared it with its descriptor.
func read(t *testing.T, dir string, b blob, mediaType string) []byte {
	t.Helper()
	assert.Equal(t, mediaType, b.MediaType)
	data, err := os.ReadFile(filepath.Join(dir, "blobs", strings.Replace(b.Digest, ":", "/", 1)))
	require.NoError(t, err)
	assert.Equal(t, b.Digest, fmt.Sprintf("sha256:%x", sha256.Sum256(data)))
	assert.Len(t, data, b.Size)
	return data
}

func decode[T any](t *testing.T, data []byte) T {
	t.Helper()
	var value T
	require.NoError(t, json.Unmarshal(data, &value))
	return value
}

type index struct {
	SchemaVersion int
	MediaType     string
	Manifests     []blob
}

func TestLayout(t *testing.T) {
	certificates, binaries := inputs(t)
	out := filepath.Join(t.TempDir(), "image")
	require.NoError(t, write(out, "v1.0.0", "c0ffee", created, certificates, binaries))

	marker, err := os.ReadFile(filepath.Join(out, "oci-layout"))
	require.NoError(t, err)
	assert.JSONEq(t, `{"imageLayoutVersion": "1.0.0"}`, string(marker))
	top, err := os.ReadFile(filepath.Join(out, "index.json"))
	require.NoError(t, err)
	outer := decode[index](t, top)
	require.Len(t, outer.Manifests, 1)
	assert.Equal(t, map[string]string{"org.opencontainers.image.ref.name": "v1.0.0"}, outer.Manifests[0].Annotations)
	images := decode[index](t, read(t, out, outer.Manifests[0], typeIndex))
	assert.Equal(t, 2, images.SchemaVersion)
	assert.Equal(t, typeIndex, images.MediaType)
	require.Len(t, images.Manifests, 2)

	dockerfile, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	for i, architecture := range []string{"amd64", "arm64"} {
		t.Run(architecture, func(t *testing.T) {
			assert.Equal(t, "linux", images.Manifests[i].Platform.OS)
			assert.Equal(t, architecture, images.Manifests[i].Platform.Architecture)
			manifest := decode[struct {
				SchemaVersion int
				MediaType     string
				Config        blob
				Layers        []blob
			}](t, read(t, out, images.Manifests[i], typeManifest))
			assert.Equal(t, 2, manifest.SchemaVersion)
			assert.Equal(t, typeManifest, manifest.MediaType)
			require.Len(t, manifest.Layers, 1)
			config := decode[image](t, read(t, out, manifest.Config, typeConfig))
			assert.Equal(t, "linux", config.OS)
			assert.Equal(t, architecture, config.Architecture)
			assert.Equal(t, created, config.Created)
			assert.Equal(t, "layers", config.RootFS.Type)

			archive := uncompress(t, read(t, out, manifest.Layers[0], typeLayer))
			assert.Equal(t, []string{fmt.Sprintf("sha256:%x", sha256.Sum256(archive))}, config.RootFS.DiffIDs)
			files := unpack(t, archive)
			assert.Equal(t, "program of component-linux-"+architecture, string(files["component"]))
			assert.Equal(t, string(connector.Descriptor), string(files["component.json"]))
			pool := x509.NewCertPool()
			assert.True(t, pool.AppendCertsFromPEM(files[caFile]))
			assert.Equal(t, 2, bytes.Count(files[caFile], []byte("-----BEGIN CERTIFICATE-----\n")))
			block, _ := pem.Decode(files[caFile])
			require.NotNil(t, block)

			equalsDockerfile(t, string(dockerfile), config, files)
		})
	}
}

func uncompress(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	archive, err := io.ReadAll(z)
	require.NoError(t, err)
	return archive
}

// unpack returns the files of an archive that user 65532 can read, for a
// directory comes before what it holds and lets everybody in.
func unpack(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	files, directories := map[string][]byte{}, map[string]bool{".": true}
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		require.NoError(t, err)
		assert.Zero(t, h.Uid+h.Gid)
		assert.True(t, directories[path.Dir(path.Clean(h.Name))], "the directory of %s comes first", h.Name)
		switch {
		case h.Typeflag == tar.TypeDir:
			assert.Equal(t, int64(0o555), h.Mode&0o555, h.Name)
			directories[path.Clean(h.Name)] = true
			continue
		case h.Name == "component":
			assert.Equal(t, int64(0o755), h.Mode)
		default:
			assert.Equal(t, int64(0o644), h.Mode, h.Name)
		}
		assert.Equal(t, created, h.ModTime.UTC(), h.Name)
		files[h.Name], err = io.ReadAll(r)
		require.NoError(t, err)
	}
}

// equalsDockerfile holds the image to what the Dockerfile says of its last stage.
func equalsDockerfile(t *testing.T, dockerfile string, config image, files map[string][]byte) {
	t.Helper()
	_, last, found := strings.Cut(dockerfile, "\nFROM scratch\n")
	require.True(t, found)
	instruction := func(name string) string {
		m := regexp.MustCompile(`(?m)^` + name + ` (.*)$`).FindStringSubmatch(last)
		require.NotNil(t, m, name)
		return m[1]
	}
	assert.Equal(t, instruction("USER"), config.Config.User)
	assert.Equal(t, instruction("WORKDIR"), config.Config.WorkingDir)
	assert.JSONEq(t, instruction("ENTRYPOINT"), `["`+strings.Join(config.Config.Entrypoint, `","`)+`"]`)

	var names []string
	for _, m := range regexp.MustCompile(`(?m)^COPY (?:--\S+ )?(.*) (/\S+)$`).FindAllStringSubmatch(last, -1) {
		for _, source := range strings.Fields(m[1]) {
			target := strings.TrimPrefix(m[2], "/")
			if strings.HasSuffix(target, "/") {
				target += source
			}
			names = append(names, target)
		}
	}
	var have []string
	for name, data := range files {
		have = append(have, name)
		assert.NotEmpty(t, data, name)
	}
	assert.ElementsMatch(t, names, have)

	var component bytes.Buffer
	require.NoError(t, json.Compact(&component, connector.Descriptor))
	logo, err := os.ReadFile("logo.png")
	require.NoError(t, err)
	labels := map[string]string{}
	for _, m := range regexp.MustCompile(`([a-z.]+)="([^"]*)"`).FindAllStringSubmatch(last, -1) {
		labels[m[1]] = strings.NewReplacer(
			"$VERSION", "v1.0.0", "$REVISION", "c0ffee", "$COMPONENT", component.String(), "$LOGO", base64.StdEncoding.EncodeToString(logo),
		).Replace(m[2])
	}
	assert.Equal(t, labels, config.Config.Labels)
}

func TestTwiceTheSameBytes(t *testing.T) {
	certificates, binaries := inputs(t)
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	require.NoError(t, write(first, "v1.0.0", "c0ffee", created, certificates, binaries))
	for _, file := range append(binaries, certificates) {
		require.NoError(t, os.Chtimes(file, time.Time{}, created.AddDate(1, 0, 0)))
		require.NoError(t, os.Chmod(file, 0o400))
	}
	require.NoError(t, write(second, "v1.0.0", "c0ffee", created, certificates, binaries))
	assert.Equal(t, content(t, first), content(t, second))
}

// content returns the files below a directory, as digests.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, dir)] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	}))
	require.Len(t, files, 9, "two layers, configurations and manifests, their index, the layout's two files")
	return files
}

func TestRefused(t *testing.T) {
	certificates, binaries := inputs(t)
	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "index.json"), nil, 0o600))
	for name, tc := range map[string]struct {
		out, certificates, binary, want string
	}{
		"a binary without a platform": {t.TempDir(), certificates, "component", "component is not named component-OS-ARCHITECTURE"},
		"no binary":                   {t.TempDir(), certificates, "component-linux-riscv64", "component-linux-riscv64"},
		"no certificates":             {t.TempDir(), "nowhere.der", binaries[0], "nowhere.der"},
		"other certificates":          {t.TempDir(), "LICENSE", binaries[0], "LICENSE: x509:"},
		"an empty file":               {t.TempDir(), os.DevNull, binaries[0], "holds no certificate"},
		"a full directory":            {full, certificates, binaries[0], "file exists"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, write(tc.out, "v1.0.0", "c0ffee", created, tc.certificates, []string{tc.binary}), tc.want)
		})
	}
}
