package statistics

import (
	"context"
	"log/slog"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

const (
	every    = 10 * time.Second // counting
	batch    = 2000             // events and orders of one transaction
	keepDays = 400              // as long as the history of connections
	maxDays  = 92               // of one question
)

// Places are the devices that are counted; devices.Control is one.
type Places interface {
	Site(id devices.SiteID) (devices.Site, error)
	// Clock is the time zone of a site.
	Clock(id devices.SiteID) *time.Location
	Devices() []devices.Live
	Retired() []devices.Live
	// Line is a device with those whose place it took.
	Line(id devices.DeviceID) []devices.DeviceID
	// Days gives the days of a choice in the site's time zone, the present one up to
	// now; by default that many.
	Days(s devices.SiteID, d devices.Days, byDefault, most int) ([]devices.Period, error)
	// SiteAvailability is how each device of a site was reachable in a part of time.
	SiteAvailability(ctx context.Context, s devices.SiteID, in presence.Period) (map[devices.DeviceID]presence.Availability, error)
	// DailyAvailability is that of some of them on each of some days, and why they were
	// not reachable.
	DailyAvailability(ctx context.Context, s devices.SiteID, of []devices.DeviceID, days []devices.Period) (map[devices.DeviceID][]presence.Day, error)
}

// Deps are the parts of a Service. Log and Now may be left out.
type Deps struct {
	Store  Store
	Places Places
	Log    *slog.Logger
	Now    func() time.Time
}

// Service counts and answers. It is safe for concurrent use.
type Service struct {
	d    Deps
	turn chan struct{} // held by who counts
}

// New makes a Service; Run must run for as long as it is used.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{d: d, turn: make(chan struct{}, 1)}
}

// Run counts every 10 s, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var forget time.Time
	for {
		if err := s.count(ctx); err != nil && ctx.Err() == nil {
			s.d.Log.Error("cannot count statistics; trying again", "err", err)
		}
		if now := s.d.Now(); now.After(forget) {
			forget = now.Add(time.Hour)
			s.forget(ctx, now.AddDate(0, 0, -keepDays).UTC().Format(time.DateOnly))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) forget(ctx context.Context, before string) {
	for more := true; more; {
		var err error
		if more, err = s.d.Store.Forget(ctx, before); err != nil {
			if ctx.Err() == nil {
				s.d.Log.Error("cannot forget old statistics", "err", err)
			}
			return
		}
	}
}

// count counts all that is committed.
func (s *Service) count(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	var drifts map[devices.DeviceID]time.Duration
	for {
		p, err := s.d.Store.Pending(ctx, batch)
		if err != nil {
			return err
		}
		if p.From == p.To {
			return nil
		}
		if drifts == nil {
			drifts = s.drifts()
		}
		err = s.d.Store.Count(ctx, s.days(p, drifts), p)
		if err != nil && devices.CodeOf(err) != devices.Conflict {
			return err
		}
		if len(p.Events) < batch && len(p.Orders) < batch {
			return nil
		}
	}
}

// drifts are how far the clocks of devices are ahead, where that is known.
func (s *Service) drifts() map[devices.DeviceID]time.Duration {
	all := map[devices.DeviceID]time.Duration{}
	for _, l := range s.d.Places.Devices() {
		if l.State.Drift.Known() {
			all[l.Device.ID] = l.State.Drift.By
		}
	}
	return all
}

// days sums up what is pending, by device and day.
func (s *Service) days(p Pending, drifts map[devices.DeviceID]time.Duration) []Day {
	type key struct {
		device devices.DeviceID
		day    string
	}
	at, list := map[key]int{}, []Day{}
	of := func(d devices.DeviceID, local time.Time) *Counts {
		k := key{d, local.Format(time.DateOnly)}
		i, known := at[k]
		if !known {
			i = len(list)
			at[k], list = i, append(list, Day{Device: d, Day: k.day})
		}
		return &list[i].Counts
	}
	for _, e := range p.Events {
		drift, known := drifts[e.Device]
		local := e.ArrivedAt.In(s.d.Places.Clock(e.Site))
		of(e.Device, local).Uploads.Add(e.ArrivedAt.Sub(e.DeviceTime) + drift)
		if e.Type != "passage" {
			continue
		}
		if known {
			local = happened(e, drift).In(local.Location())
		}
		of(e.Device, local).passage(e, local.Hour())
	}
	for _, o := range p.Orders {
		c := of(o.Device, o.Issued.In(s.d.Places.Clock(o.Site)))
		c.Orders++
		if o.Took >= 0 {
			c.Confirmed.Add(o.Took)
		}
	}
	return list
}

func (c *Counts) passage(e Said, hour int) {
	if e.Result == "denied" {
		c.Denied++
		return
	}
	hours := c.Passages[e.Direction]
	hours[hour]++
	c.hours(e.Direction, hours)
}

// happened is when an event was by the device's clock, corrected by its drift: a device
// that was offline tells in one minute of a whole night. A time that cannot be is that of
// the arrival.
func happened(e Said, drift time.Duration) time.Time {
	at := e.DeviceTime.Add(-drift)
	if at.After(e.ArrivedAt) || at.Before(e.ArrivedAt.AddDate(0, 0, -keepDays)) {
		return e.ArrivedAt
	}
	return at
}
