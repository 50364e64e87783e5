package latch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"gatehouse/devices"
	"gatehouse/devices/durable"
)

// File is a latch in a file. Its methods may be called one at a time.
type File struct {
	path    string
	content devices.Latched
}

// Open reads the file, which need not exist.
func Open(path string) (*File, error) {
	text, err := os.ReadFile(path) //nolint:gosec // in the data folder that the configuration names
	if errors.Is(err, fs.ErrNotExist) {
		return &File{path: path}, nil
	}
	f := &File{path: path}
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		err = d.Decode(&f.content)
	}
	if err != nil {
		return nil, fmt.Errorf("%s, which says what fire groups are released, cannot be read: %w; restore it from a backup, or remove it if no fire group is to be released", path, err)
	}
	return f, nil
}

// Load implements devices.Latch: what Open read, or Save wrote last.
func (f *File) Load() (devices.Latched, error) { return f.content, nil }

// Save implements devices.Latch.
func (f *File) Save(l devices.Latched) error {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("latch: %w", err)
	}
	if err := durable.Replace(f.path, append(text, '\n')); err != nil {
		return fmt.Errorf("latch: %w", err)
	}
	f.content = l
	return nil
}
