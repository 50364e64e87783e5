package schedule

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
)

// MaxSpan bounds the runs and the due times that Between gives, together.
const MaxSpan = 2000

// longestSpan bounds what Between is asked for.
const longestSpan = 62 * 24 * time.Hour

// Coming is a due time that has not come yet.
type Coming struct {
	Schedule ID
	Name     string
	Site     devices.SiteID
	Devices  []devices.DeviceID
	Action   devices.Action
	Args     map[string]string
	Due      time.Time
	LeftOut  bool // somebody chose to leave it out
}

// Span is what schedules did and will do between two instants.
type Span struct {
	Runs   []Run    // by due time
	Coming []Coming // by due time
	Cut    bool     // there is more: the oldest runs and the latest due times are not here
}

// Between gives the runs and the coming due times of every schedule from an instant to
// another, at most 62 days later. Errors: Invalid with Field from or to.
func (s *Service) Between(ctx context.Context, from, to time.Time, within *devices.Reach) (Span, error) {
	const op = "schedule.between"
	if err := checkSpan(from, to); err != nil {
		return Span{}, err
	}
	now := s.now()
	span := Span{}
	var err error
	if from.Before(now) {
		until := to
		if now.Before(until) {
			until = now
		}
		// The store has the newest first.
		if span.Runs, err = s.d.Store.Runs(ctx, RunQuery{From: from, To: until.Add(time.Millisecond), Limit: MaxSpan + 1, Within: within}); err != nil {
			return Span{}, fmt.Errorf("%s: %w", op, err)
		}
		slices.Reverse(span.Runs)
	}
	if to.After(now) {
		if span.Coming, err = s.coming(ctx, later(now, justBefore(from)), to); err != nil {
			return Span{}, fmt.Errorf("%s: %w", op, err)
		}
	}
	return span.bounded(), nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func checkSpan(from, to time.Time) error {
	switch {
	case from.IsZero():
		return invalid("from", `must be a time, for example "2026-11-01T00:00:00+08:00"`)
	case !to.After(from):
		return invalid("to", fmt.Sprintf("must be after from, for example %q", from.AddDate(0, 1, 0).Format(time.RFC3339)))
	case to.Sub(from) > longestSpan:
		return invalid("to", fmt.Sprintf("must be at most 62 days after from, for example %q", from.AddDate(0, 1, 0).Format(time.RFC3339)))
	}
	return nil
}

// coming are the first MaxSpan+1 due times of all schedules in (after, to).
func (s *Service) coming(ctx context.Context, after, to time.Time) ([]Coming, error) {
	all, err := s.d.Store.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	days := s.look(ctx)
	last := justBefore(to)
	var coming []Coming
	for _, x := range all {
		plan, err := ParseCron(x.Cron, x.TimeZone)
		if x.Paused || err != nil {
			continue
		}
		coming = append(coming, comingOf(x, days.dated(x, plan), begin(x, after), last)...)
		if len(coming) > 4*MaxSpan { // what is later than these cannot be among the first
			coming = first(coming)
			last = coming[len(coming)-1].Due
		}
	}
	return first(coming), days.err
}

// comingOf are the first MaxSpan+1 due times of a schedule in (after, last].
func comingOf(x Schedule, of dated, after, last time.Time) (coming []Coming) {
	for due := of.by(after, last); !due.IsZero() && len(coming) <= MaxSpan; due = of.by(due, last) {
		coming = append(coming, Coming{
			Schedule: x.ID, Name: x.Name, Site: x.Site, Devices: x.Devices(), Action: x.Action, Args: x.Args,
			Due: due, LeftOut: due.Equal(x.LeftOut.Due),
		})
	}
	return coming
}

func first(coming []Coming) []Coming {
	slices.SortFunc(coming, func(a, b Coming) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Schedule, b.Schedule)) })
	return coming[:min(len(coming), MaxSpan+1)]
}

// bounded leaves out what is too much: the oldest runs, and the latest that is to come.
func (s Span) bounded() Span {
	if n := len(s.Runs); n > MaxSpan {
		s.Runs, s.Cut = s.Runs[n-MaxSpan:], true
	}
	if room := MaxSpan - len(s.Runs); len(s.Coming) > room {
		s.Coming, s.Cut = s.Coming[:room], true
	}
	return s
}
