package timetable

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// Draft is what a person says of a timetable; the rest is the service's.
type Draft struct {
	Name       string   // 1 to 100 characters
	Targets    []Target // 1 to MaxTargets, all of one site
	Week       Week
	Exceptions []Exception
	Late       Late          // empty: Skip
	SkipLate   time.Duration // 10 s to 24 h; 0: DefaultSkipLate
	Jitter     time.Duration // up to 10 minutes
	Check      time.Duration // 1 to 30 minutes; 0: DefaultCheck; or NoCheck
}

// What a timetable may have, and has unless its draft says otherwise.
const (
	MaxName         = 100
	MaxTargets      = 500
	MaxPeriods      = 24 // of a day
	MaxExceptions   = 366
	DefaultSkipLate = 5 * time.Minute
	DefaultCheck    = 2 * time.Minute
	NoCheck         = -time.Minute
	minSkipLate     = 10 * time.Second
	maxSkipLate     = 24 * time.Hour
	maxCheck        = 30 * time.Minute
	maxJitter       = 10 * time.Minute
)

func invalid(field, message string) *devices.Error {
	return &devices.Error{Op: "timetable.check", Code: devices.Invalid, Field: field, Message: message}
}

// checked makes a Timetable, without id and times, of a draft that can be kept.
func (s *Service) checked(ctx context.Context, d Draft) (Timetable, error) {
	t := Timetable{
		Name: strings.TrimSpace(d.Name), Week: Week{}, Late: cmp.Or(d.Late, Skip),
		SkipLate: cmp.Or(d.SkipLate, DefaultSkipLate), Jitter: d.Jitter, Check: max(cmp.Or(d.Check, DefaultCheck), 0),
	}
	if message := textWrong(t.Name, 1, MaxName); message != "" {
		return t, invalid("name", message+`, for example "Main gate, workday mornings"`)
	}
	if err := s.checkTargets(ctx, &t, d.Targets); err != nil {
		return t, err
	}
	if err := checkWeek(&t, d.Week); err != nil {
		return t, err
	}
	if err := checkExceptions(&t, d.Exceptions); err != nil {
		return t, err
	}
	switch {
	case t.Late != Skip && t.Late != CatchUp:
		return t, invalid("late", fmt.Sprintf("%.20q is not %s or %s", string(t.Late), Skip, CatchUp))
	case t.SkipLate < minSkipLate || t.SkipLate > maxSkipLate:
		return t, invalid("skipLateSeconds", fmt.Sprintf("must be %.0f to %.0f, for example %.0f (five minutes)",
			minSkipLate.Seconds(), maxSkipLate.Seconds(), DefaultSkipLate.Seconds()))
	case t.Jitter < 0 || t.Jitter > maxJitter:
		return t, invalid("jitterSeconds", "must be 0 (none) to 600, for example 30")
	case t.Check > maxCheck || t.Check != 0 && t.Check < time.Minute:
		return t, invalid("checkMinutes", "must be 0 (no check) to 30, for example 2")
	}
	return t, s.comes(ctx, t)
}

// comes refuses a timetable that never holds anything again.
func (s *Service) comes(ctx context.Context, t Timetable) error {
	p, err := s.planOf(ctx, t)
	if err != nil {
		return err
	}
	if p.next(s.now()).IsZero() {
		return invalid("week", `never comes: no day with a period comes within five years; put one into the week, for example monday 07:00 to 09:00 held_open`)
	}
	return nil
}

func textWrong(text string, least, most int) string {
	n := utf8.RuneCountInString(text)
	if n < least || n > most || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Sprintf("must have %d to %d characters in one line", least, most)
	}
	return ""
}

func checkWeek(t *Timetable, w Week) error {
	for c, periods := range w {
		if !slices.Contains(Columns(), c) {
			return invalid("week", fmt.Sprintf("%.20q is no day; there are %s", string(c), joined(Columns())))
		}
		if len(periods) == 0 {
			continue
		}
		sorted, err := checkPeriods("week."+string(c), periods)
		if err != nil {
			return err
		}
		t.Week[c] = sorted
	}
	return nil
}

func joined[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, t := range all {
		texts[i] = string(t)
	}
	return strings.Join(texts, ", ")
}

// checkPeriods gives the periods of a day in order. The field of an error names the period as it
// was given.
func checkPeriods(field string, periods []Period) ([]Period, error) {
	if len(periods) > MaxPeriods {
		return nil, invalid(field, fmt.Sprintf("has more than %d periods", MaxPeriods))
	}
	for i, p := range periods {
		if part, message := p.wrong(); message != "" {
			return nil, invalid(fmt.Sprintf("%s[%d].%s", field, i, part), message)
		}
	}
	sorted := slices.SortedFunc(slices.Values(periods), func(a, b Period) int { return cmp.Compare(a.From, b.From) })
	for i := 1; i < len(sorted); i++ {
		if p, before := sorted[i], sorted[i-1]; p.From < before.To {
			return nil, invalid(fmt.Sprintf("%s[%d].from", field, slices.Index(periods, p)),
				fmt.Sprintf("%s is within %s to %s of the same day: periods of one timetable may not overlap; begin it at %s, or later", p.From, before.From, before.To, before.To))
		}
	}
	return sorted, nil
}

// wrong is the part of a period that cannot be kept, and why.
func (p Period) wrong() (part, message string) {
	switch {
	case p.From < 0 || p.From >= endOfDay:
		return "from", `must be a time of the day from "00:00" to "23:59", for example "07:00"`
	case p.To < 0 || p.To > endOfDay:
		return "to", `must be a time of the day from "00:01" to "24:00", for example "09:00"`
	case p.To <= p.From:
		return "to", fmt.Sprintf("%s is not after %s: a period ends later on the same day; one over midnight is two, %s to 24:00 and 00:00 to %s of the next day", p.To, p.From, p.From, p.To)
	case p.Mode != devices.HeldOpen && p.Mode != devices.HeldClosed:
		return "mode", fmt.Sprintf("%.20q is not %s or %s", string(p.Mode), devices.HeldOpen, devices.HeldClosed)
	case p.FirstArrival && p.Mode != devices.HeldOpen:
		return "firstArrival", "only a period that holds open may wait for the first arrival"
	}
	return "", ""
}

func checkExceptions(t *Timetable, all []Exception) error {
	if len(all) > MaxExceptions {
		return invalid("exceptions", fmt.Sprintf("are more than %d", MaxExceptions))
	}
	for i, e := range all {
		field := fmt.Sprintf("exceptions[%d]", i)
		if _, err := calendar.ParseDay(field+".day", string(e.Day)); err != nil {
			return err
		}
		e.Name = strings.TrimSpace(e.Name)
		if message := textWrong(e.Name, 0, calendar.MaxName); message != "" {
			return invalid(field+".name", message)
		}
		var err error
		if e.Periods, err = checkPeriods(field+".periods", e.Periods); err != nil {
			return err
		}
		if slices.ContainsFunc(t.Exceptions, func(o Exception) bool { return o.Day == e.Day }) {
			return invalid(field+".day", string(e.Day)+" is there twice: put all its periods into one exception")
		}
		t.Exceptions = append(t.Exceptions, e)
	}
	slices.SortFunc(t.Exceptions, func(a, b Exception) int { return cmp.Compare(a.Day, b.Day) })
	return nil
}

// checkTargets finds the targets, and the site that they are all of.
func (s *Service) checkTargets(ctx context.Context, t *Timetable, all []Target) error {
	if len(all) == 0 || len(all) > MaxTargets {
		return invalid("targets", fmt.Sprintf("must be 1 to %d devices or zones, or a site, for example {\"zone\": \"…\"}", MaxTargets))
	}
	for i, x := range all {
		field := fmt.Sprintf("targets[%d]", i)
		site, err := s.siteOf(ctx, field, x)
		if err != nil {
			return err
		}
		switch {
		case t.Site == "":
			t.Site = site
		case t.Site != site:
			return invalid(field, "is of another site than the first target: a timetable goes by the clock of one site; make one for each")
		}
		if x.Kind == OfSite {
			x.ID = ""
		}
		if slices.Contains(t.Targets, x) {
			return invalid(field, "is there twice")
		}
		t.Targets = append(t.Targets, x)
	}
	return nil
}

// siteOf is the site of a target that exists.
func (s *Service) siteOf(ctx context.Context, field string, x Target) (devices.SiteID, error) {
	if x.Direction != "" && x.Kind != OfDevice {
		return "", invalid(field+".direction", "only a turnstile has directions: name it as device")
	}
	switch x.Kind {
	case OfDevice:
		return s.siteOfDevice(field, x)
	case OfZone:
		for _, z := range s.d.Places.Zones() {
			if z.ID == devices.ZoneID(x.ID) {
				return z.Site, nil
			}
		}
		return "", invalid(field+".zone", fmt.Sprintf("there is no zone %.64q", x.ID))
	case OfSite:
		site, err := s.d.Places.Site(devices.SiteID(x.ID))
		if devices.CodeOf(err) == devices.NotFound {
			return "", invalid(field+".site", fmt.Sprintf("there is no site %.64q", x.ID))
		}
		return site.ID, err
	}
	return "", invalid(field, "must name one of a device, a zone and a site")
}

func (s *Service) siteOfDevice(field string, x Target) (devices.SiteID, error) {
	d, ok := s.d.Places.Registered(devices.DeviceID(x.ID))
	if !ok {
		return "", invalid(field+".device", fmt.Sprintf("there is no device %.64q in service", x.ID))
	}
	kind, _ := devices.KindOf(d.Kind)
	openings := kind.Openings()
	switch {
	case len(openings) == 0:
		return "", invalid(field+".device", fmt.Sprintf("a %s opens nothing: name a gate or a turnstile", d.Kind))
	case x.Direction != "" && !slices.Contains(openings, x.Direction):
		return "", invalid(field+".direction", "must be in or out of a turnstile, or left out")
	}
	return d.Site, nil
}
