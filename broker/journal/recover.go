package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// recover brings the journal to where it was: what was acknowledged, and of what
// was not acknowledged what is there whole. Everything it finds must fit: the
// numbers of segments and frames without a gap, one store, and an end that is not
// before the mark.
func (j *Journal) recover(ctx context.Context) error {
	numbers, err := j.survey()
	if err != nil {
		return err
	}
	m, last, markErr := openMark(j.disk)
	j.mark = m
	if len(numbers) == 0 {
		if markErr == nil && last.segment > 0 {
			return j.damaged(segmentName(last.segment), 0, "it is missing", nil)
		}
		if m.file != nil {
			_ = m.file.Close() // of a creation that did not come to its end
		}
		return j.create()
	}
	if err := j.openSegments(numbers, markErr == nil); err != nil {
		return err
	}
	switch {
	case errors.Is(markErr, errHeader), errors.Is(markErr, errNewer), errors.Is(markErr, fs.ErrNotExist):
		return j.damaged(markName, 0, "it says nothing of how far the log went", markErr)
	case markErr != nil:
		return markErr
	}
	if err := j.replay(ctx, last); err != nil {
		return err
	}
	return j.settle()
}

// survey finds the segments, in order, and removes what is none.
func (j *Journal) survey() (numbers []uint32, err error) {
	names, err := j.disk.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if n := segmentNumber(name); n > 0 {
			numbers = append(numbers, n)
		}
		if name == newName {
			if err := j.disk.remove(name); err != nil {
				return nil, err
			}
		}
		if name == reserveName(1) || name == reserveName(2) {
			if err := j.openReserve(name); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// openReserve takes a reserve, or removes one that is of another size.
func (j *Journal) openReserve(name string) error {
	f, err := j.disk.open(name)
	if err != nil {
		return err
	}
	size, err := f.size()
	if err == nil && size == j.segSize {
		j.reserve = append(j.reserve, reserve{name, f})
		return nil
	}
	return errors.Join(err, f.Close(), j.disk.remove(name))
}

// create makes an empty journal. The mark comes first and the segment's place in it
// last: before that a folder without a segment is one whose creation was cut off.
func (j *Journal) create() (err error) {
	if j.mark, err = createMark(j.disk, newStoreID()); err != nil {
		return err
	}
	if err := j.makeFirst(); err != nil {
		return err
	}
	return j.settle()
}

func (j *Journal) makeFirst() error {
	f, err := j.allocate(newName, j.segSize)
	if err != nil {
		return err
	}
	return j.addSegment(newName, f, j.segSize)
}

// openSegments opens the files and reads their headers. Segments are removed one by
// one from the oldest on, each durably, so there is never a gap. Which store they
// belong to the mark says, if it is known.
func (j *Journal) openSegments(numbers []uint32, known bool) error {
	for _, n := range numbers {
		s := &segment{number: n}
		var err error
		if s.file, err = j.disk.open(s.name()); err != nil {
			return err
		}
		j.segments.list = append(j.segments.list, s)
		if s.size, err = s.file.size(); err != nil {
			return err
		}
		b, err := s.read(nil, headerSize)
		if err != nil {
			return err
		}
		h, salt, err := parseHead(b, magic)
		switch {
		case err != nil:
			return j.damaged(s.name(), 0, "it is no segment of the log", err)
		case known && h.id != j.mark.id:
			return j.damaged(s.name(), 0, "it belongs to another store", nil)
		case h.segment != n:
			return j.damaged(s.name(), 0, fmt.Sprintf("it is segment %d under another name", h.segment), nil)
		}
		s.first, s.oldest, s.salt = h.frame, uint32(h.third), salt
		if i := len(j.segments.list); i > 1 && j.segments.list[i-2].number != n-1 {
			return j.damaged(segmentName(n-1), 0, "it is missing", nil)
		}
	}
	return nil
}

// replay follows the whole log in the mirror.
func (j *Journal) replay(ctx context.Context, last head) error {
	list := j.segments.list
	j.frame = list[0].first - 1
	var buf []byte
	for i, s := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.first != j.frame+1 {
			return j.damaged(s.name(), 0, fmt.Sprintf("it begins with frame %d where %d should be", s.first, j.frame+1), nil)
		}
		var err error
		if buf, err = s.read(buf, s.size); err != nil {
			return err
		}
		if err := j.replaySegment(s, buf); err != nil {
			return err
		}
		if i < len(list)-1 && j.frame+1 != list[i+1].first {
			return j.damaged(s.name(), s.end, fmt.Sprintf("frame %d has been changed or cut off", j.frame+1), nil)
		}
	}
	if err := j.checkEnd(buf, last); err != nil {
		return err
	}
	return j.checkWhole()
}

func (j *Journal) replaySegment(s *segment, content []byte) (err error) {
	j.oldest = max(j.oldest, s.oldest)
	s.end, err = s.frames(content, func(frame []byte, at int64) error {
		if err := j.follow(frame, s, at); err != nil {
			return j.damaged(s.name(), at, "frame cannot be read", err)
		}
		j.frame++
		return nil
	})
	j.segments.used += s.end
	return err
}

// checkEnd decides what the end of the log is: the place where writing stopped, or
// damage.
func (j *Journal) checkEnd(content []byte, last head) error {
	s := j.segments.newest()
	rest := content[min(s.end, int64(len(content))):]
	switch {
	case last.segment > s.number:
		return j.damaged(segmentName(last.segment), 0, "it is missing", nil)
	case last.frame > j.frame, laterFrame(rest, j.frame+1, s.salt):
		return j.damaged(s.name(), s.end, fmt.Sprintf("frame %d has been changed or cut off", j.frame+1), nil)
	}
	if frameNumber(rest) == j.frame+1 {
		j.log.Warn("the journal was being written when the process or the machine stopped: what was not acknowledged is dropped",
			"file", j.path(s.name()), "offset", s.end)
	}
	return nil
}

// checkWhole finds what a log that lost its beginning does not have.
func (j *Journal) checkWhole() error {
	if first := j.segments.oldest(); first.number > j.oldest {
		return j.damaged(segmentName(first.number-1), 0, "it is missing", nil)
	}
	j.mirror.collect()
	for id, b := range j.mirror.bodies {
		if b.at == (ref{}) {
			return j.damaged(j.segments.oldest().name(), 0, fmt.Sprintf("message %d is in a queue and not in the log", id), nil)
		}
	}
	return nil
}

// settle makes what was found durable, as it may be in the system's memory only,
// and makes ready to write.
func (j *Journal) settle() error {
	s := j.segments.newest()
	if err := s.file.sync(); err != nil {
		return err
	}
	if err := j.mark.note(j.frame, s.number, s.end); err != nil {
		return err
	}
	if err := j.mark.file.sync(); err != nil {
		return err
	}
	if s.size < j.segSize { // it was cut behind its end
		if err := s.file.allocate(j.segSize); err == nil {
			s.size = j.segSize
		}
	}
	if err := j.sweep(); err != nil {
		return err
	}
	if err := onlyFatal(j.keepReserve()); err != nil {
		return err
	}
	return j.disk.sync()
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
