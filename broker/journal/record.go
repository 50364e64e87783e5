package journal

import "encoding/binary"

// kind says what a record is. The numbers are on disk: they are never given to
// anything else.
type kind byte

const (
	putSession         kind = 1
	deleteSession      kind = 2
	putSubscription    kind = 3
	deleteSubscription kind = 4
	putMessage         kind = 5
	enqueue            kind = 6
	advance            kind = 7
	dequeue            kind = 8
	putIncoming        kind = 9
	deleteIncoming     kind = 10
	putRetained        kind = 11
	deleteRetained     kind = 12
	putWill            kind = 13
	deleteWill         kind = 14
	// oldest is the journal's own: segments below num are not needed.
	oldest         kind = 15
	putAttached    kind = 16
	deleteAttached kind = 17
)

// record is one change in its bytes: the key that it speaks of, and the rest,
// which only Load reads.
type record struct {
	kind   kind
	client []byte
	name   []byte // filter or topic
	num    uint64 // message id, place in a queue, packet id or segment number
	rest   []byte
	size   int // of the whole record
}

// parse reads the record at the front of b. It is total and shares b.
func parse(b []byte) (record, error) {
	r := reader{b: b}
	rec := record{kind: kind(r.byte())}
	body := r.bytes()
	if r.bad {
		return record{}, errMalformed
	}
	rec.size = len(b) - len(r.b)
	r = reader{b: body}
	switch rec.kind {
	case putSession, deleteSession, putWill, deleteWill:
		rec.client = r.bytes()
	case putSubscription, deleteSubscription, putAttached, deleteAttached:
		rec.client, rec.name = r.bytes(), r.bytes()
	case enqueue, advance, dequeue, putIncoming, deleteIncoming:
		rec.client, rec.num = r.bytes(), r.uvarint()
	case putRetained, deleteRetained:
		rec.name = r.bytes()
	case putMessage, oldest:
		rec.num = r.uvarint()
	default:
		return record{}, errMalformed
	}
	if r.bad {
		return record{}, errMalformed
	}
	rec.rest = r.b
	return rec, nil
}

// records calls f with each record of b and its place in it.
func records(b []byte, f func(rec record, at int) error) error {
	for at := 0; at < len(b); {
		rec, err := parse(b[at:])
		if err != nil {
			return err
		}
		if err := f(rec, at); err != nil {
			return err
		}
		at += rec.size
	}
	return nil
}

// begin starts a record: its length has one byte until it is known.
func begin(b []byte, k kind) (_ []byte, start int) {
	return append(b, byte(k), 0), len(b) + 2
}

// finish puts the length of a record's body before it.
func finish(b []byte, start int) []byte {
	n := len(b) - start
	if n < 0x80 {
		b[start-1] = byte(n)
		return b
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], uint64(n))
	b = append(b, length[1:size]...)
	copy(b[start+size-1:], b[start:start+n])
	copy(b[start-1:], length[:size])
	return b
}

func appendOldest(b []byte, segment uint32) []byte {
	b, start := begin(b, oldest)
	return finish(binary.AppendUvarint(b, uint64(segment)), start)
}
