package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/presence"
)

// Presence has the history of connections; devices.Control is one.
type Presence interface {
	PresenceHistory(ctx context.Context, id devices.DeviceID, days devices.Days, in *devices.Reach) (devices.PresenceHistory, error)
}

// PresenceHistory says when a device was online.
type PresenceHistory struct {
	Link    feed.Link         `json:"link"`
	Spans   []ConnectionSpan  `json:"spans" doc:"when it was online, newest first; at most 500"`
	More    bool              `json:"more" doc:"there are older spans in these days than are told"`
	Unknown []TimeSpan        `json:"unknown" doc:"when nobody knows: the server did not run, or the device was not in service"`
	Days    []PresenceDay     `json:"days" doc:"oldest first, in the site's time zone"`
	Total   Availability      `json:"total"`
	Causes  []ConnectionCause `json:"causes" doc:"ends of connections by cause, the most frequent first"`
	Missed  int               `json:"missed" doc:"ends that are counted in days and have no span: the disk stood still, and too many waited"`
}

// ConnectionSpan is one time of being online.
type ConnectionSpan struct {
	Up     time.Time  `json:"up"`
	Down   *time.Time `json:"down" doc:"null: it is online"`
	Cause  string     `json:"cause" doc:"why it ended"`
	Remote string     `json:"remote" doc:"where it came from"`
	Missed int        `json:"missed" doc:"spans just before it that were not kept"`
}

// TimeSpan is a part of time; to is not in it.
type TimeSpan struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// PresenceDay is one day of a device.
type PresenceDay struct {
	Day  string    `json:"day" doc:"YYYY-MM-DD"`
	From time.Time `json:"from"`
	To   time.Time `json:"to" doc:"with a change of the clocks a day has 23 or 25 hours; the present one ends now"`
	Availability
}

// Availability is how a device was reachable.
type Availability struct {
	UpMs      int64    `json:"upMs"`
	DownMs    int64    `json:"downMs"`
	UnknownMs int64    `json:"unknownMs"`
	Share     *float64 `json:"share" doc:"of the known time, 0 to 1; null if nothing is known"`
	Drops     int      `json:"drops" doc:"ends of connections"`
	Outages   int      `json:"outages" doc:"of these, those that lasted longer than the grace time of its kind"`
}

// ConnectionCause counts ends of connections.
type ConnectionCause struct {
	Cause string `json:"cause"`
	Count int    `json:"count"`
}

type presenceRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	From string           `query:"from" maxLength:"10" doc:"first day, YYYY-MM-DD in the site's time zone; by default six days before to"`
	To   string           `query:"to" maxLength:"10" doc:"last day; by default the present one; at most 92 days in all"`
}

func (s *Server) presenceRoutes(a *api) {
	add(a, operation(http.MethodGet, "/devices/{id}/presence", "getPresence", "devices", "When a device, and before it those whose place it took, was online, and why not", 200),
		func(ctx context.Context, i *presenceRequest) (*out[PresenceHistory], error) {
			h, err := s.deps.Presence.PresenceHistory(ctx, i.ID, devices.Days{First: i.From, Last: i.To}, within(ctx))
			if err != nil {
				return nil, err
			}
			return &out[PresenceHistory]{presenceHistory(h)}, nil
		})
}

func presenceHistory(h devices.PresenceHistory) PresenceHistory {
	p := PresenceHistory{
		Link: feed.LinkOf(h.Link), More: h.More, Total: availability(h.Total), Missed: h.Missed, Causes: []ConnectionCause{},
		Spans: each(h.Spans, func(s presence.Span) ConnectionSpan {
			return ConnectionSpan{instant(s.Up), instantOrNull(s.Down), s.Cause, s.Remote, s.Missed}
		}),
		Unknown: each(h.Unknown, func(p presence.Period) TimeSpan { return TimeSpan{instant(p.From), instant(p.To)} }),
		Days: each(h.Days, func(d devices.PresenceDay) PresenceDay {
			return PresenceDay{d.Day, instant(d.From), instant(d.To), availability(d.Availability)}
		}),
	}
	for cause, count := range h.Causes {
		p.Causes = append(p.Causes, ConnectionCause{cause, count})
	}
	slices.SortFunc(p.Causes, func(a, b ConnectionCause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return p
}

func availability(a presence.Availability) Availability {
	v := Availability{
		UpMs: a.Up.Milliseconds(), DownMs: a.Down.Milliseconds(), UnknownMs: a.Unknown.Milliseconds(), Drops: a.Drops, Outages: a.Outages,
	}
	if share, known := a.Share(); known {
		v.Share = &share
	}
	return v
}
