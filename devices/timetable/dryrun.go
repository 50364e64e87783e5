package timetable

import (
	"context"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// DryRun is what a draft would do at a moment, and to what.
type DryRun struct {
	At       time.Time
	Span     *Span // the period of that moment; nil: it holds nothing then
	Openings []WouldBe
}

// WouldBe is what would be of one opening, with the layers that it has now.
type WouldBe struct {
	devices.Opening
	Mode     devices.Mode  // that would be made of all its layers
	Layer    arbiter.Layer // which rules; empty: none
	By       string        // whose it is; of another timetable its name
	Wins     bool          // the draft rules it
	Waits    bool          // for its first arrival
	Reported devices.Mode  // what it reports now; empty: nothing
	Online   bool
	Able     bool
	Sends    bool // it would be told the mode
}

// DryRun says what a draft would do at a moment, without keeping it; the zero moment is now, or
// the next beginning if it holds nothing now. Nothing is sent. Errors as those of Create, and
// Invalid with Field at.
func (s *Service) DryRun(ctx context.Context, d Draft, id ID, at time.Time) (DryRun, error) {
	r, err := s.drafted(ctx, d, id)
	if err != nil {
		return DryRun{}, err
	}
	now := s.now()
	if !at.IsZero() && (at.Before(now.AddDate(-5, 0, 0)) || at.After(now.AddDate(5, 0, 0))) {
		return DryRun{}, invalid("at", "must be within five years of now; left out, it is now or the next beginning")
	}
	dry := DryRun{At: at}
	if at.IsZero() {
		dry.At = now
		if _, holds := r.plan.at(now); !holds || r.timetable.paused(now) {
			if next, _ := r.coming(now, now.AddDate(5, 0, 0), 1); len(next) > 0 {
				dry.At = next[0].Start
			}
		}
	}
	if x, ok := r.plan.at(dry.At); ok && !r.timetable.paused(dry.At) {
		dry.Span = &x
	}
	openings := s.d.Layers.Openings()
	s.mu.Lock()
	others := indexed(s.rules, id)
	for _, o := range openings {
		if r.timetable.rank(o) > 0 {
			dry.Openings = append(dry.Openings, wouldBe(o, r, covering(others, o), dry, now))
		}
	}
	s.mu.Unlock()
	for i := range dry.Openings {
		s.judge(&dry.Openings[i])
	}
	return dry, nil
}

// wouldBe is what the timetables would make of an opening.
func wouldBe(o devices.Opening, r *rule, others []*rule, dry DryRun, now time.Time) WouldBe {
	w := WouldBe{Opening: o, Mode: devices.Controlled}
	best := 0
	if dry.Span != nil {
		w.Waits = dry.Span.FirstArrival
		w.Mode, w.Layer, w.By, w.Wins, best = dry.Span.Mode, arbiter.Schedule, r.timetable.Name, true, r.timetable.rank(o)
	}
	for _, other := range others {
		rank := other.timetable.rank(o)
		if rank < best {
			continue
		}
		mode, holds := other.plannedAt(dry.At, now, o.Device)
		closes := mode == devices.HeldClosed && w.Mode == devices.HeldOpen
		older := mode == w.Mode && w.Wins && other.timetable.ID < r.timetable.ID
		if holds && (rank > best || closes || older) {
			w.Mode, w.Layer, w.By, w.Wins, w.Waits, best = mode, arbiter.Schedule, other.timetable.Name, false, false, rank
		}
	}
	return w
}

// judge adds what an opening reports and which stronger layers it has now.
func (s *Service) judge(w *WouldBe) {
	at, ok := s.d.Layers.Standing(w.Device, w.Direction)
	if !ok {
		return
	}
	w.Reported, w.Online, w.Able = at.Reported, at.Online, at.Able
	if top, rules := at.Stack.Rules(); rules && top.Layer != arbiter.Schedule {
		w.Mode, w.Layer, w.By, w.Wins = top.Mode, top.Layer, top.By.Name, false
	}
	w.Sends = w.Online && w.Able && !w.Waits && w.Reported != w.Mode
}
