package web

import (
	"context"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
)

// Timetables hold openings at times of the week; timetable.Service has them.
type Timetables interface {
	List(ctx context.Context) ([]timetable.View, error)
	Get(ctx context.Context, id timetable.ID) (timetable.View, error)
	Create(ctx context.Context, by devices.Actor, d timetable.Draft) (timetable.View, error)
	Update(ctx context.Context, by devices.Actor, id timetable.ID, d timetable.Draft) (timetable.View, error)
	Delete(ctx context.Context, by devices.Actor, id timetable.ID) error
	Pause(ctx context.Context, by devices.Actor, id timetable.ID, until time.Time) (timetable.View, error)
	Resume(ctx context.Context, by devices.Actor, id timetable.ID) (timetable.View, error)
	SkipNext(ctx context.Context, by devices.Actor, id timetable.ID, skip bool) (timetable.View, error)
	RunNow(ctx context.Context, by devices.Actor, id timetable.ID) (timetable.View, error)
	Preview(ctx context.Context, d timetable.Draft, id timetable.ID, from, to time.Time) (timetable.Preview, error)
	DryRun(ctx context.Context, d timetable.Draft, id timetable.ID, at time.Time) (timetable.DryRun, error)
	Agenda(ctx context.Context, sites []devices.SiteID, f func(timetable.Timetable) bool, from, to time.Time) (timetable.Agenda, error)
	Runs(ctx context.Context, q timetable.RunQuery) ([]timetable.Run, error)
	Results(ctx context.Context, id timetable.ID, due time.Time) ([]timetable.Result, error)
	Covering(ctx context.Context, d devices.DeviceID) ([]timetable.Covers, error)
	Statistics(ctx context.Context, sites []devices.SiteID) (timetable.Statistics, error)
}

// TimetableTarget is what a timetable covers: exactly one of device, zone and site.
type TimetableTarget struct {
	Device    devices.DeviceID `json:"device,omitempty" maxLength:"64"`
	Direction string           `json:"direction,omitempty" enum:"in,out" doc:"of a turnstile; left out: both"`
	Zone      devices.ZoneID   `json:"zone,omitempty" maxLength:"64" doc:"every opening in it, also those that come later"`
	Site      devices.SiteID   `json:"site,omitempty" maxLength:"64" doc:"every opening of it, also those that come later"`
}

// TimetablePeriod is a time of a day with a mode.
type TimetablePeriod struct {
	From         string       `json:"from" maxLength:"5" doc:"HH:MM by the clock of the site" example:"07:00"`
	To           string       `json:"to" maxLength:"5" doc:"HH:MM, after from; 24:00 is the end of the day" example:"09:00"`
	Mode         devices.Mode `json:"mode" enum:"held_open,held_closed"`
	FirstArrival bool         `json:"firstArrival,omitempty" doc:"each device is held open only from its first granted passage inward on"`
}

// TimetableWeek has the periods of each kind of day. monday to sunday count where the calendar
// says what is usual on them.
type TimetableWeek struct {
	Monday    []TimetablePeriod `json:"monday,omitempty" maxItems:"24"`
	Tuesday   []TimetablePeriod `json:"tuesday,omitempty" maxItems:"24"`
	Wednesday []TimetablePeriod `json:"wednesday,omitempty" maxItems:"24"`
	Thursday  []TimetablePeriod `json:"thursday,omitempty" maxItems:"24"`
	Friday    []TimetablePeriod `json:"friday,omitempty" maxItems:"24"`
	Saturday  []TimetablePeriod `json:"saturday,omitempty" maxItems:"24"`
	Sunday    []TimetablePeriod `json:"sunday,omitempty" maxItems:"24"`
	MakeUp    []TimetablePeriod `json:"make_up,omitempty" maxItems:"24" doc:"a Saturday or Sunday that is worked"`
	Rest      []TimetablePeriod `json:"rest,omitempty" maxItems:"24" doc:"a Monday to Friday that is a rest day"`
	Holiday   []TimetablePeriod `json:"holiday,omitempty" maxItems:"24" doc:"a public holiday"`
}

// TimetableException is a day with periods of its own.
type TimetableException struct {
	Day     calendar.Day      `json:"day" format:"date"`
	Name    string            `json:"name,omitempty" maxLength:"40"`
	Periods []TimetablePeriod `json:"periods" maxItems:"24" doc:"none: nothing is held on that day"`
}

// TimetableRequest makes or replaces a timetable.
type TimetableRequest struct {
	Name            string               `json:"name" minLength:"1" maxLength:"100"`
	Targets         []TimetableTarget    `json:"targets" minItems:"1" maxItems:"500" doc:"all of one site"`
	Week            TimetableWeek        `json:"week"`
	Exceptions      []TimetableException `json:"exceptions,omitempty" maxItems:"366"`
	Late            timetable.Late       `json:"late,omitempty" enum:"skip,catch_up" default:"skip" doc:"what becomes of a beginning that could not be carried out in time; an end always is"`
	SkipLateSeconds int64                `json:"skipLateSeconds,omitempty" minimum:"10" maximum:"86400" default:"300" doc:"with skip: a beginning that is later than this is skipped"`
	JitterSeconds   int64                `json:"jitterSeconds,omitempty" minimum:"0" maximum:"600" doc:"spreads the beginnings of a period over this time: each device has its own moment in it, the same one every day; ends are not spread"`
	CheckMinutes    *int64               `json:"checkMinutes,omitempty" minimum:"0" maximum:"30" doc:"how long after a switch the openings are looked at; 0: they are not; left out: 2"`
}

// TimetableNow is what a timetable holds now.
type TimetableNow struct {
	Since        time.Time    `json:"since"`
	Until        time.Time    `json:"until"`
	Mode         devices.Mode `json:"mode" enum:"held_open,held_closed"`
	FirstArrival bool         `json:"firstArrival"`
}

// TimetableSpan is a period on one day.
type TimetableSpan struct {
	Start        time.Time    `json:"start"`
	End          time.Time    `json:"end"`
	Mode         devices.Mode `json:"mode" enum:"held_open,held_closed"`
	FirstArrival bool         `json:"firstArrival"`
	Day          calendar.Day `json:"day" format:"date" doc:"of the site's calendar"`
	Column       string       `json:"column" doc:"whose periods count on the day: a field of the week; empty: an exception's"`
	From         string       `json:"from" doc:"as the timetable has it: daylight saving may make start another time"`
	To           string       `json:"to"`
	StartSkipped bool         `json:"startSkipped" doc:"daylight saving skips this time: it starts at the end of the gap"`
	EndSkipped   bool         `json:"endSkipped"`
	StartTwice   bool         `json:"startTwice" doc:"this time comes twice: the first one counts"`
	EndTwice     bool         `json:"endTwice"`
}

// Timetable holds openings open or closed at times of the week.
type Timetable struct {
	ID              timetable.ID         `json:"id"`
	Site            devices.SiteID       `json:"site"`
	TimeZone        string               `json:"timeZone" doc:"of the site"`
	Name            string               `json:"name"`
	Targets         []TimetableTarget    `json:"targets" doc:"none is left if all were retired"`
	Week            TimetableWeek        `json:"week"`
	Exceptions      []TimetableException `json:"exceptions"`
	Late            timetable.Late       `json:"late" enum:"skip,catch_up"`
	SkipLateSeconds int64                `json:"skipLateSeconds"`
	JitterSeconds   int64                `json:"jitterSeconds"`
	CheckMinutes    int64                `json:"checkMinutes"`
	Paused          bool                 `json:"paused"`
	PausedUntil     *time.Time           `json:"pausedUntil" doc:"null: until somebody resumes it"`
	Skip            *time.Time           `json:"skip" doc:"the beginning that is left out; null: none"`
	SkipBy          string               `json:"skipBy"`
	Now             *TimetableNow        `json:"now" doc:"what it holds; null: nothing"`
	Next            *TimetableSpan       `json:"next" doc:"the first period that will begin; null: none"`
}

// TimetableList is every timetable.
type TimetableList struct {
	Timetables []Timetable `json:"timetables"`
}

// draft is what was asked for, as the domain takes it.
func (r TimetableRequest) draft() timetable.Draft {
	d := timetable.Draft{
		Name: r.Name, Week: timetable.Week{}, Late: r.Late, SkipLate: time.Duration(r.SkipLateSeconds) * time.Second,
		Jitter: time.Duration(r.JitterSeconds) * time.Second,
	}
	if c := r.CheckMinutes; c != nil {
		if d.Check = time.Duration(*c) * time.Minute; *c == 0 {
			d.Check = timetable.NoCheck
		}
	}
	for _, x := range r.Targets {
		d.Targets = append(d.Targets, x.target())
	}
	for column, periods := range r.Week.columns() {
		d.Week[column] = each(*periods, TimetablePeriod.period)
	}
	for _, e := range r.Exceptions {
		d.Exceptions = append(d.Exceptions, timetable.Exception{Day: e.Day, Name: e.Name, Periods: each(e.Periods, TimetablePeriod.period)})
	}
	return d
}

// target is the zero target if not exactly one thing is named.
func (x TimetableTarget) target() (t timetable.Target) {
	named := 0
	for _, of := range []timetable.Target{
		{Kind: timetable.OfDevice, ID: string(x.Device)}, {Kind: timetable.OfZone, ID: string(x.Zone)}, {Kind: timetable.OfSite, ID: string(x.Site)},
	} {
		if of.ID != "" {
			named++
			t = of
		}
	}
	if named != 1 {
		return timetable.Target{}
	}
	t.Direction = x.Direction
	return t
}

func (p TimetablePeriod) period() timetable.Period {
	clock := func(text string) timetable.Clock {
		if c, ok := timetable.ParseClock(text); ok {
			return c
		}
		return timetable.NoClock
	}
	return timetable.Period{From: clock(p.From), To: clock(p.To), Mode: p.Mode, FirstArrival: p.FirstArrival}
}

// columns are the fields of a week by the column that they are.
func (w *TimetableWeek) columns() map[timetable.Column]*[]TimetablePeriod {
	return map[timetable.Column]*[]TimetablePeriod{
		timetable.Monday: &w.Monday, timetable.Tuesday: &w.Tuesday, timetable.Wednesday: &w.Wednesday, timetable.Thursday: &w.Thursday,
		timetable.Friday: &w.Friday, timetable.Saturday: &w.Saturday, timetable.Sunday: &w.Sunday,
		timetable.MakeUp: &w.MakeUp, timetable.RestDay: &w.Rest, timetable.Holiday: &w.Holiday,
	}
}

func timetableOf(v timetable.View) Timetable {
	t := Timetable{
		ID: v.ID, Site: v.Site, TimeZone: v.TimeZone, Name: v.Name, Late: v.Late, SkipLateSeconds: int64(v.SkipLate / time.Second),
		JitterSeconds: int64(v.Jitter / time.Second), CheckMinutes: int64(v.Check / time.Minute), Paused: v.Paused, PausedUntil: instantOrNull(v.PausedUntil),
		Skip: instantOrNull(v.SkipDue), SkipBy: v.SkipBy,
		Targets: each(v.Targets, func(x timetable.Target) TimetableTarget { return targetOf(v.Site, x) }),
		Exceptions: each(v.Exceptions, func(e timetable.Exception) TimetableException {
			return TimetableException{Day: e.Day, Name: e.Name, Periods: each(e.Periods, periodOf)}
		}),
	}
	for column, periods := range t.Week.columns() {
		if of := v.Week[column]; len(of) > 0 {
			*periods = each(of, periodOf)
		}
	}
	if v.Now != nil {
		t.Now = &TimetableNow{Since: instant(v.Now.Due), Until: instant(v.Now.Until), Mode: v.Now.Mode, FirstArrival: v.Now.FirstArrival}
	}
	if v.Next != nil {
		next := spanOf(*v.Next)
		t.Next = &next
	}
	return t
}

func targetOf(site devices.SiteID, x timetable.Target) TimetableTarget {
	switch x.Kind {
	case timetable.OfDevice:
		return TimetableTarget{Device: devices.DeviceID(x.ID), Direction: x.Direction}
	case timetable.OfZone:
		return TimetableTarget{Zone: devices.ZoneID(x.ID)}
	}
	return TimetableTarget{Site: site}
}

func periodOf(p timetable.Period) TimetablePeriod {
	return TimetablePeriod{From: p.From.String(), To: p.To.String(), Mode: p.Mode, FirstArrival: p.FirstArrival}
}

func spanOf(c timetable.Coming) TimetableSpan {
	return TimetableSpan{
		Start: instant(c.Start), End: instant(c.End), Mode: c.Mode, FirstArrival: c.FirstArrival, Day: c.Day, Column: string(c.Column),
		From: c.From.String(), To: c.To.String(),
		StartSkipped: c.StartSkipped, EndSkipped: c.EndSkipped, StartTwice: c.StartTwice, EndTwice: c.EndTwice,
	}
}
