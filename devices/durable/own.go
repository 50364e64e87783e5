package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Half is the pattern of names that os.CreateTemp gives to a file which is not whole yet:
// Sweep removes it.
const Half = leftover + "*"

// leftover is what the names of files begin with that Temporary makes.
const leftover = ".new-"

// ReadOwn reads a small file that only its owner may read, such as one that holds a
// secret. It refuses what is no regular file, also a link to one, and a file that
// others may use: the error says what to do (OWASP ASVS 5.0 13.3.2). The error of a
// file that is not there is fs.ErrNotExist.
func ReadOwn(path string) ([]byte, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !named.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file: put the file itself there", path)
	}
	f, err := os.Open(path) //nolint:gosec // the program's own file, or the configuration's
	if err != nil {
		return nil, err
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(named, opened) {
		return nil, fmt.Errorf("%s was replaced while it was opened: try again", path)
	}
	if err := OwnersOnly(path, opened); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

// OwnersOnly is nil if nobody but its owner may use a file, as far as the system
// knows such modes; otherwise the error says how to make it so.
func OwnersOnly(path string, info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("%s may be used by others (mode %04o); run: chmod 600 %s", path, mode, path)
	}
	return nil
}

// Left says whether a name is one that Sweep removes.
func Left(name string) bool { return strings.HasPrefix(name, leftover) }

// Sweep removes from a folder what a Replace or Temporary that was cut off has left.
// Nobody else may be writing there.
func Sweep(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, Half))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range left {
		info, err := os.Lstat(path)
		if err != nil || info.IsDir() {
			continue // gone already, or none of ours
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
