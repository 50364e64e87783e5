package web

import (
	"context"
	"reflect"
	"slices"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/operators"
	"gatehouse/devices/plans"
	"gatehouse/devices/schedule"
	"gatehouse/devices/shift"
	"gatehouse/devices/timetable"
)

// Rights says what somebody may do, and where that holds now; operators.Service does.
type Rights interface {
	GrantOf(o operators.Operator) operators.Grant
	Reach(g operators.Grant) devices.Reach
}

// outsideHours is the code of every answer about the property while it is not the time
// that somebody's rights are limited to.
const outsideHours devices.Code = "outside_hours"

// extent is what of the property a route is about: it says how the check of it is made
// for somebody who is limited to a part.
type extent byte

const (
	whole  extent = iota // all of it: for nobody who is limited to a part
	named                // what its path, query and body name: each must be in reach
	listed               // what is in reach; it may name a site of which only a zone is
	free                 // nothing of it
)

// reachOf is what of the property whoever asks may see and act on now.
func reachOf(ctx context.Context) devices.Reach { return visitorOf(ctx).reach }

// within is reachOf as the bound of a list; nil: there is none.
func within(ctx context.Context) *devices.Reach {
	r := reachOf(ctx)
	if r.Everything() {
		return nil
	}
	return &r
}

// reaches is whether the right that a route asks for holds here and now at all.
func (s *Server) reaches(ctx context.Context, v *visitor) *Problem {
	p := unreached(v)
	if p != nil {
		s.outOfReach(ctx, v, devices.Code(p.Code))
	}
	return p
}

func unreached(v *visitor) *Problem {
	limited := v.grant.Limited()
	switch {
	case v.reach.Everything() || v.rule.extent == free && !v.reach.Nothing():
		return nil
	case v.rule.extent == whole && limited:
		return newProblem(devices.Forbidden, "this is about the whole property: your rights are for a part of it")
	case v.reach.Nothing() && len(v.grant.Scope.Hours) == 0:
		return newProblem(devices.Forbidden, "nothing of the property is left to you: the sites of the token are out of reach of whoever made it")
	case v.reach.Nothing() || v.rule.extent == whole:
		return newProblem(outsideHours, "your rights hold at other hours")
	}
	return nil
}

// aims checks every id that a request names against what its sender reaches. What is out
// of reach is answered as what does not exist, by the same line.
func (s *Server) aims(ctx context.Context, input any) *Problem {
	v := visitorOf(ctx)
	if v.rule.who != needsVerb || v.reach.Everything() {
		return nil
	}
	for _, id := range idsIn(reflect.ValueOf(input)) {
		if p := s.aim(ctx, v, id); p != nil {
			return p
		}
	}
	return nil
}

// idTypes are the types of ids of what stands at a place of the property.
func idTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[devices.SiteID](), reflect.TypeFor[devices.ZoneID](), reflect.TypeFor[devices.DeviceID](), reflect.TypeFor[devices.CommandID](),
		reflect.TypeFor[devices.BatchID](), reflect.TypeFor[alarms.ID](), reflect.TypeFor[schedule.ID](), reflect.TypeFor[timetable.ID](), reflect.TypeFor[shift.ID](), reflect.TypeFor[plans.ID](), reflect.TypeFor[cursor](),
	}
}

// idsIn finds the ids in a request, at any depth.
func idsIn(v reflect.Value) (ids []any) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			ids = idsIn(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				ids = append(ids, idsIn(v.Field(i))...)
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 { // a file has none
			return nil
		}
		for i := range v.Len() {
			ids = append(ids, idsIn(v.Index(i))...)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			ids = append(append(ids, idsIn(key)...), idsIn(v.MapIndex(key))...)
		}
	case reflect.String:
		if v.Len() > 0 && slices.Contains(idTypes(), v.Type()) {
			ids = append(ids, v.Interface())
		}
	}
	return ids
}

// aim checks one id.
func (s *Server) aim(ctx context.Context, v *visitor, id any) *Problem {
	what, err := s.find(ctx, v.reach, id)
	if err == nil {
		return nil
	}
	if devices.CodeOf(err) != devices.NotFound {
		return problemOf(ctx, s.deps.Log, err, "path")
	}
	s.outOfReach(ctx, v, devices.NotFound)
	s.deps.Log.WarnContext(ctx, "out of reach", "operator", v.operator.ID, "route", v.route, "request", requestID(ctx))
	return newProblem(devices.NotFound, "there is no such "+what)
}

// find is nil if what has the id is in reach, and NotFound if not, or if there is none.
func (s *Server) find(ctx context.Context, r devices.Reach, id any) (what string, err error) {
	switch id := id.(type) {
	case devices.SiteID:
		return "site", s.findSite(ctx, r, id)
	case devices.ZoneID:
		i := slices.IndexFunc(s.deps.Places.Zones(), func(z devices.Zone) bool { return z.ID == id && r.Place(z.Site, id) })
		return "zone", here(i >= 0)
	case devices.DeviceID:
		return "device", s.findDevice(ctx, r, id)
	case cursor:
		return "page", s.findDevice(ctx, r, keyIn(id).Device)
	case devices.CommandID:
		c, err := s.deps.Commander.Command(ctx, id)
		return "command", orHere(err, r.Place(c.Site, c.Zone))
	case devices.BatchID:
		b, err := s.deps.Batches.Batch(ctx, id)
		return "batch", orHere(err, s.batchWithin(ctx, r, b.Batch))
	case alarms.ID:
		a, _, err := s.deps.Alarms.Get(ctx, id)
		return "alarm", orHere(err, r.Place(a.Site, a.Zone))
	case schedule.ID:
		return "schedule", s.findSchedule(ctx, r, id)
	case shift.ID:
		return "shift", s.findShift(ctx, r, id)
	case timetable.ID:
		return "timetable", s.findTimetable(ctx, id)
	case plans.ID:
		return "plan", s.findPlan(ctx, r, id)
	}
	return "thing", here(false)
}

func here(is bool) error {
	if is {
		return nil
	}
	return &devices.Error{Op: "reach", Code: devices.NotFound, Message: "there is none in reach"}
}

func orHere(err error, is bool) error {
	if err != nil {
		return err
	}
	return here(is)
}

// findSite lets lists name a site of which a zone is in reach; whatever else is about a
// site is about the whole of it.
func (s *Server) findSite(ctx context.Context, r devices.Reach, id devices.SiteID) error {
	switch {
	case r.Site(id):
		return nil
	case !r.Part(id):
		return here(false)
	case visitorOf(ctx).rule.extent == listed:
		return nil
	}
	return newProblem(devices.Forbidden, "this is about the whole site: your rights are for a part of it")
}

func (s *Server) findDevice(ctx context.Context, r devices.Reach, id devices.DeviceID) error {
	l, err := s.deps.Registry.Device(ctx, id)
	return orHere(err, r.Device(l.Device))
}

func (s *Server) findSchedule(ctx context.Context, r devices.Reach, id schedule.ID) error {
	x, err := s.deps.Schedules.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.scheduleWithin(ctx, r, x)
}

// batchWithin is whether every device of a batch is in reach: who sees an order sees
// all of it.
func (s *Server) batchWithin(ctx context.Context, r devices.Reach, b devices.Batch) bool {
	if r.Site(b.Site) {
		return true
	}
	return len(b.Members) > 0 && !slices.ContainsFunc(b.Members, func(m devices.Member) bool { return s.findDevice(ctx, r, m.Device) != nil })
}

// inReach are those of a list that stand at a place in reach.
func inReach[T any](ctx context.Context, all []T, at func(T) (devices.SiteID, devices.ZoneID)) []T {
	r := reachOf(ctx)
	if r.Everything() {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool {
		site, zone := at(x)
		return !r.Place(site, zone)
	})
}

// placeOf is where a device stands, or stood last; nowhere if there never was one.
func (s *Server) placeOf(ctx context.Context, id devices.DeviceID) (devices.SiteID, devices.ZoneID) {
	d := s.named(ctx, id)
	return d.Site, d.Zone
}
