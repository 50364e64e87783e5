package timetable

import (
	"slices"
	"sync"
	"time"

	"gatehouse/devices/calendar"
)

// almanac is the calendar of a site as timetables read it: the column of each day. It is worked
// out a year at a time and kept, so that a timetable that is looked through for five years costs
// microseconds. It is safe for concurrent use.
type almanac struct {
	book  calendar.Book
	mu    sync.Mutex
	years map[int][]uint8 // of each day of a year, the place of its column in Columns
}

func newAlmanac(b calendar.Book) *almanac { return &almanac{book: b, years: map[int][]uint8{}} }

// year is the columns of the days of a year.
func (a *almanac) year(y int) []uint8 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.years[y]; ok {
		return known
	}
	columns, all := Columns(), make([]uint8, 0, 366)
	for at := time.Date(y, time.January, 1, 0, 0, 0, 0, time.UTC); at.Year() == y; at = at.AddDate(0, 0, 1) {
		d := calendar.Of(at)
		all = append(all, uint8(slices.Index(columns, columnOf(d, a.book.Kind(d)))))
	}
	a.years[y] = all
	return all
}

// date is a day as it is counted by: its year, and how many days of it come before. Dates compare
// as numbers.
type date int

func newDate(year, day int) date { return date(year*1000 + day) }

func (d date) year() int { return int(d) / 1000 }

func (d date) day() int { return int(d) % 1000 }

func dateOf(d calendar.Day) date {
	year, month, day := d.Date()
	return newDate(year, time.Date(year, month, day, 0, 0, 0, 0, time.UTC).YearDay()-1)
}

func (d date) calendar() calendar.Day {
	return calendar.Of(time.Date(d.year(), time.January, 1+d.day(), 0, 0, 0, 0, time.UTC))
}
