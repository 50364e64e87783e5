package timetable

import (
	"fmt"
	"time"

	"gatehouse/devices/calendar"
)

// Clock is a time of the day by the clock on the wall, in minutes: 0 to 1440, which is 24:00.
type Clock int

const (
	endOfDay Clock = 24 * 60
	// NoClock is no time of the day: a period that has it is refused.
	NoClock Clock = -1
)

// ParseClock reads HH:MM from 00:00 to 24:00.
func ParseClock(text string) (Clock, bool) {
	if text == "24:00" {
		return endOfDay, true
	}
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return Clock(at.Hour()*60 + at.Minute()), true
}

// String is the clock as HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// instant is the first instant at which the wall clock of a zone shows a time of a day, or has
// passed it: a time that daylight saving skips is the end of the gap, and of one that comes
// twice the first counts.
func instant(zone *time.Location, d calendar.Day, c Clock) time.Time {
	year, month, day := d.Date()
	at := time.Date(year, month, day, 0, int(c), 0, 0, zone)
	wall := time.Date(year, month, day, 0, int(c), 0, 0, time.UTC)
	start, end := at.ZoneBounds()
	shown := wallOf(at)
	switch {
	case shown.After(wall): // the gap ends where this offset begins
		return start.UTC()
	case shown.Before(wall): // or where it ends
		return end.UTC()
	}
	if !start.IsZero() {
		_, before := start.Add(-time.Nanosecond).Zone()
		if earlier := wall.Add(-time.Duration(before) * time.Second); earlier.Before(start) {
			return earlier
		}
	}
	return at.UTC()
}

// wallOf is what the wall clock shows at an instant, written as if it were UTC.
func wallOf(at time.Time) time.Time {
	_, offset := at.Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

// twice is whether the wall clock of a zone shows an instant's time a second time later.
func twice(zone *time.Location, at time.Time) bool {
	local := at.In(zone)
	_, end := local.ZoneBounds()
	if end.IsZero() {
		return false
	}
	_, after := end.In(zone).Zone()
	again := wallOf(local).Add(-time.Duration(after) * time.Second)
	return !again.Before(end) && again.After(at)
}
