package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"gatehouse/devices"
)

// MaxTargets bounds the devices of one schedule.
const MaxTargets = 500

// MaxJitter bounds how far the targets are spread.
const MaxJitter = 10 * time.Minute

// Instant is when a due time is sent to a device: a part of the jitter after it, in
// whole milliseconds. It is fixed by schedule, device and due time, so that whoever asks
// gets the same, before and after a crash.
func (s Schedule) Instant(device devices.DeviceID, due time.Time) time.Time {
	if s.Jitter <= 0 || len(s.Targets) < 2 {
		return due
	}
	sum := sha256.Sum256([]byte(string(s.ID) + "\x00" + string(device) + "\x00" + strconv.FormatInt(due.Unix(), 10)))
	part := binary.BigEndian.Uint64(sum[:8]) % uint64(s.Jitter.Milliseconds()+1)
	return due.Add(time.Duration(part) * time.Millisecond)
}
