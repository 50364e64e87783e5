package journal

import (
	"errors"
	"fmt"

	"gatehouse/broker"
	"gatehouse/broker/failpoint"
)

// keepBuffer is how large a buffer may be that is kept for the next Apply.
const keepBuffer = 4 << 20

// store makes j.user durable: one frame, with what the cleaner copies before it.
// Copies say what was true before this Apply; so they stand before its records.
func (j *Journal) store() error {
	if err := j.sweep(); err != nil {
		return err
	}
	if err := j.regainReserve(); err != nil {
		return err
	}
	copies, err := j.copyForward()
	if err != nil {
		return err
	}
	err = j.makeRoom(int64(frameHeader + len(copies) + len(j.user)))
	if errors.Is(err, broker.ErrNoSpace) {
		copies = nil
		j.cleaner.restart()
		err = j.makeRoomOnFullDisk(int64(frameHeader + len(j.user)))
	}
	if err != nil {
		return err
	}
	if err := j.commit(copies, j.user); err != nil {
		return err
	}
	if len(copies) > 0 {
		failpoint.Here(failpoint.Copied)
	}
	j.cleaner.owe(len(j.user))
	return nil
}

// commit writes one frame, for which there is room, makes it durable and follows
// it in the mirror.
func (j *Journal) commit(parts ...[]byte) error {
	if cap(j.buf) > keepBuffer {
		j.buf = nil
	}
	j.buf = append(j.buf[:0], make([]byte, frameHeader)...)
	for _, p := range parts {
		j.buf = append(j.buf, p...)
	}
	s := j.segments.newest()
	seal(j.buf, j.frame+1, s.salt)
	if err := j.writeFrame(s); err != nil {
		j.cleaner.restart()
		return err
	}
	failpoint.Here(failpoint.Written)
	if err := j.syncFrame(s); err != nil {
		return err
	}
	at := s.end
	j.frame++
	s.end += int64(len(j.buf))
	j.segments.used += int64(len(j.buf))
	err := j.follow(j.buf, s, at)
	j.mirror.collect()
	if err != nil {
		return j.fail(fmt.Errorf("what was just written: %w", err))
	}
	return j.writeMark(s)
}

// writeFrame writes the frame. What a full disk leaves half written stands behind
// the end of the log, where the next one goes. Its header is taken back: if what is
// missing were what stood there before, it would be whole.
func (j *Journal) writeFrame(s *segment) error {
	n, err := s.file.WriteAt(j.buf, s.end)
	if err == nil {
		return nil
	}
	if isFull(err) && n > 0 {
		if _, err := s.file.WriteAt(make([]byte, frameHeader), s.end); err != nil {
			return j.fail(fmt.Errorf("take back what was half written to %s: %w", s.name(), err))
		}
	}
	return j.diskError("write", s.name(), err)
}

// syncFrame makes the frame durable. After an error nobody knows what the disk has:
// it is not asked again.
func (j *Journal) syncFrame(s *segment) error {
	if failpoint.Planted(failpoint.SkipSync) {
		return nil
	}
	if err := s.file.sync(); err != nil {
		return j.fail(fmt.Errorf("sync %s: %w", s.name(), err))
	}
	return nil
}

// writeMark notes how far the log is durable. The Apply is: that the mark cannot
// be written is told to the next one. A full disk only leaves the mark behind.
func (j *Journal) writeMark(s *segment) error {
	if err := j.mark.note(j.frame, s.number, s.end); err != nil && !isFull(err) {
		j.log.Error("the journal's mark cannot be written", "error", j.fail(fmt.Errorf("write %s: %w", markName, err)))
	}
	return nil
}

// follow has the mirror follow a frame that stands at a place of a segment.
func (j *Journal) follow(frame []byte, s *segment, at int64) error {
	return records(frame[frameHeader:], func(rec record, n int) error {
		if rec.kind == oldest {
			j.oldest = max(j.oldest, uint32(rec.num))
			return nil
		}
		return j.mirror.apply(rec, ref{s.number, uint32(at + frameHeader + int64(n)), uint32(rec.size)})
	})
}

// diskError judges an error of the disk that is not one of a sync.
func (j *Journal) diskError(what, name string, err error) error {
	if isFull(err) {
		return noSpace(fmt.Errorf("%s %s: %w", what, name, err))
	}
	return j.fail(fmt.Errorf("%s %s: %w", what, name, err))
}

func noSpace(err error) error { return fmt.Errorf("journal: %w: %w", broker.ErrNoSpace, err) }

// fail ends the journal: what it has on the disk is the truth that the next Open
// finds.
func (j *Journal) fail(err error) error {
	if j.broken == nil {
		j.broken = fmt.Errorf("journal %s: the disk failed, nothing is stored any more: %w; check the disk and start again", j.dir, err)
	}
	return j.broken
}
