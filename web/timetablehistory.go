package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// TimetableRun is one switch of a timetable.
type TimetableRun struct {
	Timetable    timetable.ID      `json:"timetable" doc:"it may be deleted"`
	Name         string            `json:"name" doc:"of the timetable, as it was"`
	Site         devices.SiteID    `json:"site"`
	Due          time.Time         `json:"due"`
	Claimed      time.Time         `json:"claimed" doc:"when the server began to carry it out"`
	Why          timetable.Why     `json:"why" enum:"began,ended,edited,paused,resumed,asked,calendar"`
	Mode         devices.Mode      `json:"mode" enum:"controlled,held_open,held_closed" doc:"controlled: it holds nothing from then on"`
	Until        *time.Time        `json:"until" doc:"the end of the period; null with controlled"`
	FirstArrival bool              `json:"firstArrival"`
	Outcome      timetable.Outcome `json:"outcome" enum:"claimed,done,skipped,uncertain"`
	Detail       string            `json:"detail" doc:"why it was skipped, in English"`
	By           string            `json:"by" doc:"who asked for it; empty: the clock"`
	Checked      *time.Time        `json:"checked" doc:"when the openings were looked at; null: not yet, or never"`
}

// TimetableRuns are runs, the newest first.
type TimetableRuns struct {
	Runs []TimetableRun `json:"runs"`
}

// TimetableResult is what a run did to one opening.
type TimetableResult struct {
	Device    devices.DeviceID  `json:"device"`
	Name      string            `json:"name" doc:"of the device"`
	Direction string            `json:"direction"`
	Effect    timetable.Effect  `json:"effect" enum:"set,released,waiting,arrived,later,left,nothing"`
	Detail    string            `json:"detail" doc:"with left: the timetable that holds it instead"`
	At        time.Time         `json:"at"`
	Check     timetable.Check   `json:"check" enum:",reached,overruled,not_reached,offline,unable,gone" doc:"empty: not looked at"`
	Found     string            `json:"found" doc:"by the check, in English"`
	Command   devices.CommandID `json:"command" doc:"that told the device; empty: none was needed"`
}

// TimetableResults are those of one run.
type TimetableResults struct {
	Results []TimetableResult `json:"results"`
}

// TimetableSlot is a period that will come.
type TimetableSlot struct {
	Timetable timetable.ID   `json:"timetable"`
	Name      string         `json:"name"`
	Site      devices.SiteID `json:"site"`
	TimetableSpan
	LeftOut bool `json:"leftOut" doc:"somebody leaves it out"`
}

// TimetableAgenda is what timetables did and will do.
type TimetableAgenda struct {
	Past   []TimetableRun  `json:"past" doc:"the newest first"`
	Coming []TimetableSlot `json:"coming" doc:"the first one first"`
	More   bool            `json:"more" doc:"there are more"`
}

// TimetableCover is a timetable that covers a device.
type TimetableCover struct {
	Timetable timetable.ID         `json:"timetable"`
	Name      string               `json:"name"`
	How       timetable.TargetKind `json:"how" enum:"device,zone,site" doc:"device: without the device it loses what it names"`
	Only      bool                 `json:"only" doc:"without the device it covers nothing any more"`
}

// TimetableCovers are the timetables that cover a device.
type TimetableCovers struct {
	Timetables []TimetableCover `json:"timetables"`
}

// TimetableStatistics are figures of the last 30 days.
type TimetableStatistics struct {
	Since    time.Time      `json:"since"`
	Switches int            `json:"switches" doc:"that the clock brought and that were carried out"`
	Outcomes map[string]int `json:"outcomes"`
	P50Ms    int64          `json:"p50Ms" doc:"how long after their time switches were claimed"`
	P99Ms    int64          `json:"p99Ms"`
	MaxMs    int64          `json:"maxMs"`
	More     bool           `json:"more" doc:"there were more: the newest ones count"`
}

type (
	timetableRunsQuery struct {
		Timetable timetable.ID      `query:"timetable" maxLength:"64"`
		Site      devices.SiteID    `query:"site" maxLength:"64"`
		Device    devices.DeviceID  `query:"device" maxLength:"64"`
		Outcome   timetable.Outcome `query:"outcome" enum:"claimed,done,skipped,uncertain"`
		From      time.Time         `query:"from"`
		To        time.Time         `query:"to"`
		Before    time.Time         `query:"before" doc:"due of the last run of the page before"`
		BeforeID  string            `query:"beforeTimetable" maxLength:"64" doc:"timetable of the last run of the page before"`
		Limit     int               `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}
	timetableResultsQuery struct {
		ID  timetable.ID `path:"id" minLength:"1" maxLength:"64"`
		Due time.Time    `query:"due" required:"true"`
	}
	agendaQuery struct {
		Site devices.SiteID `query:"site" maxLength:"64"`
		From time.Time      `query:"from" required:"true"`
		To   time.Time      `query:"to" required:"true" doc:"at most 62 days after from"`
	}
	coverQuery struct {
		ID devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	}
)

func (s *Server) timetableHistory(a *api) {
	add(a, operation(http.MethodGet, "/timetables/runs", "listTimetableRuns", "timetables", "What timetables did, the newest first", 200), s.listTimetableRuns)
	add(a, operation(http.MethodGet, "/timetables/{id}/results", "listTimetableResults", "timetables", "What one run did to each opening, and what the check afterwards found", 200),
		func(ctx context.Context, i *timetableResultsQuery) (*out[TimetableResults], error) {
			all, err := s.deps.Timetables.Results(ctx, i.ID, i.Due)
			if r := reachOf(ctx); !r.Everything() { // it may have covered others then
				all = slices.DeleteFunc(all, func(x timetable.Result) bool { return s.findDevice(ctx, r, x.Device) != nil })
			}
			return &out[TimetableResults]{TimetableResults{each(all, func(r timetable.Result) TimetableResult { return s.resultOf(ctx, r) })}}, err
		})
	add(a, operation(http.MethodGet, "/timetables/agenda", "getTimetableAgenda", "timetables", "What timetables did and will do", 200), s.timetableAgenda)
	add(a, operation(http.MethodGet, "/timetables/statistics", "getTimetableStatistics", "timetables", "How late switches were in the last 30 days, and what became of them", 200),
		func(ctx context.Context, _ *none) (*out[TimetableStatistics], error) {
			st, err := s.deps.Timetables.Statistics(ctx, nil)
			return &out[TimetableStatistics]{statisticsOf(st)}, err
		})
	add(a, operation(http.MethodGet, "/devices/{id}/timetables", "listDeviceTimetables", "timetables", "The timetables that cover a device", 200),
		func(ctx context.Context, i *coverQuery) (*out[TimetableCovers], error) {
			all, err := s.deps.Timetables.Covering(ctx, i.ID)
			return &out[TimetableCovers]{TimetableCovers{each(all, func(c timetable.Covers) TimetableCover {
				return TimetableCover{Timetable: c.ID, Name: c.Name, How: c.How, Only: len(c.Targets) == 1 && c.How == timetable.OfDevice}
			})}}, err
		})
}

// sitesWithin are the sites that a list is of; nil: all.
func sitesWithin(ctx context.Context, asked devices.SiteID) []devices.SiteID {
	if asked != "" {
		return []devices.SiteID{asked}
	}
	r := reachOf(ctx)
	if r.Everything() {
		return nil
	}
	sites := []devices.SiteID{}
	for _, x := range r.Places() {
		sites = append(sites, x.Site)
	}
	slices.Sort(sites)
	return slices.Compact(sites)
}

// visibleTimetables says of which timetables somebody may see what they did; of one that is
// deleted only who sees the whole site may.
func (s *Server) visibleTimetables(ctx context.Context) (func(timetable.ID, devices.SiteID) bool, error) {
	r := reachOf(ctx)
	if r.Everything() {
		return func(timetable.ID, devices.SiteID) bool { return true }, nil
	}
	all, err := s.deps.Timetables.List(ctx)
	seen := map[timetable.ID]bool{}
	for _, v := range all {
		seen[v.ID] = s.reachesTimetable(ctx, v.Timetable)
	}
	return func(id timetable.ID, site devices.SiteID) bool { return seen[id] || r.Site(site) }, err
}

func (s *Server) listTimetableRuns(ctx context.Context, i *timetableRunsQuery) (*out[TimetableRuns], error) {
	visible, err := s.visibleTimetables(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := pageOfRuns(ctx, s.deps.Timetables.Runs, timetable.RunQuery{
		Timetable: i.Timetable, Sites: sitesWithin(ctx, i.Site), Device: i.Device, Outcome: i.Outcome, From: i.From, To: i.To,
		Before: i.Before, BeforeID: timetable.ID(i.BeforeID), Limit: i.Limit,
	}, visible)
	return &out[TimetableRuns]{TimetableRuns{each(runs, switchOf)}}, err
}

func (s *Server) timetableAgenda(ctx context.Context, i *agendaQuery) (*out[TimetableAgenda], error) {
	visible, err := s.visibleTimetables(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.deps.Timetables.Agenda(ctx, sitesWithin(ctx, i.Site), func(t timetable.Timetable) bool {
		return (i.Site == "" || t.Site == i.Site) && visible(t.ID, t.Site)
	}, i.From, i.To)
	a.Past = slices.DeleteFunc(a.Past, func(r timetable.Run) bool { return !visible(r.Timetable, r.Site) })
	return &out[TimetableAgenda]{TimetableAgenda{Past: each(a.Past, switchOf), Coming: each(a.Coming, slotOf), More: a.More}}, err
}

func switchOf(r timetable.Run) TimetableRun {
	return TimetableRun{
		Timetable: r.Timetable, Name: r.Name, Site: r.Site, Due: instant(r.Due), Claimed: instant(r.Claimed), Why: r.Why, Mode: r.Mode,
		Until: instantOrNull(r.Until), FirstArrival: r.FirstArrival, Outcome: r.Outcome, Detail: r.Detail, By: r.By, Checked: instantOrNull(r.Checked),
	}
}

func slotOf(x timetable.Slot) TimetableSlot {
	return TimetableSlot{Timetable: x.Timetable, Name: x.Name, Site: x.Site, TimetableSpan: spanOf(x.Coming), LeftOut: x.LeftOut}
}

func (s *Server) resultOf(ctx context.Context, r timetable.Result) TimetableResult {
	return TimetableResult{
		Device: r.Device, Name: s.named(ctx, r.Device).Name, Direction: r.Direction, Effect: r.Effect, Detail: r.Detail, At: instant(r.At),
		Check: r.Check, Found: r.Found, Command: r.Command,
	}
}

func statisticsOf(st timetable.Statistics) TimetableStatistics {
	v := TimetableStatistics{
		Since: instant(st.Since), Switches: st.Switches, Outcomes: map[string]int{}, More: st.More,
		P50Ms: st.P50.Milliseconds(), P99Ms: st.P99.Milliseconds(), MaxMs: st.Max.Milliseconds(),
	}
	for o, n := range st.Outcomes {
		v.Outcomes[string(o)] = n
	}
	return v
}
