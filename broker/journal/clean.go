package journal

import (
	"errors"
	"fmt"

	"gatehouse/broker"
	"gatehouse/broker/failpoint"
)

// The log is cleaned from its oldest end: what is live in the oldest segment is
// written again at the newest end, then the oldest is given up. Nothing stands
// before it, so what it says was removed needs to be remembered by nobody.

// cleaner is how far the oldest segment is copied.
type cleaner struct {
	segment uint32 // 0: not begun
	at      int64  // of the next frame to read
	number  uint64 // its number
	frame   []byte // the one that is being copied
	base    int64  // where it stands
	pos     int    // of the next record in it
	owed    int    // bytes to be looked at for what was written
	copies  []byte
}

const (
	// For each byte that is written four are looked at. At least about half of them
	// are dead when cleaning is due, so it gains on what is written.
	cleaningPace = 4
	// What one Apply looks at and copies at most, unless it is large itself.
	lookAtMost = 1 << 20
	copyAtMost = 256 << 10
)

func (c *cleaner) owe(written int) {
	c.owed = min(c.owed+cleaningPace*written, 64*lookAtMost)
}

// restart forgets copies that were not written.
func (c *cleaner) restart() { c.segment = 0 }

// due says whether more is dead than may be.
func (j *Journal) due() bool {
	s := &j.segments
	return len(s.list) > 1 && s.oldest().number >= j.oldest && s.used > 2*s.live+j.segSize
}

// copyForward gives records to be written again before those of the running Apply.
func (j *Journal) copyForward() ([]byte, error) {
	if !j.due() {
		j.cleaner.owed = 0
		return nil, nil
	}
	look := min(j.cleaner.owed, max(lookAtMost, cleaningPace*len(j.user)))
	j.cleaner.owed -= look
	return j.copyOldest(look, max(copyAtMost, 2*len(j.user)))
}

// copyOldest goes through the oldest segment from where it stopped, until it has
// looked at that many bytes or has that many to copy. At the end it adds that the
// segment is not needed any more, which is true when the copies are durable.
func (j *Journal) copyOldest(look, most int) ([]byte, error) {
	c, s := &j.cleaner, j.segments.oldest()
	if c.segment != s.number {
		c.segment, c.at, c.number = s.number, headerSize, s.first
		c.frame, c.pos = c.frame[:0], 0
	}
	c.copies = c.copies[:0]
	if cap(c.copies) > keepBuffer {
		c.copies = nil
	}
	for s.live > 0 && !c.done(s) {
		if look <= 0 || len(c.copies) >= most {
			return c.copies, nil
		}
		n, err := j.copyRecord(s)
		if err != nil {
			return nil, j.fail(err)
		}
		look -= n
	}
	c.copies = appendOldest(c.copies, j.segments.firstLive(s.number+1))
	return c.copies, nil
}

func (c *cleaner) done(s *segment) bool { return c.pos == len(c.frame) && c.at == s.end }

// copyRecord copies the next record if it is live, and gives its size.
func (j *Journal) copyRecord(s *segment) (int, error) {
	c := &j.cleaner
	if c.pos == len(c.frame) {
		if err := j.readFrame(s); err != nil {
			return 0, err
		}
	}
	rec, err := parse(c.frame[c.pos:])
	if err != nil {
		return 0, j.damaged(s.name(), c.base, "frame cannot be read", err)
	}
	c.copies = j.mirror.copy(c.copies, c.frame[c.pos:c.pos+rec.size], rec, ref{s.number, uint32(c.base) + uint32(c.pos), uint32(rec.size)})
	c.pos += rec.size
	return rec.size, nil
}

// readFrame reads the next frame of the oldest segment and checks it once more.
func (j *Journal) readFrame(s *segment) error {
	c := &j.cleaner
	var header [frameHeader]byte
	if _, err := s.file.ReadAt(header[:], c.at); err != nil {
		return fmt.Errorf("read %s: %w", s.name(), err)
	}
	n := frameLength(header[:])
	if n == 0 || n > s.end-c.at {
		return j.damaged(s.name(), c.at, "frame has been changed", nil)
	}
	if int64(cap(c.frame)) < n || cap(c.frame) > keepBuffer {
		c.frame = make([]byte, n)
	}
	c.frame = c.frame[:n]
	if _, err := s.file.ReadAt(c.frame, c.at); err != nil {
		return fmt.Errorf("read %s: %w", s.name(), err)
	}
	if _, ok := whole(c.frame, c.number, s.salt); !ok {
		return j.damaged(s.name(), c.at, "frame has been changed", nil)
	}
	c.base, c.pos = c.at, frameHeader
	c.at += n
	c.number++
	return nil
}

// sweepAtMost are as many segments as one Apply removes: each is a sync of the
// folder.
const sweepAtMost = 4

// sweep gives up segments that are durably not needed any more.
func (j *Journal) sweep() error {
	for range sweepAtMost {
		if j.segments.oldest().number >= j.oldest {
			return nil
		}
		done, err := j.removeOldest()
		if err != nil || !done {
			return err
		}
	}
	return nil
}

// removeOldest removes the oldest segment, or makes it a reserve. If the disk is
// too full even for that, it stays for now.
func (j *Journal) removeOldest() (done bool, err error) {
	s := j.segments.oldest()
	if s.live != 0 {
		return false, j.fail(fmt.Errorf("%s is to be removed and has %d live bytes", s.name(), s.live))
	}
	keep, name := len(j.reserve) < reserves && s.size == j.segSize, j.freeReserve()
	if keep {
		err = j.disk.rename(s.name(), name)
	} else {
		err = j.disk.remove(s.name())
	}
	if err != nil {
		if err = j.diskError("remove", s.name(), err); errors.Is(err, broker.ErrNoSpace) {
			return false, nil
		}
		return false, err
	}
	if keep {
		j.reserve = append(j.reserve, reserve{name, s.file})
	} else {
		_ = s.file.Close() // it is gone
	}
	failpoint.Here(failpoint.MidCleaning)
	j.segments.list = j.segments.list[1:]
	j.segments.used -= s.end
	return true, j.syncFolder()
}

// reclaim cleans the oldest segment at once, into the newest one or a reserve. It
// says whether it did: there is nothing to gain while less than a segment is dead.
func (j *Journal) reclaim() (bool, error) {
	s := &j.segments
	before := len(s.list)
	if err := j.sweep(); err != nil || len(s.list) < before {
		return err == nil, err
	}
	if len(s.list) < 2 || s.oldest().number < j.oldest || s.oldest().live > 0 && s.garbage() < j.segSize {
		return false, nil
	}
	j.cleaner.restart()
	copies, err := j.copyOldest(maxPayload, maxPayload)
	if err != nil {
		return false, err
	}
	n := int64(frameHeader + len(copies))
	if s.newest().room() < n {
		if len(j.reserve) == 0 || n > j.segSize-headerSize {
			return false, nil
		}
		if err := j.addReserve(); err != nil {
			return false, onlyFatal(err)
		}
	}
	if err := j.commit(copies); err != nil {
		return false, onlyFatal(err)
	}
	return true, j.sweep()
}

// onlyFatal is err unless it is ErrNoSpace.
func onlyFatal(err error) error {
	if errors.Is(err, broker.ErrNoSpace) {
		return nil
	}
	return err
}
