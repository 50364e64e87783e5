package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// disk is one folder of a file system. The tests have one that fails and loses
// power.
type disk interface {
	names() ([]string, error)
	open(name string) (file, error)
	create(name string) (file, error) // of its owner only; it must not exist
	rename(from, to string) error
	remove(name string) error
	sync() error // makes the names durable
}

// file is an open file.
type file interface {
	ReadAt(b []byte, at int64) (int, error)
	WriteAt(b []byte, at int64) (int, error)
	// allocate makes the file that long and has the disk keep the space.
	allocate(size int64) error
	// sync makes the content durable, and its length.
	sync() error
	size() (int64, error)
	Close() error
}

// folder is the real disk.
type folder string

// newFolder makes the folder if it does not exist, durably.
func newFolder(path string) (folder, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(abs, 0o700); err != nil {
			return "", err
		}
		return folder(abs), folder(filepath.Dir(abs)).sync()
	}
	return folder(abs), nil
}

func (f folder) names() (names []string, err error) {
	entries, err := os.ReadDir(string(f))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (f folder) open(name string) (file, error) { return f.openWith(name, 0) }

func (f folder) create(name string) (file, error) { return f.openWith(name, os.O_CREATE|os.O_EXCL) }

func (f folder) openWith(name string, flags int) (file, error) {
	h, err := os.OpenFile(filepath.Join(string(f), name), os.O_RDWR|flags, 0o600) //nolint:gosec // the folder that the program names
	if err != nil {
		return nil, err
	}
	return osFile{h}, nil
}

func (f folder) rename(from, to string) error {
	return os.Rename(filepath.Join(string(f), from), filepath.Join(string(f), to))
}

func (f folder) remove(name string) error { return os.Remove(filepath.Join(string(f), name)) }

func (f folder) sync() error {
	d, err := os.Open(string(f))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// osFile is a real file; allocate and sync depend on the system.
type osFile struct{ *os.File }

func (f osFile) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// fill allocates by writing zeros behind what is there.
func (f osFile) fill(size int64) error {
	have, err := f.size()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for have < size {
		n, err := f.WriteAt(zeros[:min(int64(len(zeros)), size-have)], have)
		if err != nil {
			return err
		}
		have += int64(n)
	}
	return nil
}

// isFull says whether the disk, a quota or a limit has no room left.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
