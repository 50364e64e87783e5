package db

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/go-gormigrate/gormigrate/v2"
)

// OpenError says in one line why a database cannot be used, and what to do.
type OpenError struct {
	Path    string // the file
	Problem string
	Remedy  string
	Err     error // cause, may be nil
}

// Error implements error: one line.
func (e *OpenError) Error() string {
	s := fmt.Sprintf("database %s: %s", e.Path, e.Problem)
	if e.Err != nil {
		s += " (" + strings.ReplaceAll(e.Err.Error(), "\n", " ") + ")"
	}
	return s + "; " + e.Remedy
}

// Unwrap gives the cause.
func (e *OpenError) Unwrap() error { return e.Err }

const (
	remedyRestore = "keep a copy of the file and its -wal for an expert, and restore the last good backup (server restore)"
	remedyDisk    = "check the disk and the system's log"
)

// openError finds the problem and its remedy for an error met while opening path.
func openError(path string, err error) error {
	var known *OpenError
	if errors.As(err, &known) {
		return err
	}
	e := &OpenError{Path: path, Err: err}
	var found *damage
	switch code := primary(err); {
	case errors.As(err, &found):
		e.Problem, e.Remedy = "it is damaged", remedyRestore
	case isFull(err):
		e.Problem, e.Remedy = "the disk is full", "free some space"
	case errors.Is(err, gormigrate.ErrUnknownPastMigration):
		e.Problem = "it was written by a newer version of this program"
		e.Remedy = "start that version, or restore a backup made by this one (server restore)"
		e.Err = nil
	case code == sqliteNotADB:
		e.Problem, e.Remedy = "it is not a database, or its first bytes are damaged", remedyRestore
	case code == sqliteCorrupt:
		e.Problem, e.Remedy = "it is damaged", remedyRestore
	case code == sqliteBusy:
		e.Problem, e.Remedy = "another program holds it", "stop that program"
	case code == sqliteReadOnly, code == sqliteCantOpen, errors.Is(err, fs.ErrPermission):
		e.Problem, e.Remedy = "it cannot be written", "make the file and its folder writable for the user that runs this program"
	case code == sqliteIOErr:
		e.Problem, e.Remedy = "the disk answered with an error", remedyDisk
	case errors.Is(err, fs.ErrNotExist):
		e.Problem, e.Remedy = "its folder does not exist", "make the folder, or name another one"
	default:
		e.Problem, e.Remedy = "it cannot be opened", remedyDisk
	}
	return e
}
