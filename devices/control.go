package devices

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Deps are the parts that Control is built from. Latch, Now and Log may be left out.
type Deps struct {
	Store Store
	Link  Link
	News  News
	Keys  Keys
	Latch Latch // of fire releases; nil: they do not outlive the process
	// Enrolment ends the credentials of retired devices; nil: there are none.
	Enrolment Enrolment
	// KeepChanges is how long changes of states are kept; 0: as long as
	// connections are.
	KeepChanges time.Duration
	// Configs is where devices find how they are wanted to be; nil: nowhere.
	Configs ConfigOutlet
	// Happened is told each event that is stored for the first time, after its commit. If
	// a commit seems to fail and does not, the event is told never. Nil: nobody.
	Happened func(Event)
	// PlacesChanged is told that a site or zone was made, or that a device was registered,
	// moved, retired or replaced, after that is so. It may come more than once. Nil: nobody.
	// Neither may block.
	PlacesChanged func()
	// Now is the clock of the platform. Its monotonic reading, if it has one,
	// measures the life of commands.
	Now func() time.Time
	Log *slog.Logger
}

// Control is the live model of every site: what devices are, do and said, and the
// only way to order them about. It is safe for concurrent use. See DESIGN.md for
// its locks and the order in which things become visible.
type Control struct {
	d        Deps
	clock    orderClock
	stepSaid bool // that the server's clock stepped; of Run alone
	group    *group
	places   *places
	orders   *orders
	keys     *keyring
	noting   atomic.Int64 // audit entries that wait for the disk
	links    *queue[*unit]
	today    *todays
	pulse    *pulse

	later     *unsettled // devices whose link is told later: they flap, or something may follow
	started   time.Time  // when this run of the server began: set by Load
	rulings   *rulings
	tells     *queue[*unit] // devices whose modes are to be compared with their layers
	unsettled *unsettled
	fires     *fires
	alarmed   *queue[*unit] // devices that may have to be told of a fire release
	configs   *queue[*unit] // devices whose configuration is to be put where they find it
	edit      baton         // one renaming of a site or zone at a time, with its store write
}

// NewControl builds a Control that knows nothing yet: Load must be called before
// anything else, and Run must run for as long as it is used.
func NewControl(d Deps) *Control {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Latch == nil {
		d.Latch = noLatch{}
	}
	if d.KeepChanges == 0 {
		d.KeepChanges = keepSpans
	}
	if d.Happened == nil {
		d.Happened = func(Event) {}
	}
	if d.PlacesChanged == nil {
		d.PlacesChanged = func() {}
	}
	if d.Configs == nil {
		d.Configs = nowhere{}
	}
	return &Control{
		d:      d,
		clock:  newOrderClock(d.Now),
		group:  newGroup(),
		places: newPlaces(),
		orders: newOrders(),
		keys:   newKeyring(),
		links:  newQueue[*unit](),
		today:  newTodays(),
		pulse:  newPulse(),

		later:     newUnsettled(),
		rulings:   newRulings(),
		tells:     newQueue[*unit](),
		unsettled: newUnsettled(),
		fires:     newFires(),
		alarmed:   newQueue[*unit](),
		configs:   newQueue[*unit](),
		edit:      newBaton(),
	}
}

// now is the clock for records: UTC, in milliseconds, as every store keeps it.
func (c *Control) now() time.Time { return c.d.Now().UTC().Truncate(time.Millisecond) }

// said publishes nothing: it notes, after the publication, what heartbeats and
// snapshots call the newest revision.
func (c *Control) said(s SiteID, z ZoneID, r Revision) { c.pulse.note(s, z, r) }

// Told notes the revision of something that another part told of a zone (empty: of
// the whole site): heartbeats and snapshots then count it.
func (c *Control) Told(s SiteID, z ZoneID, r Revision) { c.said(s, z, r) }

// retry calls try until it succeeds or ctx ends, with growing pauses. It logs the
// first failure and the recovery.
func (c *Control) retry(ctx context.Context, what string, try func() error) bool {
	const longest = 5 * time.Second
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, longest) {
		err := try()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.d.Log.Error("cannot save; trying again", "what", what, "pause", pause, "err", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}
