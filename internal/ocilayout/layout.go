package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing/fstest"
)

// Media types of the OCI image specification.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// object is a JSON object; its members are written in the order of their names.
type object map[string]any

// layout has the files of an OCI image layout, by their paths.
type layout fstest.MapFS

// addImage adds an image of one layer, which holds files, and returns its
// descriptor. The configuration lacks nothing but the layer.
func (l layout) addImage(files fs.FS, configuration object) (object, error) {
	var compressed bytes.Buffer
	uncompressed := sha256.New()
	z := gzip.NewWriter(&compressed)
	t := tar.NewWriter(io.MultiWriter(z, uncompressed))
	if err := errors.Join(t.AddFS(files), t.Close(), z.Close()); err != nil {
		return nil, err
	}
	layer := l.addBlob(typeLayer, compressed.Bytes())
	configuration["rootfs"] = object{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", uncompressed.Sum(nil))}}
	config, err := l.addJSON(typeConfig, configuration)
	if err != nil {
		return nil, err
	}
	image, err := l.addJSON(typeManifest, object{
		"schemaVersion": 2, "mediaType": typeManifest, "config": config, "layers": []object{layer},
	})
	image["platform"] = object{"os": configuration["os"], "architecture": configuration["architecture"]}
	return image, err
}

// addIndex makes the images one, of several platforms, that name refers to.
func (l layout) addIndex(name string, images []object) error {
	all, err := l.addJSON(typeIndex, object{"schemaVersion": 2, "mediaType": typeIndex, "manifests": images})
	if err != nil {
		return err
	}
	all["annotations"] = object{"org.opencontainers.image.ref.name": name}
	index, err := json.Marshal(object{"schemaVersion": 2, "mediaType": typeIndex, "manifests": []object{all}})
	l["index.json"] = &fstest.MapFile{Data: index, Mode: 0o644}
	l["oci-layout"] = &fstest.MapFile{Data: []byte(`{"imageLayoutVersion":"1.0.0"}`), Mode: 0o644}
	return err
}

func (l layout) addJSON(mediaType string, value object) (object, error) {
	data, err := json.Marshal(value)
	return l.addBlob(mediaType, data), err
}

// addBlob returns the descriptor of data.
func (l layout) addBlob(mediaType string, data []byte) object {
	sum := fmt.Sprintf("%x", sha256.Sum256(data))
	l["blobs/sha256/"+sum] = &fstest.MapFile{Data: data, Mode: 0o644}
	return object{"mediaType": mediaType, "digest": "sha256:" + sum, "size": len(data)}
}
