package statistics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// What the Chinese code of practice for access control (GB 50396) asks for.
const (
	OrderLimit  = 2 * time.Second // from the order to the actuation
	UploadLimit = 5 * time.Second // from the event to its record
)

// Query selects what is summed up.
type Query struct {
	Site   devices.SiteID
	Zone   devices.ZoneID   // empty: all of the site
	Kind   devices.KindName // empty: all
	Device devices.DeviceID // with those whose place it took at this site; empty: all of the site
	Days   devices.Days     // by default the last seven

	Within *devices.Reach // nil: everywhere
}

// Report is the statistics of a site.
type Report struct {
	Site        devices.Site
	First, Last string // days
	presence.Period
	Devices []Of // those that are in service, and those that did something then
	Sum     Of   // of all in Devices; its Device is none
}

// Of is what is known of one device.
type Of struct {
	Device       devices.Device
	Counts       Counts
	Availability presence.Availability
}

// Report sums up what a site and each of its devices did.
func (s *Service) Report(ctx context.Context, q Query) (Report, error) {
	const op = "statistics.report"
	site, days, err := s.asked(q)
	if err != nil {
		return Report{}, err
	}
	if err := s.count(ctx); err != nil {
		return Report{}, fmt.Errorf("%s: %w", op, err)
	}
	r := Report{
		Site: site, First: days[0].Day, Last: days[len(days)-1].Day,
		Period: presence.Period{From: days[0].From, To: days[len(days)-1].To},
	}
	of := s.of(q)
	stored, err := s.d.Store.Days(ctx, ids(of), r.First, r.Last)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", op, err)
	}
	online, err := s.d.Places.SiteAvailability(ctx, q.Site, r.Period)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", op, err)
	}
	sums := map[devices.DeviceID]*Counts{}
	for _, d := range stored {
		if sums[d.Device] == nil {
			sums[d.Device] = &Counts{}
		}
		sums[d.Device].Merge(d.Counts)
	}
	for _, d := range of {
		counts, active := sums[d.ID]
		a := online[d.ID]
		if gone(d, active, a) {
			continue
		}
		one := Of{Device: d, Availability: a}
		if active {
			one.Counts = *counts
		}
		r.Devices = append(r.Devices, one)
		r.Sum.Counts.Merge(one.Counts)
		r.Sum.Availability = r.Sum.Availability.Add(a)
	}
	return r, nil
}

// asked is the site of a query with its days.
func (s *Service) asked(q Query) (devices.Site, []devices.Period, error) {
	site, err := s.d.Places.Site(q.Site)
	if err != nil {
		return devices.Site{}, nil, err
	}
	if _, known := devices.KindOf(q.Kind); q.Kind != "" && !known {
		return devices.Site{}, nil, &devices.Error{Op: "statistics.query", Code: devices.Invalid, Field: "kind", Message: "must be gate, turnstile or camera"}
	}
	days, err := s.d.Places.Days(q.Site, q.Days, 7, maxDays)
	return site, days, err
}

// gone is whether a device was out of service and did nothing.
func gone(d devices.Device, active bool, a presence.Availability) bool {
	return !d.Retired.IsZero() && !active && a.Up == 0
}

// of are the devices that a query is about, by name.
func (s *Service) of(q Query) []devices.Device {
	var all []devices.Device
	var line []devices.DeviceID
	if q.Device != "" {
		line = s.d.Places.Line(q.Device)
	}
	for _, list := range [][]devices.Live{s.d.Places.Devices(), s.d.Places.Retired()} {
		for _, l := range list {
			if q.means(l.Device) && (line == nil || slices.Contains(line, l.Device.ID)) {
				all = append(all, l.Device)
			}
		}
	}
	slices.SortFunc(all, func(a, b devices.Device) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// means is whether a device is at the place and of the kind of a query, and in reach.
func (q Query) means(d devices.Device) bool {
	return d.Site == q.Site && (q.Zone == "" || d.Zone == q.Zone) && (q.Kind == "" || d.Kind == q.Kind) && q.Within.Admits(d.Site, d.Zone)
}

func ids(of []devices.Device) []devices.DeviceID {
	all := make([]devices.DeviceID, len(of))
	for i, d := range of {
		all[i] = d.ID
	}
	return all
}
