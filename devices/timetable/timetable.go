package timetable

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// ID of a timetable.
type ID string

// Timetable holds openings of one site open or closed at times of the week.
type Timetable struct {
	ID      ID
	Site    devices.SiteID
	Name    string
	Targets []Target
	Week    Week
	// Exceptions are days with periods of their own, whatever the week says, in order.
	Exceptions []Exception
	Late       Late
	SkipLate   time.Duration // with Late Skip: a beginning that is later than this is skipped
	// Jitter spreads the beginnings of a period over a time: each device has its own moment in it,
	// the same one every day. Ends are not spread.
	Jitter      time.Duration
	Check       time.Duration // how long after a switch the openings are looked at; 0: they are not
	Paused      bool
	PausedUntil time.Time // of a pause that ends by itself; zero: until somebody resumes it
	SkipDue     time.Time // the beginning that is left out; zero: none
	SkipBy      string    // who said so
	Created     time.Time
	// Changed is when it got its present form, Why and By whom: what it says of that moment
	// counts at once, and due times before it do not count any more.
	Changed time.Time
	Why     Why
	By      string
}

// paused is whether it is paused at an instant.
func (t Timetable) paused(at time.Time) bool {
	return t.Paused && (t.PausedUntil.IsZero() || at.Before(t.PausedUntil))
}

// Target is what a timetable covers.
type Target struct {
	Kind      TargetKind
	ID        string // of the device or the zone; of the site empty
	Direction string // of a turnstile: in or out; empty: both
}

// TargetKind is the kind of a target.
type TargetKind string

// The kinds of targets. Where several timetables cover an opening, the one that names it most
// exactly counts.
const (
	OfDevice TargetKind = "device"
	OfZone   TargetKind = "zone" // every opening in it, also those that come later
	OfSite   TargetKind = "site"
)

// Late is what becomes of a beginning that could not be carried out in time.
type Late string

// What becomes of a late beginning. An end is always carried out.
const (
	Skip    Late = "skip"     // it is skipped and recorded
	CatchUp Late = "catch_up" // it is carried out for what is left of its period
)

// Column is one column of the week grid: the kind of day that its periods are for.
type Column string

// The columns. The weekdays are those on which the calendar says what is usual: Monday to
// Friday workdays, Saturday and Sunday rest days.
const (
	Monday    Column = "monday"
	Tuesday   Column = "tuesday"
	Wednesday Column = "wednesday"
	Thursday  Column = "thursday"
	Friday    Column = "friday"
	Saturday  Column = "saturday"
	Sunday    Column = "sunday"
	MakeUp    Column = "make_up" // a Saturday or Sunday that is worked (调休上班)
	RestDay   Column = "rest"    // a Monday to Friday that is a rest day
	Holiday   Column = "holiday" // a public holiday, whatever the weekday
)

// Columns are all of them, in the order of the grid.
func Columns() []Column {
	return []Column{Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday, MakeUp, RestDay, Holiday}
}

// weekdays are the columns of time.Weekday.
var weekdays = [...]Column{Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday}

// columnOf is the column of a day that the calendar says is of a kind.
func columnOf(d calendar.Day, kind calendar.Kind) Column {
	w := d.Weekday()
	weekend := w == time.Saturday || w == time.Sunday
	switch {
	case kind == calendar.Holiday:
		return Holiday
	case kind == calendar.Workday && weekend:
		return MakeUp
	case kind == calendar.Rest && !weekend:
		return RestDay
	}
	return weekdays[w]
}

// Week has the periods of each column, in order and without overlaps.
type Week map[Column][]Period

// Period is a time of a day with a mode.
type Period struct {
	From, To Clock        // From before To; 24:00 is the end of the day
	Mode     devices.Mode // HeldOpen or HeldClosed
	// FirstArrival lets a held-open period begin for each device with its first granted
	// passage inward: until then the device stays as it is (first-person-in).
	FirstArrival bool
}

// Exception is a day with periods of its own; none: nothing is held on that day.
type Exception struct {
	Day     calendar.Day
	Name    string // up to calendar.MaxName characters
	Periods []Period
}
