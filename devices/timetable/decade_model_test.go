package timetable_test

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
)

// turn is a moment at which a timetable says something else, found by walking the minutes.
type turn struct {
	at   time.Time
	mode devices.Mode // Controlled: nothing
	end  time.Time    // of the period
}

// walk finds the turns of a timetable in [from, to) by looking at the wall clock of a zone in each
// minute. A wall time counts once the clock has shown it or a later one: so a time that is
// skipped comes at the end of the gap, and one that is shown twice at its first showing.
func walk(zone *time.Location, kind func(calendar.Day) calendar.Kind, d timetable.Draft, from, to time.Time) (turns []turn) {
	const day = 24 * 60
	var painted [day]int // which period has each minute of a day, from 1; 0: none
	var periods []timetable.Period
	shown, today, was := int64(0), int64(-1), 0
	for at := from.Unix() / 60; at < to.Unix()/60; at++ {
		_, offset := time.Unix(at*60, 0).In(zone).Zone()
		wall := at + int64(offset/60)
		if wall <= shown {
			continue
		}
		shown = wall
		if wall/day != today {
			if today = wall / day; was != 0 {
				was = -1 // another day's period is another one
			}
			painted = [day]int{}
			periods = periodsOn(calendar.Of(time.Unix(today*86400, 0).UTC()), kind, d)
			for i, p := range periods {
				for m := p.From; m < p.To; m++ {
					painted[m] = i + 1
				}
			}
		}
		is := painted[wall%day]
		if is == was {
			continue
		}
		now := time.Unix(at*60, 0).UTC()
		if len(turns) > 0 && turns[len(turns)-1].mode != devices.Controlled {
			turns[len(turns)-1].end = now
		}
		was = is
		if is == 0 {
			turns = append(turns, turn{at: now, mode: devices.Controlled})
			continue
		}
		turns = append(turns, turn{at: now, mode: periods[is-1].Mode})
	}
	return turns
}

// periodsOn are those that a draft has on a day of a kind.
func periodsOn(day calendar.Day, kind func(calendar.Day) calendar.Kind, d timetable.Draft) []timetable.Period {
	for _, e := range d.Exceptions {
		if e.Day == day {
			return e.Periods
		}
	}
	names := [...]timetable.Column{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	weekday := day.Weekday()
	off := weekday == time.Sunday || weekday == time.Saturday
	switch kind(day) {
	case calendar.Holiday:
		return d.Week["holiday"]
	case calendar.Workday:
		if off {
			return d.Week["make_up"]
		}
	case calendar.Rest:
		if !off {
			return d.Week["rest"]
		}
	}
	return d.Week[names[weekday]]
}
