package journal

import (
	"errors"
	"fmt"
	"strings"
)

// DamageError says in one line that what was acknowledged is not whole any more,
// where, and what to do.
type DamageError struct {
	Path    string // the file, or where it should be
	Offset  int64  // in the file
	Problem string
	Remedy  string
	Err     error // cause, may be nil
}

// Error implements error: one line.
func (e *DamageError) Error() string {
	s := fmt.Sprintf("journal %s, byte %d: %s", e.Path, e.Offset, e.Problem)
	if e.Err != nil {
		s += " (" + strings.ReplaceAll(e.Err.Error(), "\n", " ") + ")"
	}
	return s + "; " + e.Remedy
}

// Unwrap gives the cause.
func (e *DamageError) Unwrap() error { return e.Err }

const (
	remedyRestore = "put a backup of its folder in its place, or move the folder away to start with an empty one: " +
		"sessions, queued and retained messages are then lost"
	remedyNewer = "start that version, or put a backup that this one made in the folder's place"
)

// damaged makes the error for a file of the journal.
func (j *Journal) damaged(name string, offset int64, problem string, err error) error {
	e := &DamageError{Path: j.path(name), Offset: offset, Problem: problem, Remedy: remedyRestore, Err: err}
	if errors.Is(err, errNewer) {
		e.Problem, e.Remedy, e.Err = err.Error(), remedyNewer, nil
	}
	return e
}
