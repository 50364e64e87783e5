package pictures

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Record is one stored picture. The bytes lie on disk under the name of their
// SHA-256, in Dir/ab/abcdef….jpg.
type Record struct {
	Device    devices.DeviceID
	Event     devices.EventID // the event it belongs to: unique with Device
	Site      devices.SiteID
	Hash      [32]byte
	Size      int64
	Width     int
	Height    int
	ArrivedAt time.Time
}

// Store keeps records of pictures.
type Store interface {
	// AddPicture stores the record once by (Device, Event), and marks the event as
	// having a picture if it is known; revision is 0 if it is not (yet).
	AddPicture(ctx context.Context, r Record) (devices.Revision, error)
	Picture(ctx context.Context, d devices.DeviceID, e devices.EventID) (Record, error)
}
