package schedule

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// Draft is what a person says about a schedule; the rest is the service's.
type Draft struct {
	Devices  []devices.DeviceID // 1 to MaxTargets, of one site
	Name     string             // 1 to 100 characters
	Cron     string             // see ParseCron
	TimeZone string             // empty: that of the devices' site
	Action   devices.Action
	Args     map[string]string
	Paused   bool
	Late     Late          // empty: Skip
	SkipLate time.Duration // 10 s to 24 h; 0: DefaultSkipLate
	Days     []calendar.Kind
	Jitter   time.Duration // 0 to MaxJitter
	Check    time.Duration // 1 to 30 minutes; 0: none
}

// DefaultSkipLate is how late a run may be unless the schedule says otherwise.
const DefaultSkipLate = 5 * time.Minute

// DefaultCheck is when the result of a run is looked at unless the schedule says otherwise.
const DefaultCheck = 2 * time.Minute

const (
	minSkipLate = 10 * time.Second
	maxSkipLate = 24 * time.Hour
	maxCheck    = 30 * time.Minute
	maxName     = 100
)

func invalid(field, message string) *devices.Error {
	return &devices.Error{Op: "schedule.check", Code: devices.Invalid, Field: field, Message: message}
}

// check makes a Schedule, without id and times, of a draft that can be kept.
func (s *Service) check(ctx context.Context, d Draft) (Schedule, error) {
	name := strings.TrimSpace(d.Name)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return Schedule{}, invalid("name", fmt.Sprintf("must have 1 to %d characters in one line, for example \"Main gate, workday mornings\"", maxName))
	}
	x := Schedule{
		Name: name, Cron: strings.Join(strings.Fields(d.Cron), " "), TimeZone: d.TimeZone, Action: d.Action, Args: maps.Clone(d.Args),
		Paused: d.Paused, Late: cmp.Or(d.Late, Skip), SkipLate: cmp.Or(d.SkipLate, DefaultSkipLate), Jitter: d.Jitter, Check: d.Check,
	}
	if err := s.checkTargets(ctx, &x, d); err != nil {
		return Schedule{}, err
	}
	if x.TimeZone == "" {
		site, err := s.d.Registry.Site(ctx, x.Site)
		if err != nil {
			return Schedule{}, fmt.Errorf("schedule.check: %w", err)
		}
		x.TimeZone = site.TimeZone
	}
	plan, err := ParseCron(d.Cron, x.TimeZone)
	if err != nil {
		return Schedule{}, err
	}
	if err := s.checkDays(ctx, &x, d.Days, plan); err != nil {
		return Schedule{}, err
	}
	return x, checkTimes(x, plan, s.now())
}

// checkTimes says what is wrong with the spans of a schedule.
func checkTimes(x Schedule, plan Plan, now time.Time) error {
	switch opens := x.Action == devices.ActionOpen || x.Action == devices.ActionPass; {
	case x.Late != Skip && x.Late != CatchUp:
		return invalid("late", fmt.Sprintf("%.40q is not skip or catch_up, for example \"skip\"", string(x.Late)))
	case x.Late == CatchUp && opens:
		return invalid("late", "must be skip: what opens is never caught up, because an opening that comes late lets in whoever is there then; catch_up is for others, for example close")
	case x.SkipLate < minSkipLate || x.SkipLate > maxSkipLate:
		return invalid("skipLateSeconds", fmt.Sprintf("must be %.0f to %.0f, for example %.0f (five minutes)",
			minSkipLate.Seconds(), maxSkipLate.Seconds(), DefaultSkipLate.Seconds()))
	case x.Check < 0 || x.Check > maxCheck || x.Check%time.Minute != 0:
		return invalid("checkMinutes", fmt.Sprintf("must be 1 to %.0f whole minutes, for example 2, or 0 for no check", maxCheck.Minutes()))
	case x.Jitter < 0 || x.Jitter > MaxJitter:
		return invalid("jitterSeconds", fmt.Sprintf("must be 0 to %.0f, for example 60", MaxJitter.Seconds()))
	case x.Jitter > 0 && shortest(plan, now) <= x.Jitter:
		return invalid("jitterSeconds", fmt.Sprintf("must be shorter than the time between two due times, which is %s here, for example 0", shortest(plan, now)))
	}
	return nil
}

// shortest is the shortest time between the next due times of a plan.
func shortest(p Plan, now time.Time) time.Duration {
	const some = 200
	least := time.Duration(math.MaxInt64)
	before := p.Next(now)
	for range some {
		next := p.Next(before)
		if next.IsZero() {
			break
		}
		least, before = min(least, next.Sub(before)), next
	}
	return least
}

// checkDays takes the kinds of days of a draft over, each once and in their order.
func (s *Service) checkDays(ctx context.Context, x *Schedule, kinds []calendar.Kind, plan Plan) error {
	all := []calendar.Kind{calendar.Workday, calendar.Rest, calendar.Holiday}
	for _, k := range kinds {
		if !slices.Contains(all, k) {
			return invalid("days", fmt.Sprintf("%.40q is not a kind of day; they are workday, rest and holiday, for example [\"workday\"]", string(k)))
		}
	}
	for _, k := range all {
		if slices.Contains(kinds, k) {
			x.Days = append(x.Days, k)
		}
	}
	if len(x.Days) == len(all) {
		x.Days = nil
	}
	if len(x.Days) == 0 {
		return nil
	}
	days := s.look(ctx)
	ever := days.dated(*x, plan).ever(s.now())
	if days.err != nil {
		return fmt.Errorf("schedule.check: %w", days.err)
	}
	if !ever {
		return invalid("days", fmt.Sprintf("never comes: none of the days that %q names within five years is of these kinds as far as the calendar of the site is known; say other kinds, for example [\"workday\"], or put the day into the calendar first", x.Cron))
	}
	return nil
}

// checkTargets takes the devices of a draft over, and their site.
func (s *Service) checkTargets(ctx context.Context, x *Schedule, d Draft) error {
	field := "devices"
	if len(d.Devices) == 1 {
		field = "device"
	}
	if n := len(d.Devices); n < 1 || n > MaxTargets {
		return invalid(field, fmt.Sprintf("must name 1 to %d devices, for example one of GET /api/v1/live/snapshot; these are %d", MaxTargets, n))
	}
	ids := slices.Sorted(slices.Values(d.Devices))
	for _, id := range slices.Compact(ids) {
		device, err := s.device(ctx, field, id)
		if err != nil {
			return err
		}
		if x.Site != "" && x.Site != device.Site {
			return invalid(field, fmt.Sprintf("%q is of another site than %q: all devices must be of one site, for example those of %q; make a schedule for each site", id, x.Targets[0].Device, x.Site))
		}
		if err := s.d.Registry.CheckAction(device.Kind, d.Action, d.Args); err != nil {
			return fmt.Errorf("schedule.check: %w", err)
		}
		x.Site = device.Site
		x.Targets = append(x.Targets, Target{Device: id})
	}
	return nil
}

func (s *Service) device(ctx context.Context, field string, id devices.DeviceID) (devices.Device, error) {
	device, err := s.d.Registry.Device(ctx, id)
	if devices.CodeOf(err) == devices.NotFound {
		e := invalid(field, fmt.Sprintf("there is no device %.64q; it must be the id of a device, for example one of GET /api/v1/live/snapshot", id))
		e.Err = err
		return devices.Device{}, e
	}
	if err != nil {
		return devices.Device{}, fmt.Errorf("schedule.check: %w", err)
	}
	return device, nil
}

// audited is a schedule as the audit trail shows it.
type audited struct {
	Devices     []devices.DeviceID `json:"devices"`
	Name        string             `json:"name"`
	Cron        string             `json:"cron"`
	TimeZone    string             `json:"timeZone"`
	Action      devices.Action     `json:"action"`
	Args        map[string]string  `json:"args,omitempty"`
	Paused      bool               `json:"paused"`
	PausedUntil *time.Time         `json:"pausedUntil,omitempty"`
	LeftOut     *time.Time         `json:"leftOut,omitempty"`
	Late        Late               `json:"late"`
	SkipLate    int64              `json:"skipLateSeconds"`
	Days        []calendar.Kind    `json:"days,omitempty"`
	Jitter      int64              `json:"jitterSeconds,omitempty"`
	Check       int64              `json:"checkMinutes"`
}

func auditedOf(x Schedule) audited {
	a := audited{
		Devices: x.Devices(), Name: x.Name, Cron: x.Cron, TimeZone: x.TimeZone, Action: x.Action, Args: x.Args, Paused: x.Paused,
		Late: x.Late, SkipLate: int64(x.SkipLate / time.Second), Days: x.Days, Jitter: int64(x.Jitter / time.Second), Check: int64(x.Check / time.Minute),
	}
	if !x.PausedUntil.IsZero() {
		a.PausedUntil = &x.PausedUntil
	}
	if !x.LeftOut.Due.IsZero() {
		a.LeftOut = &x.LeftOut.Due
	}
	return a
}

func (s *Service) audit(by devices.Actor, verb string, before, after *Schedule) devices.AuditEntry {
	detail := make(map[string]any, 2)
	for when, x := range map[string]*Schedule{"before": before, "after": after} {
		if x != nil {
			detail[when] = auditedOf(*x)
		}
	}
	of := cmp.Or(after, before)
	return devices.Audited(s.now(), by, verb, of.Site, "schedule:"+string(of.ID), detail)
}
