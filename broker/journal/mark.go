package journal

import (
	"errors"
)

// mark is a small file beside the log that says how far everything is durable. It
// is written after every fdatasync and synced only when the journal is opened and
// closed: after a crash of the process it is exact, after a power cut it may be
// older. A log that ends before it is damaged; without it a frame that was
// damaged could not be told from one that was never finished.
//
// It has two slots, in sectors of their own, that are written in turns: one of
// them is always whole.
type mark struct {
	file file
	id   storeID
	next int64 // slot to write: not the newest that is whole
}

const (
	markName   = "mark"
	markStride = 512
	markSize   = 2 * markStride
)

// createMark makes the file, or uses the one that a creation left behind.
func createMark(d disk, id storeID) (mark, error) {
	f, err := d.open(markName)
	if err != nil {
		if f, err = d.create(markName); err != nil {
			return mark{}, err
		}
	}
	m := mark{file: f, id: id}
	_, err = f.WriteAt(make([]byte, markSize), 0)
	if err == nil {
		err = m.note(0, 0, 0)
	}
	if err == nil {
		err = errors.Join(f.sync(), d.sync())
	}
	if err != nil {
		return mark{}, errors.Join(err, f.Close())
	}
	return m, nil
}

// openMark opens the file and gives what its newer slot says.
func openMark(d disk) (m mark, last head, err error) {
	if m.file, err = d.open(markName); err != nil {
		return mark{}, head{}, err
	}
	b := make([]byte, markSize)
	if _, err := m.file.ReadAt(b, 0); err != nil && notEOF(err) != nil {
		return mark{}, head{}, errors.Join(err, m.file.Close())
	}
	first, _, err := parseHead(b, markMagic)
	second, _, err2 := parseHead(b[markStride:], markMagic)
	switch {
	case err != nil && err2 != nil:
		return mark{}, head{}, errors.Join(m.file.Close(), err)
	case err != nil || err2 == nil && second.after(first):
		first = second
	default:
		m.next = 1
	}
	m.id = first.id
	return m, first, nil
}

// after says which of two slots is newer.
func (h head) after(other head) bool {
	return h.frame > other.frame || h.frame == other.frame && h.segment > other.segment
}

// note says that everything up to a frame and a place is durable.
func (m *mark) note(frame uint64, segment uint32, end int64) error {
	b, _ := head{id: m.id, segment: segment, frame: frame, third: uint64(end)}.bytes(markMagic)
	if _, err := m.file.WriteAt(b, m.next*markStride); err != nil {
		return err
	}
	m.next = 1 - m.next
	return nil
}
