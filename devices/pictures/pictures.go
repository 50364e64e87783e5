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
	Removed   time.Time // when its bytes were removed; zero: they are there
}

// Key names a picture.
type Key struct {
	Device devices.DeviceID
	Event  devices.EventID
}

// Found is a picture that is there, and what it belongs to.
type Found struct {
	Record
	Of      *devices.Event // the event of the camera that it came with; nil: it did not come, or not yet
	Passage *devices.Event // the passage that names this picture, of a gate or turnstile; nil: none
	Plate   string         // normalised, of the reading that the picture shows; empty: none
	Alarm   string         // id of the newest alarm that came of Of or Passage; empty: none
	Kept    bool           // retention leaves it alone
}

// Query selects pictures that are there.
type Query struct {
	Site     devices.SiteID    // empty: all
	Zone     devices.ZoneID    // that the camera stands in now; empty: all
	Device   devices.DeviceID  // empty: all
	Command  devices.CommandID // that the picture was taken for; empty: all
	Plate    string            // any part of the plate that it shows, in any writing; empty: all
	From, To time.Time         // arrival, half open; zero: unbounded
	Before   Key               // those that follow this one in the list; zero: from the newest
	Limit    int               // 0: 100

	Within *devices.Reach // where the camera stands now; nil: everywhere
}

// Usage is what all pictures that are there take.
type Usage struct {
	Pictures int64
	Bytes    int64     // of the files: the same bytes are one
	Oldest   time.Time // arrival; zero: there is none
}

// Store keeps records of pictures.
type Store interface {
	// AddPicture stores the record once by (Device, Event), and marks the event as
	// having a picture if it is known; revision is 0 if it is not (yet).
	AddPicture(ctx context.Context, r Record) (devices.Revision, error)
	// Picture gives a record, also of one that was removed.
	Picture(ctx context.Context, d devices.DeviceID, e devices.EventID) (Record, error)
	// Pictures that are there, newest first by arrival.
	Pictures(ctx context.Context, q Query) ([]Found, error)
	// Records of pictures that are there and have a greater key, by key.
	Records(ctx context.Context, after Key, limit int) ([]Record, error)
	Usage(ctx context.Context) (Usage, error)
	// Due gives pictures that are there and arrived before a time, oldest first. Those
	// that a correction of the ledger or an alarm that is not resolved is about are kept:
	// it leaves them out.
	Due(ctx context.Context, before time.Time, limit int) ([]Record, error)
	// Remove notes in one transaction that pictures were removed, and gives the hashes
	// that no picture has any more.
	Remove(ctx context.Context, keys []Key, at time.Time) (free [][32]byte, err error)
	// Present gives those of some hashes that a picture has.
	Present(ctx context.Context, hashes [][32]byte) (map[[32]byte]bool, error)
}
