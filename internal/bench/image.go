package main

import (
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// certificates are in every image; where a system has none at this place,
// their 0.1 MB are not counted.
const certificates = "/etc/ssl/certs/ca-certificates.crt"

// images measures what an image holds beside the base that it may have.
func (b *bench) images() error {
	for _, s := range b.subjects {
		if s.caches || s.speedOnly { // the former have the image of those without
			continue
		}
		done := b.announce(s.name, "image")
		size, err := compressed(s.files)
		if err != nil {
			return err
		}
		b.record(imageSize, s.name, float64(size)/1e6)
		done()
	}
	return nil
}

// compressed is the size of files and directories under gzip, in bytes. What
// does not exist counts nothing.
func compressed(paths []string) (int64, error) {
	var size counter
	zip := gzip.NewWriter(&size)
	for _, path := range paths {
		err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			file, err := os.ReadFile(filepath.Clean(path))
			if err == nil {
				_, err = zip.Write(file)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	err := zip.Close()
	return int64(size), err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
