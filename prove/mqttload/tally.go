package main

import (
	"encoding/binary"
	"time"
)

// stampSize is what every payload begins with: who sent it, its number among the
// messages of that publisher, and when.
const stampSize = 16

func stamp(payload []byte, publisher, number int, at time.Time) {
	binary.BigEndian.PutUint32(payload, uint32(publisher))
	binary.BigEndian.PutUint32(payload[4:], uint32(number))
	binary.BigEndian.PutUint64(payload[8:], uint64(at.UnixNano()))
}

// tally is what one subscriber got of some publishers, each of which sends the
// numbers from 0.
type tally struct {
	first int // the first publisher
	each  int // messages of each publisher
	of    []heard

	received   int // different messages
	doubled    int
	disordered int // came after one that was sent later
	foreign    int // none of ours, or damaged
}

// heard is what came of one publisher.
type heard struct {
	due  int      // how many must come: those that were acknowledged
	next int      // one more than the highest number that came
	seen []uint64 // bits
}

func newTally(first, publishers, each int) *tally {
	t := &tally{first: first, each: each, of: make([]heard, publishers)}
	for k := range t.of {
		t.of[k] = heard{due: each, seen: make([]uint64, (each+63)/64)}
	}
	return t
}

// wanted is how many messages must come.
func (t *tally) wanted() (n int) {
	for k := range t.of {
		n += t.of[k].due
	}
	return n
}

// lost is how many of them have not.
func (t *tally) lost() (n int) {
	for k := range t.of {
		h := &t.of[k]
		for number := range h.due {
			if !h.has(number) {
				n++
			}
		}
	}
	return n
}

func (h *heard) has(number int) bool { return h.seen[number>>6]&(1<<(number&63)) != 0 }

// note counts a message.
func (t *tally) note(payload []byte) {
	if len(payload) < stampSize {
		t.foreign++
		return
	}
	publisher := int(binary.BigEndian.Uint32(payload)) - t.first
	number := int(binary.BigEndian.Uint32(payload[4:]))
	if publisher < 0 || publisher >= len(t.of) || number >= t.each {
		t.foreign++
		return
	}
	h := &t.of[publisher]
	switch {
	case h.has(number):
		t.doubled++
		return
	case number < h.next:
		t.disordered++
	default:
		h.next = number + 1
	}
	h.seen[number>>6] |= 1 << (number & 63)
	t.received++
}

// age is how long ago the message was sent.
func age(payload []byte, now time.Time) time.Duration {
	return time.Duration(now.UnixNano() - int64(binary.BigEndian.Uint64(payload[8:])))
}
