package alarms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// judgeAll compares the conditions of every device of which there is news, or whose
// time of grace is over, with its alarms.
func (s *Service) judgeAll(ctx context.Context) error {
	now := s.now()
	s.mu.Lock()
	for id, due := range s.absent {
		if !now.Before(due) {
			s.judged[id] = true
		}
	}
	bySite := map[devices.SiteID][]standing{}
	for id := range s.judged {
		if n, ok := s.lives[id]; ok {
			bySite[n.device.Site] = append(bySite[n.device.Site], n)
		}
		delete(s.absent, id)
	}
	clear(s.judged)
	for _, all := range bySite {
		for _, n := range all {
			if due, away := n.away(); away && now.Before(due) {
				s.absent[n.device.ID] = due
			}
		}
	}
	s.mu.Unlock()
	var failed error
	for _, site := range slices.Sorted(maps.Keys(bySite)) {
		for some := range slices.Chunk(bySite[site], batch) {
			if err := s.judgeSome(ctx, site, some, now); err != nil {
				failed = errors.Join(failed, err)
				s.judgeAgain(some)
			}
		}
	}
	return failed
}

func (s *Service) judgeAgain(some []standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range some {
		s.judged[n.device.ID] = true
	}
}

func (s *Service) judgeSome(ctx context.Context, site devices.SiteID, some []standing, now time.Time) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	m := newMoves(site)
	for _, n := range some {
		for _, v := range s.verdicts(n, now) {
			if err := s.rule(m, n.device, v, now); err != nil {
				return err
			}
		}
	}
	if len(m.changed) == 0 {
		return nil
	}
	return s.commit(ctx, m)
}

// clockStep is how far ahead an alarm's time must be for the server's clock to have been
// set back: then every verdict looks older than the alarm, and is believed all the same.
const clockStep = time.Minute

// rule makes of a verdict what is to be made of it: most are as they were.
func (s *Service) rule(m *moves, d devices.Device, v verdict, now time.Time) error {
	a, open := s.of(m, key{d.ID, v.typ})
	switch {
	case v.holds && (!open || !a.Over.IsZero()):
		return s.occur(m, occurrence{site: d.Site, zone: d.Zone, device: d.ID, typ: v.typ, at: v.at, detail: v.detail})
	case v.holds && v.detail != a.Detail && v.detail != "" && v.typ != ClockDrift: // another code, another cause
		a.Detail, a.LastSeen = v.detail, now
		m.put(a, nil)
	case !v.holds && open && a.Over.IsZero() && (v.at.After(a.LastSeen) || a.LastSeen.After(now.Add(clockStep))):
		m.put(a.over(v.at, now))
	}
	return nil
}

// endGone ends the conditions of devices that were retired.
func (s *Service) endGone(ctx context.Context) error {
	s.mu.Lock()
	gone := slices.Sorted(maps.Keys(s.gone))
	clear(s.gone)
	s.mu.Unlock()
	var failed error
	for _, id := range gone {
		if err := s.endOf(ctx, id); err != nil {
			failed = errors.Join(failed, err)
			s.mu.Lock()
			s.gone[id] = true
			s.mu.Unlock()
		}
	}
	return failed
}

func (s *Service) endOf(ctx context.Context, id devices.DeviceID) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	now := s.now()
	var m *moves
	for _, a := range s.Open() {
		if a.Device != id || !a.Over.IsZero() {
			continue
		}
		if m == nil {
			m = newMoves(a.Site)
		}
		m.put(a.over(now, now))
	}
	if m == nil {
		return nil
	}
	return s.commit(ctx, m)
}

// stands is whether a condition is known to hold now.
func (s *Service) stands(a Alarm) bool {
	s.mu.Lock()
	n, ok := s.lives[a.Device]
	s.mu.Unlock()
	if !ok {
		return false
	}
	if a.Type == Offline {
		return n.link.Status == presence.Offline
	}
	for _, v := range s.verdicts(n, s.now()) {
		if v.typ == a.Type {
			return v.holds
		}
	}
	return false
}
