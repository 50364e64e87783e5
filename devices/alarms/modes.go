package alarms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// untaken is what timetables said of a device that did not take its mode.
type untaken struct {
	detail string
	at     time.Time
}

// ModeNotTaken says that an opening of a device did not take the mode that its timetable
// gave it, although it was given time; detail is for people. It raises the alarm
// ModeNotTaken, or changes its detail if it stands already. It is over when every opening
// of the device reports the mode that its layers make, or when the device is retired. It
// never blocks: what cannot be stored is tried again until the program ends.
func (s *Service) ModeNotTaken(id devices.DeviceID, detail string) {
	s.mu.Lock()
	s.untaken[id] = untaken{clip(detail), s.now()}
	s.mu.Unlock()
	s.poke()
}

// raiseUntaken raises the alarms of devices that did not take their modes.
func (s *Service) raiseUntaken(ctx context.Context) error {
	s.mu.Lock()
	all := s.untaken
	s.untaken = map[devices.DeviceID]untaken{}
	s.mu.Unlock()
	bySite := map[devices.SiteID][]devices.Device{}
	for id := range all {
		d, registered := s.d.Registered(id)
		if taken, known := s.d.ModesTaken(id); !registered || known && taken { // it is retired, or did meanwhile
			continue
		}
		bySite[d.Site] = append(bySite[d.Site], d)
	}
	var failed error
	for _, site := range slices.Sorted(maps.Keys(bySite)) {
		for some := range slices.Chunk(bySite[site], batch) {
			if err := s.raiseSome(ctx, site, some, all); err != nil {
				failed = errors.Join(failed, err)
				s.untakenAgain(some, all)
			}
		}
	}
	return failed
}

func (s *Service) raiseSome(ctx context.Context, site devices.SiteID, some []devices.Device, said map[devices.DeviceID]untaken) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	m, now := newMoves(site), s.now()
	for _, d := range some {
		if err := s.rule(m, d, verdict{ModeNotTaken, true, said[d.ID].detail, said[d.ID].at}, now); err != nil {
			return err
		}
	}
	if len(m.changed) == 0 {
		return nil
	}
	if err := s.commit(ctx, m); err != nil {
		return err
	}
	s.judgeLater(some) // one may have reported its mode meanwhile
	return nil
}

// untakenAgain keeps what could not be stored, but for what was said anew.
func (s *Service) untakenAgain(some []devices.Device, said map[devices.DeviceID]untaken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range some {
		if _, newer := s.untaken[d.ID]; !newer {
			s.untaken[d.ID] = said[d.ID]
		}
	}
}

func (s *Service) judgeLater(some []devices.Device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range some {
		s.judged[d.ID] = true
	}
}

// verdicts are the conditions of a device as it is now. Whether it takes its modes is
// asked only while an alarm says that it does not: to take one needs a moment, and
// whoever raised the alarm has waited for it.
func (s *Service) verdicts(n standing, now time.Time) []verdict {
	all := n.judge(now)
	s.mu.Lock()
	a, open := s.open[key{n.device.ID, ModeNotTaken}]
	s.mu.Unlock()
	if !open || !a.Over.IsZero() {
		return all
	}
	if taken, known := s.d.ModesTaken(n.device.ID); known {
		all = append(all, verdict{ModeNotTaken, !taken, "", now})
	}
	return all
}

// layerChanged has the devices under a layer judged that did not take their modes: what
// they report may be what is wanted now.
func (s *Service) layerChanged(l devices.Layer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.Scope.Kind == arbiter.OfDevice {
		id := devices.DeviceID(l.Scope.ID)
		if _, open := s.open[key{id, ModeNotTaken}]; open {
			s.judged[id] = true
		}
		return
	}
	for k, a := range s.open {
		if k.typ == ModeNotTaken && string(a.Site) == l.Scope.Site {
			s.judged[k.device] = true
		}
	}
}
