package ledger

import (
	"context"
	"log/slog"
	"time"

	"gatehouse/devices"
)

// Quarantine keeps messages that could not be booked; devices.Store is one.
type Quarantine interface {
	Quarantine(ctx context.Context, q devices.Quarantined) error
}

// Deps are the parts of a Ledger. All but Changed, Log and Now are required.
type Deps struct {
	Store      Store
	Quarantine Quarantine
	// Zone says where a device stands; false if the registry does not know it.
	Zone func(devices.DeviceID) (devices.SiteID, devices.ZoneID, bool)
	// Changed is told, after the commit, which site has new rows or quarantined
	// messages. It must not block.
	Changed func(devices.SiteID)
	Log     *slog.Logger
	Now     func() time.Time
}

// Ledger books billing events. It is safe for concurrent use.
type Ledger struct{ d Deps }

// New makes a Ledger.
func New(d Deps) *Ledger {
	if d.Changed == nil {
		d.Changed = func(devices.SiteID) {}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Ledger{d: d}
}
