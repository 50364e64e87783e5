package calendar

import (
	"fmt"
	"time"

	"gatehouse/devices"
)

// Day is a day of the civil calendar, as YYYY-MM-DD: days compare as their texts do.
type Day string

// The first and the last day that a calendar has.
const (
	FirstDay Day = "2000-01-01"
	LastDay  Day = "2099-12-31"
)

const dayExample = `a day as YYYY-MM-DD from 2000 to 2099, for example "2026-05-01"`

// ParseDay reads YYYY-MM-DD of a day that exists. Errors are Invalid with the field.
func ParseDay(field, text string) (Day, error) {
	d, ok := dayOf(text, time.DateOnly)
	if !ok {
		return "", invalid(field, fmt.Sprintf("%.40q is not %s", text, dayExample))
	}
	return d, nil
}

// dayOf reads a text in the first layout that it is in.
func dayOf(text string, layouts ...string) (Day, bool) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			d := Of(at)
			return d, d >= FirstDay && d <= LastDay && at.Year() <= 9999
		}
	}
	return "", false
}

// Of is the day of an instant by the clock that it is given in.
func Of(at time.Time) Day { return Day(at.Format(time.DateOnly)) }

// time is the day's midnight in UTC; the zero time of what is no day.
func (d Day) time() time.Time {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return at
}

// Add is the day that is some days later, or earlier.
func (d Day) Add(days int) Day { return Of(d.time().AddDate(0, 0, days)) }

// Until is how many days a later day is away.
func (d Day) Until(later Day) int { return int(later.time().Sub(d.time()) / (24 * time.Hour)) }

// Year is the year of the day.
func (d Day) Year() int { return d.time().Year() }

// Date is year, month and day of the month.
func (d Day) Date() (int, time.Month, int) { return d.time().Date() }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.time().Weekday() }

func invalid(field, message string) error {
	return &devices.Error{Op: "calendar.check", Code: devices.Invalid, Field: field, Message: message}
}
