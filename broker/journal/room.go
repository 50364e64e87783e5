package journal

import (
	"errors"
	"fmt"
	"slices"

	"gatehouse/broker"
	"gatehouse/broker/failpoint"
)

// reserve is an allocated file that is kept for the time when the disk is full.
// The last one is only for cleaning: with it the oldest segment can be copied
// together and given up, which brings it back. The other one takes what removes
// something, and comes back from what that leaves dead. Nothing else is stored
// without both.
type reserve struct {
	name string
	file file
}

const reserves = 2

func reserveName(i int) string { return fmt.Sprintf("reserve.%d", i) }

// newName is a file that becomes a segment.
const newName = "new"

var errNoReserve = errors.New("the disk has no room for the reserve")

// makeRoom makes room for n bytes at the end of the newest segment, or makes a new
// one. Its error is ErrNoSpace if the disk has none to give.
func (j *Journal) makeRoom(n int64) error {
	if len(j.reserve) < reserves && !j.removes {
		return noSpace(errNoReserve)
	}
	for j.segments.newest().room() < n+slack {
		name, f, size, err := j.nextFile(n)
		if err != nil {
			return err
		}
		if err := j.addSegment(name, f, size); err != nil {
			return err
		}
	}
	return nil
}

// makeRoomOnFullDisk makes room out of what is dead in the journal's own files, or
// for what only removes out of the reserve.
func (j *Journal) makeRoomOnFullDisk(n int64) error {
	for {
		full := j.makeRoom(n)
		if !errors.Is(full, broker.ErrNoSpace) {
			return full
		}
		done, err := j.reclaim()
		switch {
		case err != nil:
			return err
		case done:
		case j.removes && len(j.reserve) == reserves && n+slack <= j.segSize-headerSize:
			return j.addReserve()
		default:
			return full
		}
	}
}

// nextFile gives a file for a segment that has room for n bytes. A reserve is taken
// only if it comes back at once, from a segment in which nothing is live.
func (j *Journal) nextFile(n int64) (name string, f file, size int64, err error) {
	size = j.segSize
	if own := n + slack + headerSize; own > size {
		size = (own + 4095) &^ 4095
	} else if len(j.reserve) > 0 && j.oldestIsDead() {
		r := j.takeReserve()
		return r.name, r.file, size, nil
	} else if err := j.keepReserve(); err != nil {
		return "", nil, 0, err
	}
	f, err = j.allocate(newName, size)
	return newName, f, size, err
}

func (j *Journal) oldestIsDead() bool {
	return len(j.segments.list) > 1 && j.segments.oldest().live == 0
}

// keepReserve allocates what is missing of the reserve.
func (j *Journal) keepReserve() error {
	for len(j.reserve) < reserves {
		name := j.freeReserve()
		f, err := j.allocate(name, j.segSize)
		if err != nil {
			return err
		}
		j.reserve = append(j.reserve, reserve{name, f})
	}
	return nil
}

// regainReserve makes up for what is missing of the reserve, on a full disk out of
// what is dead.
func (j *Journal) regainReserve() error {
	err := j.keepReserve()
	if errors.Is(err, broker.ErrNoSpace) {
		_, err = j.reclaim()
	}
	return err
}

// freeReserve is a name that no reserve has.
func (j *Journal) freeReserve() string {
	for i := 1; ; i++ {
		if !slices.ContainsFunc(j.reserve, func(r reserve) bool { return r.name == reserveName(i) }) {
			return reserveName(i)
		}
	}
}

func (j *Journal) takeReserve() reserve {
	last := len(j.reserve) - 1
	r := j.reserve[last]
	j.reserve = j.reserve[:last]
	return r
}

// addReserve makes a reserve the newest segment.
func (j *Journal) addReserve() error {
	r := j.takeReserve()
	return j.addSegment(r.name, r.file, j.segSize)
}

// allocate makes a file and has the disk keep its space.
func (j *Journal) allocate(name string, size int64) (file, error) {
	f, err := j.disk.create(name)
	if err != nil {
		return nil, j.diskError("create", name, err)
	}
	if err := f.allocate(size); err != nil {
		return nil, j.discard(name, f, j.diskError("allocate", name, err))
	}
	return f, nil
}

// discard removes a file that is no part of the log, after an error.
func (j *Journal) discard(name string, f file, because error) error {
	_ = f.Close()
	if err := j.disk.remove(name); err != nil {
		return j.fail(fmt.Errorf("remove %s: %w", name, err))
	}
	return because
}

// addSegment makes a file the newest segment: its header becomes durable, then its
// name. The header says which segments are not needed any more: those at the
// beginning in which nothing is live.
func (j *Journal) addSegment(name string, f file, size int64) error {
	s := &segment{number: 1, file: f, size: size, end: headerSize, first: j.frame + 1, oldest: max(j.oldest, 1)}
	if list := j.segments.list; len(list) > 0 {
		s.number = j.segments.newest().number + 1
		if j.oldestIsDead() {
			s.oldest = max(s.oldest, j.segments.firstLive(list[1].number))
		}
	}
	if err := j.writeHeader(s, name); err != nil {
		return j.giveBack(name, f, err)
	}
	if err := j.nameSegment(name, s); err != nil {
		return j.giveBack(name, f, err)
	}
	failpoint.Here(failpoint.NewSegment)
	j.segments.list = append(j.segments.list, s)
	j.segments.used += headerSize
	if err := j.syncFolder(); err != nil {
		return err
	}
	j.oldest = s.oldest
	return nil
}

// writeHeader makes the header of a new segment durable.
func (j *Journal) writeHeader(s *segment, name string) error {
	h := head{id: j.mark.id, segment: s.number, frame: s.first, third: uint64(s.oldest)}
	var b []byte
	b, s.salt = h.bytes(magic)
	if _, err := s.file.WriteAt(b, 0); err != nil {
		return j.diskError("write", name, err)
	}
	if err := s.file.sync(); err != nil {
		return j.fail(fmt.Errorf("sync %s: %w", name, err))
	}
	return nil
}

// nameSegment gives the file its name in the log, which is not durable yet.
func (j *Journal) nameSegment(name string, s *segment) error {
	if err := j.disk.rename(name, s.name()); err != nil {
		return j.diskError("rename", name, err)
	}
	return nil
}

func (j *Journal) syncFolder() error {
	if err := j.disk.sync(); err != nil {
		return j.fail(fmt.Errorf("sync the folder: %w", err))
	}
	return nil
}

// giveBack keeps a reserve, or discards another file, that became no segment.
func (j *Journal) giveBack(name string, f file, because error) error {
	if name == newName {
		return j.discard(name, f, because)
	}
	j.reserve = append(j.reserve, reserve{name, f})
	return because
}
