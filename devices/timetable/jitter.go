package timetable

import (
	"hash/fnv"
	"time"

	"gatehouse/devices"
)

// begins is when the period counts for a device: the same moment of it every day.
func (a *active) begins(d devices.DeviceID) time.Time {
	if a.jitter == 0 {
		return a.run.Due
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(a.run.Timetable) + " " + string(d)))
	return a.run.Due.Add(time.Duration(h.Sum64()%uint64(a.jitter/time.Millisecond+1)) * time.Millisecond)
}

// spread is over how long its beginning is spread; 0 of none.
func (a *active) spread() time.Duration {
	if a == nil {
		return 0
	}
	return a.jitter
}

// isSpread is whether devices may still wait for their moment.
func (a *active) isSpread(now time.Time) bool {
	return a.spread() > 0 && !now.After(a.run.Due.Add(a.jitter))
}

// stillSpread is the jitter of a period that a life of the program before began; none if its
// openings were held before their moments, because it went on with the period before it.
func (a *active) stillSpread(jitter time.Duration, set []devices.Layer) time.Duration {
	spread := active{run: a.run, jitter: jitter}
	for _, l := range set {
		if l.By.ID == string(a.run.Timetable) && l.Since.Before(spread.begins(devices.DeviceID(l.Scope.ID))) {
			return 0
		}
	}
	return jitter
}

// isLater is whether a device waits for its moment. Before the period none does: the clock went
// back, and what was begun goes on.
func (a *active) isLater(d devices.DeviceID, now time.Time) bool {
	return a.spread() > 0 && !now.Before(a.run.Due) && now.Before(a.begins(d))
}

// spreading is until when some device waits for its moment; zero: none does.
func (s *Service) spreading(now time.Time) (until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if r.active.isSpread(now) {
			if end := r.active.run.Due.Add(r.active.jitter); end.After(until) {
				until = end
			}
		}
	}
	return until
}

// begunLater is what became of the openings whose moment came after their run was finished. Its
// caller holds mu.
func (s *Service) begunLater(w wishes, changed map[place]devices.ScheduleSetting, now time.Time) (results []Result) {
	fresh := map[runOf]bool{}
	for _, run := range s.open {
		fresh[runOf{run.Timetable, run.Due}] = true
	}
	for at, x := range w {
		if _, isChanged := changed[at]; !isChanged || x.winner == nil || x.winner.active.jitter == 0 {
			continue
		}
		run := x.winner.active.run
		if !fresh[runOf{run.Timetable, run.Due}] && !run.FirstArrival {
			results = append(results, Result{Timetable: run.Timetable, Due: run.Due, Device: at.device, Direction: at.direction, Effect: Set, At: now})
		}
	}
	return results
}

// runOf names a run.
type runOf struct {
	timetable ID
	due       time.Time
}
