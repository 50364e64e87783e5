package schedule

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // time zones are part of the promise, whatever the machine has

	"github.com/robfig/cron/v3"

	"gatehouse/devices"
)

// MaxExpression bounds the text of a cron expression, in bytes.
const MaxExpression = 200

const example = `for example "30 7 * * MON-FRI" (07:30 on workdays) or "@daily"`

// neverYears is how far ahead a due time must be found.
const neverYears = 5

// Plan is a parsed cron expression in its time zone. It is immutable.
type Plan struct {
	wall   cron.Schedule // in wall time, which is written as if it were UTC
	zone   *time.Location
	hourly bool // runs in every hour, so it follows elapsed time, not the wall clock
}

// ParseCron reads a standard cron expression of five fields, or @hourly, @daily,
// @midnight, @weekly, @monthly, @yearly, @annually, in a time zone of its own (an
// IANA name). Errors are Invalid with Field cron or timeZone.
func ParseCron(expr, tz string) (Plan, error) {
	zone, err := parseZone(tz)
	if err != nil {
		return Plan{}, err
	}
	text, err := checkExpression(expr)
	if err != nil {
		return Plan{}, err
	}
	spec, err := parseSpec(text)
	if err != nil {
		return Plan{}, badCron(hint(err.Error()), err)
	}
	p := Plan{wall: spec, zone: zone}
	if s, ok := spec.(*cron.SpecSchedule); ok {
		const allHours = 1<<24 - 1
		p.hourly = s.Hour&allHours == allHours
	}
	// The base is fixed, so that the same text is always judged alike; the five
	// years after it have a leap day.
	if p.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Plan{}, badCron("never comes: no such day exists within five years (a 31st of February?)", nil)
	}
	return p, nil
}

func badCron(message string, cause error) error {
	return &devices.Error{Op: "schedule.cron", Code: devices.Invalid, Field: "cron",
		Message: message + "; " + example, Err: cause}
}

func parseZone(tz string) (*time.Location, error) {
	bad := func(cause error) error {
		return &devices.Error{Op: "schedule.cron", Code: devices.Invalid, Field: "timeZone",
			Message: fmt.Sprintf("%.60q is not a time zone; an IANA name is needed, for example \"Asia/Shanghai\"", tz), Err: cause}
	}
	if tz == "" || strings.EqualFold(tz, "local") || len(tz) > 64 {
		return nil, bad(nil)
	}
	zone, err := time.LoadLocation(tz)
	if err != nil {
		return nil, bad(err)
	}
	return zone, nil
}

// checkExpression refuses, with a reason, what the parser would misread.
func checkExpression(expr string) (string, error) {
	if len(expr) > MaxExpression {
		return "", badCron(fmt.Sprintf("is longer than %d characters", MaxExpression), nil)
	}
	for _, c := range []byte(expr) {
		if c != '\t' && (c < ' ' || c > '~') {
			return "", badCron("has a character that no cron expression has", nil)
		}
	}
	fields := strings.Fields(expr)
	if len(fields) == 0 {
		return "", badCron("is empty", nil)
	}
	first := strings.ToUpper(fields[0])
	switch {
	case strings.HasPrefix(first, "TZ=") || strings.HasPrefix(first, "CRON_TZ="):
		return "", badCron("must not name a time zone; it has a field of its own, timeZone", nil)
	case strings.HasPrefix(first, "@EVERY"):
		return "", badCron(`cannot be "@every": a due time must be a time of the clock; "*/10 * * * *" is every ten minutes`, nil)
	case strings.HasPrefix(first, "@") && len(fields) == 1:
		return strings.ToLower(fields[0]), nil
	case len(fields) == 6 || len(fields) == 7:
		return "", badCron(fmt.Sprintf("has %d fields; seconds and years are not supported, five fields are needed: minute hour day month weekday", len(fields)), nil)
	case len(fields) != 5:
		return "", badCron(fmt.Sprintf("has %d fields; five are needed: minute hour day month weekday", len(fields)), nil)
	}
	return strings.Join(fields, " "), nil
}

// parseSpec calls the library, which panics on some texts.
func parseSpec(text string) (s cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cannot be read: %v", r)
		}
	}()
	s, err = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(text)
	if err != nil {
		return nil, err
	}
	if spec, ok := s.(*cron.SpecSchedule); ok {
		spec.Location = time.UTC // Next counts in wall time
		return spec, nil
	}
	return nil, fmt.Errorf("is not a rule of the clock: %q", text)
}

func hint(reason string) string {
	if strings.Contains(reason, "(7) above maximum (6)") {
		return "is not understood: days of the week are 0 (Sunday) to 6 (Saturday), or SUN to SAT"
	}
	return "is not understood: " + reason
}

// Preview gives the next n (1 to 50) due times after from, in UTC. There are fewer
// if the rule ends.
func Preview(expr, tz string, from time.Time, n int) ([]time.Time, error) {
	if n < 1 || n > 50 {
		return nil, &devices.Error{Op: "schedule.preview", Code: devices.Invalid, Field: "n", Message: "must be 1 to 50, for example 10"}
	}
	p, err := ParseCron(expr, tz)
	if err != nil {
		return nil, err
	}
	times := make([]time.Time, 0, n)
	for t := p.Next(from); !t.IsZero() && len(times) < n; t = p.Next(t) {
		times = append(times, t)
	}
	return times, nil
}
