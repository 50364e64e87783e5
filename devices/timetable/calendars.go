package timetable

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

// takeCalendars makes the rules go by a calendar that was changed. What is held by a period that
// is none any more ends, and one that is one now begins. An error means that they go by the old
// one, and that it is to be done again.
func (s *Service) takeCalendars(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	sites := s.news.sites
	s.news.sites = map[devices.SiteID]bool{}
	s.mu.Unlock()
	if len(sites) == 0 {
		return nil
	}
	err := s.claimDue(ctx, now) // by the calendar as it was
	if err == nil {
		err = s.goBy(ctx, sites, now)
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for of := range sites {
			s.news.sites[of] = true
		}
	}
	return err
}

// rereading is a rule by another calendar.
type rereading struct {
	rule *rule
	plan plan
	run  *Run // if that says something else of now
}

func (s *Service) goBy(ctx context.Context, sites map[devices.SiteID]bool, now time.Time) error {
	for of := range sites {
		delete(s.books, of)
	}
	if sites[""] {
		clear(s.books)
	}
	var all []rereading
	var runs []Run
	for _, r := range s.all() {
		if !sites[""] && !sites[r.timetable.Site] {
			continue
		}
		days, err := s.bookOf(ctx, r.timetable.Site)
		if err != nil {
			return err
		}
		x := s.reread(r, days, now)
		if all = append(all, x); x.run != nil {
			runs = append(runs, *x.run)
		}
	}
	if len(runs) > 0 {
		if _, err := s.d.Store.Claim(ctx, runs); err != nil {
			return fmt.Errorf("timetable.claim: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range all {
		s.reckon(x)
	}
	return nil
}

func (s *Service) all() []*rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*rule, 0, len(s.rules))
	for _, r := range s.rules {
		all = append(all, r)
	}
	return all
}

// reread is a rule by another calendar. What it holds may be of yet another one, by which the
// program went before it stopped.
func (s *Service) reread(r *rule, days *almanac, now time.Time) rereading {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, is := r.free(now), *r
	is.plan.days = days
	x := rereading{rule: r, plan: is.plan}
	e := is.stateAt(at, Calendar)
	run := is.run(e, now)
	if e.skip != "" {
		run.Outcome, run.Detail = Skipped, e.skip
	}
	if r.active != nil {
		was := r.active.run
		if was.Due.After(at) {
			return x // the clock went back, and what it began stays
		}
		if run.Mode != was.Mode || !run.Until.Equal(was.Until) || run.FirstArrival != was.FirstArrival {
			x.run = &run
		}
		return x
	}
	before, _ := r.plan.at(at)
	if after, isIn := is.plan.at(at); isIn && (e.span != nil || e.skip != "") && !sameSpan(before, after) {
		x.run = &run
	}
	return x
}

func sameSpan(a, b Span) bool {
	return a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Period == b.Period
}

// reckon makes a rule go by another calendar. Its caller holds mu.
func (s *Service) reckon(x rereading) {
	r := x.rule
	r.plan = x.plan
	if x.run == nil {
		r.moveTo(r.cursor)
		return
	}
	was := r.active
	r.active = nil
	if x.run.Outcome == Claimed && x.run.Mode != devices.Controlled {
		r.active = was.follows(*x.run, 0)
	}
	s.note(*x.run)
	r.moveTo(x.run.Due)
}
