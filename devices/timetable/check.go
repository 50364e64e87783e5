package timetable

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// mostChecks is how many looks one tick has at most: a crowd of them keeps no switch waiting.
const mostChecks = 50

// check is a look at the openings of a run after a while.
type check struct {
	run    Run
	device devices.DeviceID // of an arrival; empty: every opening
	at     time.Time
}

// planChecks notes when runs that are done are to be checked.
func (s *Service) planChecks(runs []Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, run := range runs {
		if r := s.rules[run.Timetable]; r != nil && run.Outcome == Done && r.timetable.Check > 0 {
			s.checks = append(s.checks, check{run: run, at: s.now().Add(r.timetable.Check + r.active.spread())})
		}
	}
}

// checkDue looks whether openings took the mode of a run a while ago. A later run of the same
// timetable has a look of its own.
func (s *Service) checkDue(ctx context.Context, now time.Time) error {
	rest := s.checks[:0:0]
	var failed error
	done := 0
	for _, c := range s.checks {
		later := c.at.After(now) && c.at.Sub(now) <= maxCheck+time.Hour // or the clock went back
		if later || failed != nil || done == mostChecks {
			rest = append(rest, c)
			continue
		}
		done++
		err := s.check(ctx, c, now)
		if err != nil && devices.CodeOf(err) != devices.NotFound { // it may be forgotten
			failed, rest = err, append(rest, c)
		}
	}
	s.checks = rest
	return failed
}

func (s *Service) check(ctx context.Context, c check, now time.Time) error {
	results, err := s.d.Store.Results(ctx, c.run.Timetable, c.run.Due)
	if err != nil {
		return fmt.Errorf("timetable.results: %w", err)
	}
	var looked []Result
	if s.isNewest(c.run) {
		looked = s.look(results, c.device)
	}
	if err := s.commands(ctx, c.run.Claimed, looked); err != nil {
		return err
	}
	var runs []Run
	if c.device == "" {
		c.run.Checked = now
		runs = []Run{c.run}
	}
	if err := s.d.Store.Finish(ctx, runs, looked); err != nil {
		return fmt.Errorf("timetable.checked: %w", err)
	}
	for _, x := range looked {
		if x.Check == NotReached || x.Check == Offline || x.Check == Unable {
			s.d.Alarm(x.Device, x.Found)
		}
	}
	if len(looked) > 0 {
		s.d.Changed(c.run.Site)
	}
	return nil
}

// isNewest is whether no later run of the timetable took the place of one.
func (s *Service) isNewest(run Run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rules[run.Timetable]
	if r == nil {
		return false
	}
	if r.active == nil {
		return run.Mode == devices.Controlled
	}
	return r.active.run.Due.Equal(run.Due)
}

// look finds what became of the openings that a run switched.
func (s *Service) look(results []Result, device devices.DeviceID) (looked []Result) {
	for _, x := range results {
		if x.Effect == Left || x.Effect == Waiting || device != "" && x.Device != device {
			continue
		}
		x.Check, x.Found = s.found(x.Device, x.Direction)
		looked = append(looked, x)
	}
	return looked
}

// found is whether an opening reports the mode that its layers make.
func (s *Service) found(d devices.DeviceID, direction string) (Check, string) {
	at, ok := s.d.Layers.Standing(d, direction)
	if !ok {
		return Gone, ""
	}
	want := at.Stack.Mode()
	switch top, rules := at.Stack.Rules(); {
	case rules && top.Layer != arbiter.Schedule:
		return Overruled, string(top.Layer) + " by " + top.By.Name
	case !at.Online:
		return Offline, fmt.Sprintf("it is to be %s, and is offline", words(want))
	case !at.Able:
		return Unable, fmt.Sprintf("it is to be %s, and says that it takes no modes", words(want))
	case at.Reported != want:
		return NotReached, fmt.Sprintf("it is to be %s, and reports %s", words(want), words(at.Reported))
	}
	return Reached, ""
}

func words(m devices.Mode) string {
	switch m {
	case devices.HeldOpen:
		return "held open"
	case devices.HeldClosed:
		return "held closed"
	case "":
		return "nothing"
	}
	return string(m)
}

// commands finds what told the openings their mode.
func (s *Service) commands(ctx context.Context, since time.Time, results []Result) error {
	if len(results) == 0 {
		return nil
	}
	ids := make([]devices.DeviceID, len(results))
	for i, x := range results {
		ids[i] = x.Device
	}
	told, err := s.d.Store.Told(ctx, since, ids)
	if err != nil {
		return fmt.Errorf("timetable.told: %w", err)
	}
	by := make(map[place]devices.CommandID, len(told))
	for _, c := range told {
		by[place{c.Device, c.Direction}] = c.Command
	}
	for i, x := range results {
		results[i].Command = by[place{x.Device, x.Direction}]
	}
	return nil
}
