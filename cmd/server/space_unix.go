//go:build linux || darwin

package main

import (
	"errors"
	"path/filepath"
	"syscall"
)

// diskSpace is what the disk under a folder has, in bytes: for us, and in all.
func diskSpace(path string) (free, total int64, known bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, 0, false
	}
	block := int64(st.Bsize) //nolint:unconvert // 32 bits on other systems
	return int64(st.Bavail) * block, int64(st.Blocks) * block, true
}

// sameDisk is whether two folders lie on one disk; nil: not known. A folder that is not
// there will lie where its parent does.
func sameDisk(a, b string) *bool {
	first, ok := deviceOf(a)
	second, also := deviceOf(b)
	if !ok || !also {
		return nil
	}
	same := first == second
	return &same
}

func deviceOf(path string) (device uint64, known bool) {
	var st syscall.Stat_t
	for err := syscall.Stat(path, &st); err != nil; err = syscall.Stat(path, &st) {
		parent := filepath.Dir(path)
		if parent == path || !errors.Is(err, syscall.ENOENT) {
			return 0, false
		}
		path = parent
	}
	return uint64(st.Dev), true //nolint:unconvert // 32 bits on other systems
}
