package main

import (
	"archive/tar"
	"crypto/x509"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	connector "aws-secrets-manager-connector"
)

const (
	name     = "component-1.0.0-linux-amd64"
	revision = "0123456789abcdef0123456789abcdef01234567"
)

// release makes a release of a program that is quickly built.
func release(t *testing.T) (dir string, program []byte) {
	t.Helper()
	t.Chdir("../..")
	dir = t.TempDir()
	file := filepath.Join(dir, name)
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, "./internal/testkit/cmd/withrabbit").CombinedOutput()
	require.NoError(t, err, "%s", out)
	program, err = os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "licenses", "go"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "licenses", "go", "LICENSE"), []byte("terms"), 0o644))
	require.NoError(t, run(dir, revision, []string{"linux/amd64"}))
	return dir, program
}

func imageOf(t *testing.T, dir string) (v1.Image, v1.Descriptor) {
	t.Helper()
	outer, err := layout.ImageIndexFromPath(filepath.Join(dir, "image"))
	require.NoError(t, err)
	index, err := outer.ImageIndex(only(t, outer).Digest)
	require.NoError(t, err)
	descriptor := only(t, index)
	img, err := index.Image(descriptor.Digest)
	require.NoError(t, err)
	return img, descriptor
}

func only(t *testing.T, index v1.ImageIndex) v1.Descriptor {
	t.Helper()
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	require.Len(t, manifest.Manifests, 1)
	return manifest.Manifests[0]
}

// TestImage holds the image against the Dockerfile, which makes the same one
// where there is no release.
func TestImage(t *testing.T) {
	dir, program := release(t)
	img, descriptor := imageOf(t, dir)
	assert.Equal(t, &v1.Platform{OS: "linux", Architecture: "amd64"}, descriptor.Platform)
	file, err := img.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, "linux/amd64", file.OS+"/"+file.Architecture)

	text, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	dockerfile := string(text)
	assert.Contains(t, dockerfile, "\nUSER "+file.Config.User+"\n")
	assert.Contains(t, dockerfile, "\nWORKDIR "+file.Config.WorkingDir+"\n")
	assert.Contains(t, dockerfile, "\nENTRYPOINT [\""+strings.Join(file.Config.Entrypoint, `", "`)+"\"]\n")
	want := map[string]string{}
	for _, label := range regexp.MustCompile(`([a-z.]+\.[a-z]+)="(.*?)"`).FindAllStringSubmatch(dockerfile, -1) {
		want[label[1]] = label[2]
	}
	got := file.Config.Labels
	require.Len(t, got, len(want))
	for label, value := range want {
		if !strings.HasPrefix(value, "$") {
			assert.Equal(t, value, got[label], label)
		}
	}
	assert.Equal(t, revision, got["org.opencontainers.image.revision"])
	assert.JSONEq(t, string(connector.Descriptor), got["elastic.io.component"])
	assert.NotContains(t, got["elastic.io.component"], "\n")

	files := map[string]string{}
	content := mutate.Extract(img)
	defer content.Close()
	archive := tar.NewReader(content)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		body, err := io.ReadAll(archive)
		require.NoError(t, err)
		files[header.Name] = string(body)
		assert.Equal(t, header.Name == "component", header.Mode&0o111 != 0, header.Name)
	}
	assert.True(t, string(program) == files["component"], "another program")
	assert.Equal(t, string(connector.Descriptor), files["component.json"])
	assert.Equal(t, "terms", files["licenses/go/LICENSE"])
	pool := x509.NewCertPool()
	assert.True(t, pool.AppendCertsFromPEM([]byte(files["etc/ssl/certs/ca-certificates.crt"])))
	assert.Len(t, files, 4)
}

func TestProvenance(t *testing.T) {
	dir, _ := release(t)
	text, err := os.ReadFile(filepath.Join(dir, "provenance.json"))
	require.NoError(t, err)
	var statement struct {
		Subject   []resource
		Predicate struct {
			BuildDefinition struct{ ResolvedDependencies []resource }
		}
	}
	require.NoError(t, json.Unmarshal(text, &statement))
	require.Len(t, statement.Subject, 2)
	assert.Equal(t, name, statement.Subject[0].Name)
	assert.Len(t, statement.Subject[0].Digest["sha256"], 64)
	assert.Equal(t, "image", statement.Subject[1].Name)

	dependencies := statement.Predicate.BuildDefinition.ResolvedDependencies
	assert.Equal(t, revision, dependencies[0].Digest["gitCommit"])
	i := slices.IndexFunc(dependencies, func(r resource) bool {
		return strings.HasPrefix(r.URI, "pkg:golang/github.com/rabbitmq/amqp091-go@v")
	})
	require.Positive(t, i, "a module of the program is missing")
	assert.Regexp(t, "^[0-9a-f]{64}$", dependencies[i].Digest["dirHash"])
}

func TestDirHash(t *testing.T) {
	hash, err := dirHash("h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	require.NoError(t, err)
	assert.Equal(t, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", hash)
	for _, sum := range []string{"", "h2:AAEC", "h1:*"} {
		_, err := dirHash(sum)
		assert.Error(t, err, sum)
	}
}

func TestReleaseWithoutBinary(t *testing.T) {
	t.Chdir("../..")
	assert.ErrorContains(t, run(t.TempDir(), revision, []string{"linux/amd64"}), name)
}
