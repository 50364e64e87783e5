package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/replay"
)

// Replays tells what happened around a moment; replay.Service does.
type Replays interface {
	Replay(ctx context.Context, q replay.Query) (replay.Replay, error)
}

// Replay is what happened in a part of time, in one order.
type Replay struct {
	Site    devices.SiteID `json:"site"`
	From    time.Time      `json:"from"`
	To      time.Time      `json:"to"`
	Devices []ReplayDevice `json:"devices" doc:"that lines are of, and the others of the place if they are few; by name"`
	Quiet   int            `json:"quiet" doc:"further devices of the place, to which nothing happened"`
	Lines   []ReplayLine   `json:"lines" doc:"the oldest first; of equal ones causes first"`
	UpTo    *time.Time     `json:"upTo" doc:"there was more than the limit: from this moment on lines are missing; null: it is whole"`
	Audit   bool           `json:"audit" doc:"whether it has what else the audit trail tells: that needs the right audit.see, for the whole property"`
}

// ReplayDevice is a device, and how it stood just before the beginning.
type ReplayDevice struct {
	ID      devices.DeviceID  `json:"id"`
	Name    string            `json:"name"`
	Zone    devices.ZoneID    `json:"zone"`
	Kind    devices.KindName  `json:"kind" enum:"gate,turnstile,camera"`
	Retired bool              `json:"retired"`
	Link    feed.Link         `json:"link" doc:"never_seen: no connection is kept from before"`
	Values  map[string]string `json:"values" doc:"what it had reported last, by the fields of changes; one that is missing is not kept"`
}

// ReplayLine is one thing that happened. The member that its kind names is there.
type ReplayLine struct {
	At      time.Time         `json:"at" doc:"by the platform's clock: of an order its issue, of what a device said its arrival, of a switch of a timetable when it was carried out"`
	Kind    replay.Kind       `json:"kind" enum:"act,layer,switch,command,link,change,event,picture,alarm"`
	Device  devices.DeviceID  `json:"device" doc:"empty: it is of a zone, a site or a fire group"`
	Zone    devices.ZoneID    `json:"zone" doc:"empty: of the whole site"`
	Opens   bool              `json:"opens" doc:"it tells who or what opened something, held it open, or released a layer"`
	Act     *AuditEntry       `json:"act,omitempty" doc:"what else the audit trail tells"`
	Layer   *feed.Layer       `json:"layer,omitempty"`
	Switch  *TimetableRun     `json:"switch,omitempty"`
	Command *feed.Command     `json:"command,omitempty"`
	Link    *ReplayLink       `json:"link,omitempty"`
	Change  *StateChange      `json:"change,omitempty"`
	Event   *feed.Event       `json:"event,omitempty"`
	Picture *ReplayPicture    `json:"picture,omitempty"`
	Alarm   *ReplayAlarmEntry `json:"alarm,omitempty"`
}

// ReplayLink is the beginning or the end of a connection.
type ReplayLink struct {
	Online bool      `json:"online"`
	Cause  string    `json:"cause" doc:"of an end"`
	Since  time.Time `json:"since" doc:"of an end: when the connection began"`
	Missed int       `json:"missed" doc:"earlier connections that were not kept"`
}

// ReplayPicture is a picture that is there.
type ReplayPicture struct {
	Event  devices.EventID `json:"event" doc:"GET /api/v1/devices/{device}/events/{event}/picture has it"`
	Width  int             `json:"width" doc:"pixels"`
	Height int             `json:"height" doc:"pixels"`
}

// ReplayAlarmEntry is one entry of an alarm's history.
type ReplayAlarmEntry struct {
	ID       string      `json:"id" doc:"of the alarm"`
	Type     string      `json:"type"`
	Severity string      `json:"severity" enum:"critical,major,minor,warning"`
	What     string      `json:"what" enum:"raised,repeated,over,returned,acknowledged,assigned,commented,escalated,muted,unmuted,resolved"`
	By       *feed.Actor `json:"by" doc:"null: nobody"`
	Text     string      `json:"text" doc:"comment, detail, assignee"`
}

type replayRequest struct {
	Site     devices.SiteID   `query:"site" maxLength:"64" doc:"one of site, zone and device"`
	Zone     devices.ZoneID   `query:"zone" maxLength:"64"`
	Device   devices.DeviceID `query:"device" maxLength:"64" doc:"with those whose place it took"`
	From     time.Time        `query:"from" required:"true" example:"2026-11-21T02:00:00Z"`
	To       time.Time        `query:"to" required:"true" doc:"not included; at most 24 hours after from"`
	Openings bool             `query:"openings" doc:"only who and what opened something, held it open, or released a layer"`
	Limit    int              `query:"limit" minimum:"1" maximum:"2000" default:"2000"`
}

func (s *Server) replayRoutes(a *api) {
	add(a, operation(http.MethodGet, "/replay", "getReplay", "events", "What happened around a moment, in one order, and how devices stood before", 200),
		func(ctx context.Context, i *replayRequest) (*out[Replay], error) {
			visible, err := s.visibleTimetables(ctx)
			if err != nil {
				return nil, err
			}
			audit := visitorOf(ctx).grant.May(devices.SeeAudit) && reachOf(ctx).Everything()
			r, err := s.deps.Replays.Replay(ctx, replay.Query{
				Site: i.Site, Zone: i.Zone, Device: i.Device, From: i.From, To: i.To, Openings: i.Openings, Limit: i.Limit,
				Within: within(ctx), Audit: audit, Timetables: visible,
			})
			if err != nil {
				return nil, err
			}
			return &out[Replay]{Replay{
				Site: r.Site.ID, From: instant(r.From), To: instant(r.To), Quiet: r.Quiet, UpTo: instantOrNull(r.UpTo), Audit: audit,
				Devices: each(r.Lanes, replayDevice), Lines: s.replayLines(r.Lines),
			}}, nil
		})
}

func replayDevice(l replay.Lane) ReplayDevice {
	d, b := l.Device, l.Before
	out := ReplayDevice{
		ID: d.ID, Name: d.Name, Zone: d.Zone, Kind: d.Kind, Retired: !d.Retired.IsZero(), Values: map[string]string{},
		Link: feed.Link{Status: "never_seen"},
	}
	if b.Connected {
		out.Link = feed.Link{Status: map[bool]string{true: "online", false: "offline"}[b.Online], Since: instantOrNull(b.Since), Cause: b.Cause}
	}
	for field, value := range b.Values {
		out.Values[field] = value
	}
	return out
}
