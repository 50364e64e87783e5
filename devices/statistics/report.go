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
	site, err := s.d.Places.Site(q.Site)
	if err != nil {
		return Report{}, err
	}
	days, err := s.d.Places.Days(q.Site, q.Days, 7, maxDays)
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
		if !d.Retired.IsZero() && !active && a.Up == 0 {
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

// of are the devices that a query is about, by name.
func (s *Service) of(q Query) []devices.Device {
	var all []devices.Device
	var line []devices.DeviceID
	if q.Device != "" {
		line = s.d.Places.Line(q.Device)
	}
	for _, list := range [][]devices.Live{s.d.Places.Devices(), s.d.Places.Retired()} {
		for _, l := range list {
			if l.Device.Site == q.Site && (line == nil || slices.Contains(line, l.Device.ID)) && q.Within.Admits(q.Site, l.Device.Zone) {
				all = append(all, l.Device)
			}
		}
	}
	slices.SortFunc(all, func(a, b devices.Device) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func ids(of []devices.Device) []devices.DeviceID {
	all := make([]devices.DeviceID, len(of))
	for i, d := range of {
		all[i] = d.ID
	}
	return all
}
