package statistics

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Store keeps days, and knows what is not counted yet. Safe for concurrent use;
// errors are *devices.Error.
type Store interface {
	// Pending gives what is committed and was not counted, oldest first: at most limit
	// events and limit ends of orders.
	Pending(ctx context.Context, limit int) (Pending, error)
	// Count adds to days, and marks what of p there is as counted, in one transaction.
	// If somebody else has counted from the same Position it changes nothing and is the
	// error Conflict.
	Count(ctx context.Context, added []Day, p Pending) error
	// Days of some devices, from the first to the last of these days.
	Days(ctx context.Context, of []devices.DeviceID, first, last string) ([]Day, error)
	// Forget removes days before this one, at most some thousand, and says whether there
	// may be more.
	Forget(ctx context.Context, before string) (more bool, err error)
}

// Pending is what is to be counted next.
type Pending struct {
	From, To Position
	Events   []Said
	Orders   []Ended
}

// Position is how far events and orders are counted.
type Position struct{ Event, Order int64 }

// Said is what counts of an event.
type Said struct {
	Device            devices.DeviceID
	Site              devices.SiteID
	Type              string
	Direction, Result string
	DeviceTime        time.Time
	ArrivedAt         time.Time
}

// Ended is an order that has ended.
type Ended struct {
	Device devices.DeviceID
	Site   devices.SiteID
	Issued time.Time
	Took   time.Duration // until the effect was seen; negative: it was not
}
