package replay

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Source reads what is kept. Safe for concurrent use; its errors are *devices.Error.
type Source interface {
	// Read gives the oldest lines of one kind in a window, at most its Limit, and perhaps
	// some that the window does not ask for: see Service. Site, Zone and Mode of layers and
	// the Zone of lines of devices are filled in by Service.
	Read(ctx context.Context, k Kind, w Window) (Part, error)
	// Before gives how each of some devices stood just before a moment.
	Before(ctx context.Context, of []devices.DeviceID, at time.Time) (map[devices.DeviceID]Before, error)
}

// Window is what is read.
type Window struct {
	Site     devices.SiteID
	Zone     devices.ZoneID     // empty: all
	Devices  []devices.DeviceID // of the zone or site; nil: all
	Within   *devices.Reach     // nil: everywhere
	From, To time.Time          // half open
	Openings bool               // only lines that open: see Line.Opens
	Limit    int
}

// Part is what was read.
type Part struct {
	Lines []Line
	// UpTo is until when it is whole: from then on lines may be missing. Zero: it is whole.
	UpTo time.Time
}

// NewPart is a part of rows that were read with a limit, the oldest first. A row that is
// no line is left out.
func NewPart[R any](rows []R, limit int, line func(R) (Line, bool), at func(R) time.Time) Part {
	p := Part{Lines: make([]Line, 0, len(rows))}
	for _, r := range rows {
		if l, is := line(r); is {
			p.Lines = append(p.Lines, l)
		}
	}
	if len(rows) >= limit && limit > 0 {
		p.UpTo = at(rows[len(rows)-1])
	}
	return p
}

// Before is how a device stood at a moment, as far as that is kept.
type Before struct {
	// Connected is whether a connection of it is kept from before.
	Connected bool
	Online    bool
	Since     time.Time // of its link
	Cause     string    // why it was offline
	// Values are what it had reported last, by the fields of devices.StateChange; nil:
	// nothing is kept.
	Values map[string]string
}

// Fields are those of a state that Before tells.
func Fields() []string {
	return []string{"mode", "mode.in", "mode.out", "physical", "alarm", "tamper", "fault", "power"}
}
