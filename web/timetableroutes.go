package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

type (
	timetableID struct {
		ID timetable.ID `path:"id" minLength:"1" maxLength:"64"`
	}
	putTimetable struct {
		ID   timetable.ID `path:"id" minLength:"1" maxLength:"64"`
		Body TimetableRequest
	}
	pauseTimetable struct {
		ID   timetable.ID `path:"id" minLength:"1" maxLength:"64"`
		Body struct {
			Until *time.Time `json:"until,omitempty" doc:"left out: until somebody resumes it"`
		}
	}
	skipTimetable struct {
		ID   timetable.ID `path:"id" minLength:"1" maxLength:"64"`
		Body struct {
			Skip bool `json:"skip" doc:"false: take it back"`
		}
	}
)

func (s *Server) timetableRoutes(a *api) {
	add(a, operation(http.MethodGet, "/timetables", "listTimetables", "timetables", "Every timetable, and what it holds now", 200),
		func(ctx context.Context, _ *none) (*out[TimetableList], error) {
			all, err := s.deps.Timetables.List(ctx)
			all = slices.DeleteFunc(all, func(v timetable.View) bool { return !s.reachesTimetable(ctx, v.Timetable) })
			return &out[TimetableList]{TimetableList{each(all, timetableOf)}}, err
		})
	add(a, operation(http.MethodPost, "/timetables", "createTimetable", "timetables", "Make a timetable; what it says of the present moment counts at once", 201),
		func(ctx context.Context, i *in[TimetableRequest]) (*out[Timetable], error) {
			v, err := s.deps.Timetables.Create(ctx, actor(ctx), i.Body.draft())
			return &out[Timetable]{timetableOf(v)}, err
		})
	add(a, operation(http.MethodGet, "/timetables/{id}", "getTimetable", "timetables", "One timetable", 200),
		func(ctx context.Context, i *timetableID) (*out[Timetable], error) {
			v, err := s.deps.Timetables.Get(ctx, i.ID)
			return &out[Timetable]{timetableOf(v)}, err
		})
	add(a, operation(http.MethodPut, "/timetables/{id}", "replaceTimetable", "timetables", "Replace a timetable; what it says of the present moment counts at once", 200),
		func(ctx context.Context, i *putTimetable) (*out[Timetable], error) {
			v, err := s.deps.Timetables.Update(ctx, actor(ctx), i.ID, i.Body.draft())
			return &out[Timetable]{timetableOf(v)}, err
		})
	add(a, operation(http.MethodDelete, "/timetables/{id}", "deleteTimetable", "timetables", "Delete a timetable; what it holds is released, its history stays", 204),
		func(ctx context.Context, i *timetableID) (*none, error) {
			return nil, s.deps.Timetables.Delete(ctx, actor(ctx), i.ID)
		})
	s.timetableActs(a)
	s.timetableLooks(a)
	s.timetableHistory(a)
}

// timetableActs are what can be done with a timetable that stands.
func (s *Server) timetableActs(a *api) {
	add(a, operation(http.MethodPost, "/timetables/{id}/pause", "pauseTimetable", "timetables", "Release what a timetable holds, and keep it from holding anything for a while", 200),
		func(ctx context.Context, i *pauseTimetable) (*out[Timetable], error) {
			var until time.Time
			if i.Body.Until != nil {
				until = *i.Body.Until
			}
			v, err := s.deps.Timetables.Pause(ctx, actor(ctx), i.ID, until)
			return &out[Timetable]{timetableOf(v)}, err
		})
	add(a, operation(http.MethodPost, "/timetables/{id}/resume", "resumeTimetable", "timetables", "End a pause; what the timetable says of the present moment counts at once", 200),
		func(ctx context.Context, i *timetableID) (*out[Timetable], error) {
			v, err := s.deps.Timetables.Resume(ctx, actor(ctx), i.ID)
			return &out[Timetable]{timetableOf(v)}, err
		})
	add(a, operation(http.MethodPost, "/timetables/{id}/skip", "skipTimetable", "timetables", "Leave the next beginning out, once, or take that back", 200),
		func(ctx context.Context, i *skipTimetable) (*out[Timetable], error) {
			v, err := s.deps.Timetables.SkipNext(ctx, actor(ctx), i.ID, i.Body.Skip)
			return &out[Timetable]{timetableOf(v)}, err
		})
	add(a, operation(http.MethodPost, "/timetables/{id}/run", "runTimetable", "timetables", "Begin the period that a timetable has now and that was skipped", 200),
		func(ctx context.Context, i *timetableID) (*out[Timetable], error) {
			v, err := s.deps.Timetables.RunNow(ctx, actor(ctx), i.ID)
			return &out[Timetable]{timetableOf(v)}, err
		})
}

// reachesTimetable is whether all that a timetable covers is in reach: who sees one sees all of
// it.
func (s *Server) reachesTimetable(ctx context.Context, t timetable.Timetable) bool {
	r := reachOf(ctx)
	if r.Site(t.Site) {
		return true
	}
	for _, x := range t.Targets {
		var err error
		switch x.Kind {
		case timetable.OfDevice:
			err = s.findDevice(ctx, r, devices.DeviceID(x.ID))
		case timetable.OfZone:
			err = here(r.Place(t.Site, devices.ZoneID(x.ID)))
		default:
			err = here(false)
		}
		if err != nil {
			return false
		}
	}
	return len(t.Targets) > 0
}

func (s *Server) findTimetable(ctx context.Context, id timetable.ID) error {
	v, err := s.deps.Timetables.Get(ctx, id)
	return orHere(err, s.reachesTimetable(ctx, v.Timetable))
}
