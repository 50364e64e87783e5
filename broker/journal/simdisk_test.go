package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"
)

// simDisk is a disk in memory that fails and loses power when it is told to. Like
// a real one it keeps what was synced, and of the rest what chance wants: of
// writes any sectors, of names those up to some point.
type simDisk struct {
	r        *rand.Rand
	entries  map[string]*simFile // as programs see them
	durable  map[string]*simFile // as they are after a power cut
	renames  []func(map[string]*simFile)
	capacity int64 // bytes of all files; 0: no limit

	steps int // that were taken
	fail  int // the step that fails; 0: none
	how   failure
	dead  bool // the machine is off
	syncs int  // of files
}

type failure byte

const (
	crash      failure = iota // the machine stops within the step
	brokenDisk                // EIO
	fullDisk                  // ENOSPC; of a write half is done
)

var errOff = errors.New("the machine is off")

const sector = 512

type simFile struct {
	d       *simDisk
	content []byte
	durable []byte
	pending []simWrite
}

// simWrite is a write, or with no data a new length, that is not durable.
type simWrite struct {
	at   int64
	data []byte
}

func newSimDisk(r *rand.Rand) *simDisk {
	return &simDisk{r: r, entries: map[string]*simFile{}, durable: map[string]*simFile{}}
}

// step counts one thing that changes the disk, and says whether it fails. A thing
// that a crash cuts off may have happened.
func (d *simDisk) step() (happens bool, err error) {
	if d.dead {
		return false, errOff
	}
	if d.steps++; d.steps != d.fail {
		return true, nil
	}
	switch d.how {
	case crash:
		d.dead = true
		return d.r.IntN(2) == 0, errOff
	case fullDisk:
		return false, syscall.ENOSPC
	default:
		return false, syscall.EIO
	}
}

// afterKill is the disk that the next process finds: all that was written.
func (d *simDisk) afterKill() *simDisk {
	n := newSimDisk(d.r)
	n.capacity, n.entries, n.durable, n.renames = d.capacity, d.entries, d.durable, d.renames
	for _, f := range n.entries {
		f.d = n
	}
	for _, f := range n.durable {
		f.d = n
	}
	return n
}

// afterPowerCut is the disk that the next start of the machine finds.
func (d *simDisk) afterPowerCut() *simDisk {
	n := newSimDisk(d.r)
	n.capacity = d.capacity
	names := maps.Clone(d.durable)
	for _, f := range d.renames[:d.r.IntN(len(d.renames)+1)] {
		f(names)
	}
	for name, f := range names {
		left := f.afterPowerCut(d.r)
		n.entries[name] = &simFile{d: n, content: left, durable: bytes.Clone(left)}
	}
	n.durable = maps.Clone(n.entries)
	return n
}

func (f *simFile) afterPowerCut(r *rand.Rand) []byte {
	left := bytes.Clone(f.durable)
	keep := r.IntN(4) // sectors out of three; all, or none
	for _, w := range f.pending {
		for _, w := range w.sectors() {
			if r.IntN(3) < keep {
				left = extended(left, w.at+int64(len(w.data)))
				copy(left[w.at:], w.data)
			}
		}
	}
	return left
}

// sectors are the parts of a write that are there or not.
func (w simWrite) sectors() (list []simWrite) {
	for len(w.data) > 0 {
		n := min(len(w.data), int(sector-w.at%sector))
		list = append(list, simWrite{w.at, w.data[:n]})
		w.at, w.data = w.at+int64(n), w.data[n:]
	}
	return append(list, w)
}

func extended(b []byte, size int64) []byte {
	if size > int64(len(b)) {
		b = append(b, make([]byte, size-int64(len(b)))...)
	}
	return b
}

func (d *simDisk) names() ([]string, error) { return slices.Sorted(maps.Keys(d.entries)), nil }

func (d *simDisk) open(name string) (file, error) {
	if f := d.entries[name]; f != nil {
		return f, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// change changes the names, which is durable after sync.
func (d *simDisk) change(f func(map[string]*simFile)) error {
	happens, err := d.step()
	if happens {
		f(d.entries)
		d.renames = append(d.renames, f)
	}
	return err
}

func (d *simDisk) create(name string) (file, error) {
	if d.entries[name] != nil {
		return nil, fs.ErrExist
	}
	f := &simFile{d: d}
	return f, d.change(func(m map[string]*simFile) { m[name] = f })
}

func (d *simDisk) rename(from, to string) error {
	f := d.entries[from]
	if f == nil {
		return fs.ErrNotExist
	}
	return d.change(func(m map[string]*simFile) { delete(m, from); m[to] = f })
}

func (d *simDisk) remove(name string) error {
	if d.entries[name] == nil {
		return fs.ErrNotExist
	}
	return d.change(func(m map[string]*simFile) { delete(m, name) })
}

func (d *simDisk) sync() error {
	happens, err := d.step()
	if happens {
		d.durable, d.renames = maps.Clone(d.entries), nil
	}
	return err
}

func (d *simDisk) used() (n int64) {
	for _, f := range d.entries {
		n += int64(len(f.content))
	}
	return n
}

func (f *simFile) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(f.content)) {
		return 0, io.EOF
	}
	n := copy(b, f.content[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *simFile) WriteAt(b []byte, at int64) (int, error) {
	happens, err := f.d.step()
	if !happens && errors.Is(err, syscall.ENOSPC) {
		b, happens = b[:f.d.r.IntN(len(b))], true
	}
	if !happens {
		return 0, err
	}
	f.content = extended(f.content, at+int64(len(b)))
	copy(f.content[at:], b)
	f.pending = append(f.pending, simWrite{at, bytes.Clone(b)})
	return len(b), err
}

func (f *simFile) allocate(size int64) error {
	happens, err := f.d.step()
	if more := size - int64(len(f.content)); err == nil && f.d.capacity > 0 && f.d.used()+more > f.d.capacity {
		return syscall.ENOSPC
	}
	if happens {
		f.content = extended(f.content, size)
		f.pending = append(f.pending, simWrite{at: size})
	}
	return err
}

func (f *simFile) sync() error {
	happens, err := f.d.step()
	if happens {
		f.d.syncs++
		f.durable, f.pending = bytes.Clone(f.content), nil
	}
	return err
}

func (f *simFile) size() (int64, error) { return int64(len(f.content)), nil }

func (f *simFile) Close() error { return nil }
