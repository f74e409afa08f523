package main

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// certificates are in every image; where a system has none at this place,
// their 0.1 MB are not counted.
const certificates = "/etc/ssl/certs/ca-certificates.crt"

// images measures what an image holds beside the base that it may have.
func (b *bench) images() error {
	for _, c := range b.contenders {
		fmt.Fprintf(b.progress, "%-14s  %-24s", c.name, "image")
		size, err := compressed(c.files)
		if err != nil {
			return err
		}
		b.record(imageSize, c.name, float64(size)/1e6)
		fmt.Fprintln(b.progress)
	}
	return nil
}

// compressed is the size of files and directories in a tar.gz, in bytes. What
// does not exist counts nothing.
func compressed(paths []string) (int64, error) {
	var size counter
	zip := gzip.NewWriter(&size)
	archive := tar.NewWriter(zip)
	for _, path := range paths {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			continue
		}
		err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			return addFile(archive, path)
		})
		if err != nil {
			return 0, err
		}
	}
	if err := archive.Close(); err != nil {
		return 0, err
	}
	err := zip.Close()
	return int64(size), err
}

func addFile(archive *tar.Writer, path string) error {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: filepath.ToSlash(path), Mode: int64(info.Mode().Perm()), Size: info.Size(), Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
