package journal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A segment is one file of the log: this header, then frames without a gap. What
// stands behind its last frame has no meaning: zeros, or what a file that is used
// again had there before.
//
//	magic           8 bytes
//	version         4
//	nothing         4
//	store           16, random: which store it belongs to
//	segment number  8
//	first frame     8, the number of the first frame in it
//	oldest          8, segments with smaller numbers are not needed
//	nothing         4
//	checksum        4, CRC-32C of the above
//
// Every version keeps the form of this header.
const (
	headerSize = 64
	version    = 1
	magic      = "gatejrnl"
	markMagic  = "gatemark"
)

// storeID tells the files of one store from those of every other.
type storeID [16]byte

func newStoreID() (id storeID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// head is what the header of a segment, and a slot of the mark, say.
type head struct {
	id      storeID
	segment uint32
	frame   uint64 // segment: first in it; mark: last that is durable
	third   uint64 // segment: oldest; mark: end of the last frame
}

// bytes gives the header, and its checksum.
func (h head) bytes(magic string) (b []byte, sum uint32) {
	b = append(make([]byte, 0, headerSize), magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = append(append(b, 0, 0, 0, 0), h.id[:]...)
	for _, n := range []uint64{uint64(h.segment), h.frame, h.third} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	sum = crc(0, append(b, 0, 0, 0, 0))
	return binary.LittleEndian.AppendUint32(b[:headerSize-4], sum), sum
}

var (
	errHeader = errors.New("its header is damaged")
	errNewer  = errors.New("it was written by a newer version of this program")
)

// parseHead reads a header.
func parseHead(b []byte, magic string) (h head, sum uint32, err error) {
	if len(b) < headerSize || string(b[:8]) != magic {
		return head{}, 0, errHeader
	}
	sum = crc(0, b[:headerSize-4])
	if sum != binary.LittleEndian.Uint32(b[headerSize-4:]) {
		return head{}, 0, errHeader
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return head{}, 0, fmt.Errorf("%w: form %d, this one knows %d", errNewer, v, version)
	}
	copy(h.id[:], b[16:])
	h.segment = uint32(binary.LittleEndian.Uint64(b[32:]))
	h.frame, h.third = binary.LittleEndian.Uint64(b[40:]), binary.LittleEndian.Uint64(b[48:])
	return h, sum, nil
}

// segment is one file of the log.
type segment struct {
	number uint32
	file   file
	size   int64 // of the file: how far it may be written
	end    int64 // of its last frame
	first  uint64
	oldest uint32
	salt   uint32
	live   int64 // bytes of records that are live
}

// slack is left free at the end of a segment, so that what is live in a full one
// fits into another one together with the record that gives it up.
const slack = 16

func (s *segment) room() int64 { return s.size - s.end }

func (s *segment) name() string { return segmentName(s.number) }

func segmentName(number uint32) string { return fmt.Sprintf("%08d.log", number) }

// segmentNumber is the inverse of segmentName; 0 for other names.
func segmentNumber(name string) uint32 {
	n, err := strconv.ParseUint(strings.TrimSuffix(name, ".log"), 10, 32)
	if err != nil || segmentName(uint32(n)) != name {
		return 0
	}
	return uint32(n)
}

// segments are the log, oldest first, without a gap in their numbers. The last
// one is written to.
type segments struct {
	list []*segment
	live int64 // bytes of live records in all of them
	used int64 // bytes of frames and headers
}

func (s *segments) newest() *segment { return s.list[len(s.list)-1] }

func (s *segments) oldest() *segment { return s.list[0] }

func (s *segments) alive(r ref) { s.count(r, int64(r.size)) }

func (s *segments) dead(r ref) { s.count(r, -int64(r.size)) }

func (s *segments) count(r ref, n int64) {
	if r.segment == 0 {
		return
	}
	s.list[r.segment-s.list[0].number].live += n
	s.live += n
}

// firstLive is the first segment from a number on in which something is live; the
// newest counts as such.
func (s *segments) firstLive(number uint32) uint32 {
	for number < s.newest().number && s.list[number-s.oldest().number].live == 0 {
		number++
	}
	return number
}

// garbage is what in all but the newest is not live.
func (s *segments) garbage() (n int64) {
	for _, x := range s.list[:len(s.list)-1] {
		n += x.end - headerSize - x.live
	}
	return n
}
