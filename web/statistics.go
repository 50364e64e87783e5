package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/statistics"
)

// Statistics sums up what devices did; statistics.Service is one.
type Statistics interface {
	Report(ctx context.Context, q statistics.Query) (statistics.Report, error)
	Series(ctx context.Context, q statistics.Query) (statistics.Series, error)
}

// StatisticsReport is what a site and each of its devices did in some days.
type StatisticsReport struct {
	Site       string             `json:"site"`
	First      string             `json:"first" doc:"day, YYYY-MM-DD in the site's time zone"`
	Last       string             `json:"last"`
	From       time.Time          `json:"from"`
	To         time.Time          `json:"to" doc:"the present day ends now"`
	OrderLimit int64              `json:"orderLimitMs" doc:"what GB 50396 asks of an order, until its effect"`
	Upload     int64              `json:"uploadLimitMs" doc:"what GB 50396 asks of an event, until it is recorded"`
	Sum        StatisticsSum      `json:"sum" doc:"of all devices"`
	Devices    []DeviceStatistics `json:"devices" doc:"by name"`
}

// DeviceStatistics is what one device did.
type DeviceStatistics struct {
	ID      string           `json:"id"`
	Name    string           `json:"name"`
	Zone    string           `json:"zone"`
	Kind    devices.KindName `json:"kind" enum:"gate,turnstile,camera"`
	Retired bool             `json:"retired"`
	StatisticsSum
}

// StatisticsSum is what was counted. Modes that the platform tells are no orders.
type StatisticsSum struct {
	Orders       uint64         `json:"orders" doc:"that ended"`
	Confirmed    Times          `json:"confirmed" doc:"from the order until its effect was seen, movement included"`
	Uploads      Times          `json:"uploads" doc:"from the event, by the device's clock corrected by its drift, until its arrival"`
	Passages     uint64         `json:"passages" doc:"that were granted"`
	Denied       uint64         `json:"denied"`
	Hours        []PassageHours `json:"hours" doc:"granted passages by direction"`
	Availability Availability   `json:"availability"`
}

// Times sums up how long something took: quantiles within 2 %, the longest exactly.
type Times struct {
	Count uint64 `json:"count"`
	P50   *int64 `json:"p50Ms" doc:"null: there are none"`
	P95   *int64 `json:"p95Ms"`
	Max   *int64 `json:"maxMs"`
}

// PassageHours are the passages of one direction.
type PassageHours struct {
	Direction string   `json:"direction"`
	Hours     []uint64 `json:"hours" doc:"24 numbers, by hour of the day in the site's time zone"`
}

type statisticsRequest struct {
	Site   devices.SiteID   `query:"site" required:"true" minLength:"1" maxLength:"64"`
	Zone   devices.ZoneID   `query:"zone" maxLength:"64" doc:"only devices of this zone"`
	Kind   devices.KindName `query:"kind" enum:"gate,turnstile,camera" doc:"only devices of this kind"`
	Device devices.DeviceID `query:"device" maxLength:"64" doc:"only this one, with those whose place it took"`
	From   string           `query:"from" maxLength:"10" doc:"first day, YYYY-MM-DD in the site's time zone; by default six days before to"`
	To     string           `query:"to" maxLength:"10" doc:"last day; by default the present one; at most 92 days in all"`
}

func (r statisticsRequest) query(ctx context.Context) statistics.Query {
	return statistics.Query{
		Site: r.Site, Zone: r.Zone, Kind: r.Kind, Device: r.Device, Days: devices.Days{First: r.From, Last: r.To}, Within: within(ctx),
	}
}

func (s *Server) statisticsRoutes(a *api) {
	add(a, operation(http.MethodGet, "/statistics", "getStatistics", "statistics", "How quick and how busy devices were", 200),
		func(ctx context.Context, i *statisticsRequest) (*out[StatisticsReport], error) {
			r, err := s.deps.Statistics.Report(ctx, i.query(ctx))
			if err != nil {
				return nil, err
			}
			return &out[StatisticsReport]{statisticsReport(r)}, nil
		})
	s.seriesRoute(a)
}

func statisticsReport(r statistics.Report) StatisticsReport {
	return StatisticsReport{
		Site: string(r.Site.ID), First: r.First, Last: r.Last, From: instant(r.From), To: instant(r.To),
		OrderLimit: statistics.OrderLimit.Milliseconds(), Upload: statistics.UploadLimit.Milliseconds(),
		Sum: statisticsSum(r.Sum),
		Devices: each(r.Devices, func(o statistics.Of) DeviceStatistics {
			d := o.Device
			return DeviceStatistics{string(d.ID), d.Name, string(d.Zone), d.Kind, !d.Retired.IsZero(), statisticsSum(o)}
		}),
	}
}

func statisticsSum(o statistics.Of) StatisticsSum {
	c := o.Counts
	sum := StatisticsSum{
		Orders: c.Orders, Confirmed: times(c.Confirmed), Uploads: times(c.Uploads),
		Passages: c.Passed(), Denied: c.Denied, Hours: passageHours(c), Availability: availability(o.Availability),
	}
	return sum
}

func passageHours(c statistics.Counts) []PassageHours {
	all := []PassageHours{}
	for _, direction := range slices.Sorted(maps.Keys(c.Passages)) {
		hours := c.Passages[direction]
		all = append(all, PassageHours{direction, hours[:]})
	}
	return all
}

func times(h statistics.Histogram) Times {
	if h.Count == 0 {
		return Times{}
	}
	ms := func(d time.Duration) *int64 {
		v := d.Milliseconds()
		return &v
	}
	return Times{h.Count, ms(h.Quantile(0.5)), ms(h.Quantile(0.95)), ms(h.Max)}
}
