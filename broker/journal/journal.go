package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"gatehouse/broker"
)

// Options are the settings of a Journal; the zero value is good.
type Options struct {
	Log *slog.Logger // nil: slog.Default()
	// SegmentSize is how long the files of the log are; 0: DefaultSegmentSize.
	SegmentSize int64
}

// The sizes that a segment may have.
const (
	DefaultSegmentSize = 8 << 20
	MinSegmentSize     = 4 << 10
	MaxSegmentSize     = 1 << 30
)

// Journal is a broker.Store in a folder. Its methods are safe for concurrent use.
type Journal struct {
	dir     string
	disk    disk
	log     *slog.Logger
	segSize int64

	mu       sync.Mutex // guards all below
	segments segments
	reserve  []reserve
	mark     mark
	mirror   *mirror
	cleaner  cleaner
	frame    uint64 // number of the last one
	oldest   uint32 // segments below are not needed: that is durable
	broken   error  // nothing is ever stored again
	closed   bool

	user    []byte // records of the Apply that runs
	removes bool   // nothing in it takes space for long
	buf     []byte // its frame
	pending map[broker.MessageID]struct{}
}

var _ broker.Store = (*Journal)(nil)

var errClosed = errors.New("journal: it is closed")

// Open opens the journal in dir, or makes an empty one there. The folder must be
// this process's own. Damage is a *DamageError.
func Open(ctx context.Context, dir string, o Options) (*Journal, error) {
	d, err := newFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w; name a folder that can be made and written", dir, err)
	}
	return open(ctx, d, string(d), o)
}

// open opens the journal on any disk.
func open(ctx context.Context, d disk, dir string, o Options) (_ *Journal, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.SegmentSize == 0 {
		o.SegmentSize = DefaultSegmentSize
	}
	if o.SegmentSize < MinSegmentSize || o.SegmentSize > MaxSegmentSize {
		return nil, fmt.Errorf("journal: a segment of %d bytes; it may have %d to %d", o.SegmentSize, MinSegmentSize, MaxSegmentSize)
	}
	j := &Journal{dir: dir, disk: d, log: o.Log, segSize: o.SegmentSize, pending: make(map[broker.MessageID]struct{})}
	j.mirror = newMirror(&j.segments)
	defer func() {
		if err != nil {
			err = errors.Join(err, j.closeFiles())
		}
	}()
	if err := j.recover(ctx); err != nil {
		var damage *DamageError
		if errors.As(err, &damage) {
			return nil, err
		}
		return nil, fmt.Errorf("journal %s: it cannot be opened: %w; make the folder writable for the user that runs this program, and check the disk", dir, err)
	}
	return j, nil
}

// Apply implements broker.Store. Once begun it does not stop for ctx: half of a
// change set is no state.
func (j *Journal) Apply(ctx context.Context, changes []broker.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return errClosed
	case j.broken != nil:
		return j.broken
	}
	if err := j.encode(changes); err != nil {
		return err
	}
	if len(j.user) == 0 {
		return nil
	}
	return j.store()
}

// encode puts the changes into j.user. A body that is there already is not stored
// again, and no entry may name one that is not.
func (j *Journal) encode(changes []broker.Change) (err error) {
	if cap(j.user) > keepBuffer {
		j.user = nil
	}
	j.user, j.removes = j.user[:0], true
	clear(j.pending)
	for _, c := range changes {
		j.removes = j.removes && removes(c)
		switch c := c.(type) {
		case broker.PutMessage:
			if j.named(c.ID) {
				continue
			}
			j.pending[c.ID] = struct{}{}
		case broker.Enqueue:
			if !j.named(c.Entry.Message) {
				return fmt.Errorf("journal: entry %d of %q names message %d, which does not exist: put the message before it",
					c.Entry.Seq, c.Entry.Client, c.Entry.Message)
			}
		}
		if j.user, err = appendChange(j.user, c); err != nil {
			return err
		}
	}
	if len(j.user) > maxPayload {
		return fmt.Errorf("journal: %d bytes in one Apply; it may have %d", len(j.user), maxPayload)
	}
	return nil
}

// removes says whether a change is one after which less is live, or no more.
func removes(c broker.Change) bool {
	switch c.(type) {
	case broker.DeleteSession, broker.DeleteSubscription, broker.DeleteAttached, broker.Advance, broker.Dequeue,
		broker.DeleteIncoming, broker.DeleteRetained, broker.DeleteWill:
		return true
	default:
		return false
	}
}

// named says whether there is a body of that id.
func (j *Journal) named(id broker.MessageID) bool {
	if _, ok := j.pending[id]; ok {
		return true
	}
	return j.mirror.bodies[id] != nil
}

// Close closes the journal; nothing is lost without it.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	var err error
	if j.broken == nil {
		err = j.mark.file.sync()
	}
	return errors.Join(err, j.closeFiles())
}

func (j *Journal) closeFiles() error {
	var errs []error
	for _, s := range j.segments.list {
		errs = append(errs, s.file.Close())
	}
	for _, r := range j.reserve {
		errs = append(errs, r.file.Close())
	}
	if j.mark.file != nil {
		errs = append(errs, j.mark.file.Close())
	}
	j.segments.list, j.reserve, j.mark.file = nil, nil, nil
	return errors.Join(errs...)
}

func (j *Journal) path(name string) string { return filepath.Join(j.dir, name) }
