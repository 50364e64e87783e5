//go:build unix

package main

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// foreignOwner says whether a folder belongs to somebody else than who runs this
// program, and to whom.
func foreignOwner(info fs.FileInfo) (name string, foreign bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int64(s.Uid) == int64(os.Geteuid()) {
		return "", false
	}
	id := strconv.FormatUint(uint64(s.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username, true
	}
	return "user " + id, true
}
