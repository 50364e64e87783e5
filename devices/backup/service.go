package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/durable"
)

const (
	lookEvery = time.Minute // whether one is due
	// retryAfter is how long a backup of the day that failed waits: what stood in its way is
	// mostly a disk that is full or away.
	retryAfter = time.Hour
	// firstAfter is how long a server runs at most until there is a backup at all: one that is
	// always off at the time of day would never have any.
	firstAfter = time.Hour
	// KeepFree is how much of the disk of the data stays free, bytes: a backup that takes the
	// last of it would stop the broker and the database.
	KeepFree = 200 << 20
)

// daily is who makes the backup of the day.
var daily = devices.Actor{Kind: devices.ActorSystem, ID: "backup", Name: "backup"}

// Database is what a backup needs to know of one.
type Database interface {
	// CopyTo makes a whole copy as of one moment at a path where nothing is.
	CopyTo(ctx context.Context, path string) error
	// CheckCopy is nil if nothing is wrong with a copy.
	CheckCopy(ctx context.Context, path string) error
	// Name of its file in the data folder.
	Name() string
}

// Deps are the parts behind the Service. Log and Now may be left out.
type Deps struct {
	Data     string // the data folder
	Database Database
	// Before are files and folders of the data folder that go in before the database, so that
	// nothing in them is newer than it. Grow are folders in which each file stays as it is: what
	// comes into them until the database is copied goes in too.
	Before, Grow []string
	Dir          string // where backups go; it is made with the first one
	At           Clock  // time of day of the daily backup
	Keep         int    // how many there are at most, at least 1
	Passphrase   string // empty: they are not encrypted
	Pictures     bool   // Grow has those of cameras
	DataKey      bool   // Before has the data key
	Version      string // of the program
	// Space is what a disk has, in bytes.
	Space func(path string) (free, total int64, known bool)
	// SameDisk is whether Dir lies on the disk of Data; nil: not known.
	SameDisk func() *bool
	// Record adds an entry to the audit trail.
	Record func(ctx context.Context, by devices.Actor, verb, object string, detail map[string]any) error
	Log    *slog.Logger
	Now    func() time.Time
}

// Service makes backups. Safe for concurrent use.
type Service struct {
	d     Deps
	asked chan devices.Actor // for whom Run makes one

	mu      sync.Mutex // of what follows
	running *Running
	failed  *Failed
	began   time.Time // of the service
	seen    seen
}

// seen is what was found in the folder when it was looked at last.
type seen struct {
	backups  []Backup // the newest first
	unread   string   // why it could not be read; empty: it could
	sameDisk *bool
}

// Policy is how backups are made.
type Policy struct {
	At        Clock // time of day of the machine
	Dir       string
	Keep      int
	Encrypted bool // new ones
	Pictures  bool // those of cameras are in new ones
}

// Policy is what the service was told.
func (s *Service) Policy() Policy {
	return Policy{At: s.d.At, Dir: s.d.Dir, Keep: s.d.Keep, Encrypted: s.d.Passphrase != "", Pictures: s.d.Pictures}
}

// Step is what a backup that is made is at.
type Step string

// The steps. Some files are packed before the database is copied (see Deps), the rest after it.
const (
	Copying   Step = "copying"   // the database
	Packing   Step = "packing"   // everything into one file
	Verifying Step = "verifying" // that file, read back
)

// Running is a backup that is being made.
type Running struct {
	Began       time.Time
	By          devices.Actor
	Step        Step
	Done, Total int64 // bytes of the step; Total 0: not known
}

// Failed is a backup that was not made.
type Failed struct {
	At  time.Time
	Why string // in English
}

// Status is how backups stand.
type Status struct {
	Running *Running // nil: none is being made
	Failed  *Failed  // nil: the newest attempt of this run of the program was none that failed
	Next    time.Time
	// The rest is as of the last look, at most a minute ago.
	Backups  []Backup // the newest first
	Unread   string   // why the folder cannot be read; empty: it can
	SameDisk *bool    // whether it lies on the disk of the data; nil: not known
}

// New makes the service and removes what an earlier run left half-made; see Run.
func New(d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	s := &Service{d: d, asked: make(chan devices.Actor, 1), began: d.Now()}
	if err := os.RemoveAll(s.scratch()); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return s, nil
}

// scratch is the folder for the copy of the database. It is never where backups go: that may
// be another machine's disk, and the copy is not encrypted.
func (s *Service) scratch() string { return filepath.Join(s.d.Data, "backup.tmp") }

// Run makes the backups that are due or asked for, until ctx ends; one that is being made is
// given up then.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	s.look()
	for {
		select {
		case <-ctx.Done():
			return nil
		case by := <-s.asked:
			s.turn(ctx, by)
		case <-tick.C:
			s.look()
			if s.due() && s.begin(daily) {
				s.turn(ctx, daily)
			}
		}
	}
}

// Start has a backup made now; Status tells of it. Conflict: one is being made.
func (s *Service) Start(by devices.Actor) error {
	if !s.begin(by) {
		return &devices.Error{Op: "backup.start", Code: devices.Conflict, Message: "a backup is being made; wait for its end"}
	}
	s.asked <- by // there is room: one at a time
	return nil
}

// begin is false if one is being made.
func (s *Service) begin(by devices.Actor) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return false
	}
	s.running = &Running{Began: s.d.Now().UTC(), By: by, Step: Copying}
	return true
}

// turn makes the backup that was begun.
func (s *Service) turn(ctx context.Context, by devices.Actor) {
	b, err := s.make(ctx)
	if err == nil {
		err = s.d.Record(ctx, by, "backup.make", "backup:"+b.Name, map[string]any{"bytes": b.Size, "sha256": b.sum, "encrypted": b.Encrypted})
	}
	if err == nil {
		err = s.rotate()
	}
	if err != nil && ctx.Err() == nil {
		s.d.Log.Error("backup", "folder", s.d.Dir, "made", b.Name, "err", err)
	}
	s.look()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running, s.failed = nil, nil
	if err != nil && ctx.Err() == nil {
		s.failed = &Failed{s.d.Now().UTC(), err.Error()}
	}
}

// look looks into the folder. Only Run's goroutine does: a folder on another machine may keep
// whoever looks waiting, and those who ask how backups stand are not to wait for it.
func (s *Service) look() {
	var found seen
	var err error
	if found.backups, err = s.list(); err != nil {
		found.unread = err.Error()
	}
	if s.d.SameDisk != nil {
		found.sameDisk = s.d.SameDisk()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = found
}

// due is whether the time of day has passed since the newest backup was made. Where there is
// none the first is due at that time after the start, and an hour after the start at most.
func (s *Service) due() bool {
	at := s.next()
	return !at.IsZero() && !at.After(s.d.Now())
}

// next is when the next daily backup is made; zero: never.
func (s *Service) next() time.Time {
	if s.d.At == Never {
		return time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.d.At.after(s.began)
	if list := s.seen.backups; len(list) > 0 {
		next = s.d.At.after(list[0].Made)
	} else if first := s.began.Add(firstAfter); first.Before(next) {
		next = first
	}
	if f := s.failed; f != nil && next.Before(f.At.Add(retryAfter)) {
		return f.At.Add(retryAfter)
	}
	return next
}

// Status tells how backups stand.
func (s *Service) Status() Status {
	st := Status{Next: s.next()}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Backups, st.Unread, st.SameDisk = slices.Clone(s.seen.backups), s.seen.unread, s.seen.sameDisk
	if s.running != nil {
		running := *s.running
		st.Running = &running
	}
	st.Failed = s.failed
	return st
}

// Open opens a backup for somebody who takes it away as it is, which the audit trail tells:
// the caller closes it. NotFound; Conflict if it is not encrypted: it has every secret of
// the property in it, so that it is copied on the machine and not sent to a browser.
func (s *Service) Open(ctx context.Context, by devices.Actor, name string) (_ *os.File, b Backup, err error) {
	const op = "backup.open"
	b, ok := named(name)
	if !ok {
		return nil, b, &devices.Error{Op: op, Code: devices.NotFound, Message: fmt.Sprintf("%.80q is not the name of a backup", name)}
	}
	if !b.Encrypted {
		return nil, b, &devices.Error{Op: op, Code: devices.Conflict, Message: "a backup that is not encrypted is not given out: set backup.passphrase and make another one, or copy the file on the machine of the server"}
	}
	f, err := os.Open(filepath.Join(s.d.Dir, b.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, b, &devices.Error{Op: op, Code: devices.NotFound, Message: b.Name + " is not there any more", Err: err}
	}
	if err != nil {
		return nil, b, err
	}
	if err := s.d.Record(ctx, by, "backup.take", "backup:"+b.Name, nil); err != nil {
		return nil, b, errors.Join(err, f.Close())
	}
	return f, b, nil
}

// rotate removes the oldest beyond those that are kept.
func (s *Service) rotate() error {
	list, err := s.list()
	if err != nil || len(list) <= s.d.Keep {
		return err
	}
	var errs []error
	for _, b := range list[s.d.Keep:] {
		errs = append(errs, os.Remove(filepath.Join(s.d.Dir, b.Name)))
	}
	return errors.Join(append(errs, durable.SyncFolder(s.d.Dir))...)
}
