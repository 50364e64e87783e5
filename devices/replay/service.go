package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/timetable"
)

// The bounds of one replay.
const (
	MaxSpan  = 24 * time.Hour
	MaxLines = 2000
	// mostLanes is how many devices of a place are told of although nothing happened to them.
	mostLanes = 24
)

// Places are the devices that replays are of; devices.Control is one.
type Places interface {
	Device(ctx context.Context, id devices.DeviceID) (devices.Live, error)
	Devices() []devices.Live
	Retired() []devices.Live
	Zones() []devices.Zone
	Site(id devices.SiteID) (devices.Site, error)
	// Line is a device with those whose place it took.
	Line(id devices.DeviceID) []devices.DeviceID
}

// Query is what somebody wants to see, and may.
type Query struct {
	Site   devices.SiteID // one of the three
	Zone   devices.ZoneID
	Device devices.DeviceID

	From, To time.Time
	Openings bool // only who and what opened: see Line.Opens
	Limit    int  // 0: MaxLines

	Within *devices.Reach // nil: everywhere
	// Audit is whether the audit trail may be seen.
	Audit bool
	// Timetables is which of them may be seen; nil: all.
	Timetables func(timetable.ID, devices.SiteID) bool
}

// Replay is what happened.
type Replay struct {
	Site     devices.Site
	From, To time.Time
	Lines    []Line
	Lanes    []Lane // by name
	Quiet    int    // further devices of the place, to which nothing happened
	UpTo     time.Time
}

// Lane is a device, and how it stood at the beginning.
type Lane struct {
	Device devices.Device
	Before Before
}

// Service puts replays together. It is safe for concurrent use, and keeps nothing.
type Service struct {
	source Source
	places Places
}

// New makes a Service.
func New(s Source, p Places) *Service { return &Service{source: s, places: p} }

// Replay tells what happened. Invalid (Field device, from, to or limit), NotFound.
func (s *Service) Replay(ctx context.Context, q Query) (Replay, error) {
	scene, err := s.scene(ctx, q)
	if err != nil {
		return Replay{}, err
	}
	q.Limit = cmp.Or(q.Limit, MaxLines)
	if err := check(q); err != nil {
		return Replay{}, err
	}
	lines, upTo, err := s.lines(ctx, q, scene)
	if err != nil {
		return Replay{}, fmt.Errorf("replay: %w", err)
	}
	r := Replay{Site: scene.site, From: q.From, To: q.To, Lines: lines, UpTo: upTo}
	r.Lanes, r.Quiet = scene.lanes(q.Device, lines)
	ids := make([]devices.DeviceID, len(r.Lanes))
	for i, l := range r.Lanes {
		ids[i] = l.Device.ID
	}
	before, err := s.source.Before(ctx, ids, q.From)
	if err != nil {
		return Replay{}, fmt.Errorf("replay: %w", err)
	}
	for i, l := range r.Lanes {
		r.Lanes[i].Before = before[l.Device.ID]
	}
	return r, nil
}

func check(q Query) error {
	switch span := q.To.Sub(q.From); {
	case q.From.IsZero():
		return invalid("from", "say when it begins, for example 2026-11-21T02:10:00Z")
	case span <= 0:
		return invalid("to", "must be later than from")
	case span > MaxSpan:
		return invalid("to", fmt.Sprintf("must be at most %d hours after from", int(MaxSpan.Hours())))
	case q.Limit < 1 || q.Limit > MaxLines:
		return invalid("limit", fmt.Sprintf("must be 1 to %d", MaxLines))
	}
	return nil
}

func invalid(field, message string) error {
	return &devices.Error{Op: "replay", Code: devices.Invalid, Field: field, Message: message}
}

// lines are those of every kind in one order, and up to when they are whole.
func (s *Service) lines(ctx context.Context, q Query, on scene) (all []Line, upTo time.Time, err error) {
	w := Window{
		Site: on.site.ID, Zone: q.Zone, Devices: on.named, Within: q.Within, From: q.From, To: q.To, Openings: q.Openings, Limit: q.Limit,
	}
	kinds := Kinds()
	if q.Openings {
		kinds = OpeningKinds()
	}
	for _, k := range kinds {
		if k == Act && !q.Audit {
			continue
		}
		part, err := s.source.Read(ctx, k, w)
		if err != nil {
			return nil, time.Time{}, err
		}
		for _, l := range part.Lines {
			if l, is := on.admit(l, q); is {
				all = append(all, l)
			}
		}
		upTo = earlier(upTo, part.UpTo)
	}
	slices.SortFunc(all, Line.Compare)
	return bounded(all, upTo, q.Limit)
}

// bounded keeps what is whole: of a kind of which more was read than of another, nothing
// after the moment where the other may lack lines.
func bounded(all []Line, upTo time.Time, limit int) ([]Line, time.Time, error) {
	if !upTo.IsZero() {
		after := slices.IndexFunc(all, func(l Line) bool { return l.At.After(upTo) })
		if after >= 0 {
			all = all[:after]
		}
	}
	if len(all) > limit {
		all = all[:limit]
		upTo = all[limit-1].At
	}
	return all, upTo, nil
}

// earlier is the earlier of two times; the zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// admit is a line with its place, if it belongs to the scene and its reader may see it.
func (on scene) admit(l Line, q Query) (Line, bool) {
	if q.Openings && !l.Opens() {
		return l, false
	}
	switch l.Kind {
	case Layer:
		return on.admitLayer(l)
	case Switch:
		return l, q.Timetables == nil || q.Timetables(l.Switch.Timetable, l.Switch.Site)
	case Act:
		return on.admitAct(l)
	}
	d, is := on.devices[l.Device]
	l.Zone = d.Zone
	return l, is
}

// admitLayer: a layer counts where it covers a device of the scene.
func (on scene) admitLayer(l Line) (Line, bool) {
	layer := *l.Layer // what was read is not changed
	l.Layer = &layer
	switch scope := layer.Scope; scope.Kind {
	case arbiter.OfDevice:
		d, is := on.devices[devices.DeviceID(scope.ID)]
		l.Device, l.Zone, layer.Zone = d.ID, d.Zone, d.Zone
		return l, is
	case arbiter.OfZone:
		l.Zone, layer.Zone = devices.ZoneID(scope.ID), devices.ZoneID(scope.ID)
		return l, on.zones[l.Zone]
	}
	return l, true
}
