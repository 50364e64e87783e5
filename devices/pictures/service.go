package pictures

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/devices"
)

// Quarantine keeps messages that are no pictures, of a long one its beginning;
// devices.Control is one.
type Quarantine interface {
	Quarantine(ctx context.Context, q devices.Quarantined) error
}

// The default limits.
const (
	DefaultMaxBytes  = 4 << 20
	DefaultMaxPixels = 50_000_000
)

// Deps are the parts of Pictures. Store, Dir and Quarantine are required.
type Deps struct {
	Store      Store
	Dir        string // made, owner-only, if it is missing
	Quarantine Quarantine
	// Changed is told, after the commit, of a picture whose event was known (with
	// the site's new revision). It must not block.
	Changed   func(Record, devices.Revision)
	MaxBytes  int64 // 0: DefaultMaxBytes
	MaxPixels int64 // 0: DefaultMaxPixels
	Retention Retention
	Now       func() time.Time
	Log       *slog.Logger
}

// Pictures keeps pictures. It is safe for concurrent use.
type Pictures struct {
	d     Deps
	files files
	// hold keeps files and records in step: a picture is stored under its read lock, and
	// removed under its write lock.
	hold   sync.RWMutex
	making chan struct{} // holds one: thumbnails are made one after the other
	used   atomic.Int64  // bytes of files, as far as Run has counted
	crowd  chan struct{} // told when used is past the limit
}

// New makes the folder and clears half-written files of an earlier run out of it.
func New(d Deps) (*Pictures, error) {
	if d.Changed == nil {
		d.Changed = func(Record, devices.Revision) {}
	}
	if d.MaxBytes == 0 {
		d.MaxBytes = DefaultMaxBytes
	}
	if d.MaxPixels == 0 {
		d.MaxPixels = DefaultMaxPixels
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	d.Retention = d.Retention.complete()
	tmp := filepath.Join(d.Dir, "tmp")
	if err := os.RemoveAll(tmp); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	return &Pictures{d: d, files: files{dir: d.Dir}, making: make(chan struct{}, 1), crowd: make(chan struct{}, 1)}, nil
}
