package journal

import (
	"encoding/binary"
	"hash/crc32"
)

// A frame is what one write puts into the log:
//
//	length of the payload  4 bytes
//	checksum               4 bytes, CRC-32C of the length, the number and the payload
//	number                 8 bytes, rises by one for ever
//	payload                records
//
// Numbers are little-endian. The checksum begins with that of the segment's
// header, so that a frame of another segment or another store is none here.
const (
	frameHeader = 16
	maxPayload  = 1 << 30 // places within a segment have 32 bits
)

// crc goes on with a checksum.
func crc(sum uint32, b []byte) uint32 {
	return crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), b)
}

func frameSum(salt uint32, frame []byte) uint32 {
	return crc(crc(salt, frame[:4]), frame[8:])
}

// seal fills in the header of a frame, whose payload stands behind frameHeader
// bytes.
func seal(frame []byte, number uint64, salt uint32) {
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHeader))
	binary.LittleEndian.PutUint64(frame[8:], number)
	binary.LittleEndian.PutUint32(frame[4:], frameSum(salt, frame))
}

// frameLength is the length that the frame at the front of b claims to have; 0 if
// there is none.
func frameLength(b []byte) int64 {
	if len(b) < frameHeader || binary.LittleEndian.Uint32(b) == 0 {
		return 0
	}
	return frameHeader + int64(binary.LittleEndian.Uint32(b))
}

// frameNumber is the number in the frame's header.
func frameNumber(b []byte) uint64 {
	if len(b) < frameHeader {
		return 0
	}
	return binary.LittleEndian.Uint64(b[8:])
}

// whole gives the frame at the front of b if all of it is there, it has that
// number and nothing in it was changed.
func whole(b []byte, number uint64, salt uint32) (frame []byte, ok bool) {
	n := frameLength(b)
	if n == 0 || n > int64(len(b)) || frameNumber(b) != number {
		return nil, false
	}
	frame = b[:n]
	return frame, frameSum(salt, frame) == binary.LittleEndian.Uint32(frame[4:])
}

// laterFrame looks for a whole frame with a number above the given one: a frame is
// written when the one before it is durable, so what stands before it is not cut
// off but damaged.
func laterFrame(b []byte, number uint64, salt uint32) bool {
	most := number + 1 + uint64(len(b)/frameHeader)
	for at := range b {
		if n := frameNumber(b[at:]); n <= number || n > most {
			continue
		}
		if _, ok := whole(b[at:], frameNumber(b[at:]), salt); ok {
			return true
		}
	}
	return false
}
