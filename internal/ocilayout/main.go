// Command ocilayout writes the image that the Dockerfile describes as an OCI
// image layout: all platforms in one index, without a builder, and always the
// same bytes. Its arguments are binaries named component-OS-ARCHITECTURE.
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	connector "aws-secrets-manager-connector"
)

const caFile = "etc/ssl/certs/ca-certificates.crt"

func main() {
	out := flag.String("out", "dist/image", "directory to write")
	version := flag.String("version", "dev", "version that the image names")
	revision := flag.String("revision", "", "commit that the image names")
	created := flag.Int64("created", 0, "Unix time of image and files, in seconds")
	certificates := flag.String("certificates", "", "file of CA certificates, in DER, one after the other")
	flag.Parse()
	err := write(*out, *version, *revision, time.Unix(*created, 0).UTC(), *certificates, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "ocilayout:", err)
		os.Exit(1)
	}
}

func write(out, version, revision string, created time.Time, certificates string, binaries []string) error {
	files := fstest.MapFS{}
	add := func(name string, mode os.FileMode, source string) error {
		data, err := os.ReadFile(source)
		files[name] = &fstest.MapFile{Data: data, Mode: mode, ModTime: created}
		return err
	}
	logo, err := os.ReadFile("logo.png")
	if err := errors.Join(err,
		add("component.json", 0o644, "component.json"),
		add("licenses/LICENSE", 0o644, "LICENSE"),
		add("licenses/NOTICE", 0o644, "NOTICE"),
		add("licenses/LICENSES-THIRD-PARTY.txt", 0o644, "LICENSES-THIRD-PARTY.txt"),
		add(caFile, 0o644, certificates),
	); err != nil {
		return err
	}
	if files[caFile].Data, err = toPEM(files[caFile].Data); err != nil {
		return fmt.Errorf("%s: %w", certificates, err)
	}
	var component bytes.Buffer
	if err := json.Compact(&component, connector.Descriptor); err != nil {
		return err
	}
	labels := map[string]string{
		"org.opencontainers.image.title":       "AWS Secrets Manager Connector",
		"org.opencontainers.image.description": "AWS Secrets Manager for elastic.io and flowground",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     version,
		"org.opencontainers.image.revision":    revision,
		"elastic.io.component":                 component.String(),
		"elastic.io.logo":                      base64.StdEncoding.EncodeToString(logo),
	}

	l := layout{}
	var images []object
	for _, binary := range binaries {
		name := strings.Split(filepath.Base(binary), "-")
		if len(name) != 3 {
			return fmt.Errorf("%s is not named component-OS-ARCHITECTURE", binary)
		}
		if err := add("component", 0o755, binary); err != nil {
			return err
		}
		image, err := l.addImage(files, object{
			"created": created, "os": name[1], "architecture": name[2],
			"config": object{"User": "65532:65532", "WorkingDir": "/", "Entrypoint": []string{"/component"}, "Labels": labels},
		})
		if err != nil {
			return err
		}
		images = append(images, image)
	}
	return errors.Join(l.addIndex(version, images), os.CopyFS(out, fstest.MapFS(l)))
}

func toPEM(der []byte) ([]byte, error) {
	certificates, err := x509.ParseCertificates(der)
	if len(certificates) == 0 && err == nil {
		err = errors.New("holds no certificate")
	}
	var text []byte
	for _, c := range certificates {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return text, err
}
