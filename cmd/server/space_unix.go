//go:build linux || darwin

package main

import "syscall"

// diskSpace is what the disk under a folder has, in bytes: for us, and in all.
func diskSpace(path string) (free, total int64, known bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, 0, false
	}
	block := int64(st.Bsize) //nolint:unconvert // 32 bits on other systems
	return int64(st.Bavail) * block, int64(st.Blocks) * block, true
}
