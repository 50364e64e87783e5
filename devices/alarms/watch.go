package alarms

import (
	"context"
	"errors"

	"gatehouse/devices"
)

// watch escalates what nobody acknowledged, and ends mutes whose time is over.
func (s *Service) watch(ctx context.Context) error {
	now := s.now()
	var due []Alarm
	s.mu.Lock()
	for _, a := range s.open {
		if after, ok := s.d.Escalate[a.Severity]; ok && after > 0 && a.Loudness() == Loud && !now.Before(a.Raised.Add(after)) {
			due = append(due, a)
		}
	}
	var over []Mute
	for _, m := range s.mutes {
		if !m.Until.After(now) {
			over = append(over, m)
		}
	}
	s.mu.Unlock()
	var failed error
	for _, m := range over {
		failed = errors.Join(failed, s.endMute(ctx, m, system, nil))
	}
	for _, a := range due {
		failed = errors.Join(failed, s.move(ctx, a.ID, func(a Alarm) (Alarm, []Entry, error) {
			if a.Loudness() != Loud {
				return a, nil, nil
			}
			a, entries := a.escalated(now)
			return a, entries, nil
		}))
	}
	return failed
}

// move changes one open alarm by itself. A function that gives no entries changes
// nothing.
func (s *Service) move(ctx context.Context, id ID, f func(Alarm) (Alarm, []Entry, error)) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	a, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.moveNow(ctx, a, nil, f)
	return err
}

// moveNow is move for who holds the turn; it gives the alarm as it is then.
func (s *Service) moveNow(ctx context.Context, a Alarm, audit []devices.AuditEntry, f func(Alarm) (Alarm, []Entry, error)) (Alarm, error) {
	a, entries, err := f(a)
	if err != nil || len(entries) == 0 {
		return a, err
	}
	m := newMoves(a.Site)
	m.change.Audit = audit
	m.put(a, entries)
	if err := s.commit(ctx, m); err != nil {
		return Alarm{}, err
	}
	return m.change.Alarms[0], nil
}

// find gives an alarm from memory, or from the store if it is resolved.
func (s *Service) find(ctx context.Context, id ID) (Alarm, error) {
	s.mu.Lock()
	for _, a := range s.open {
		if a.ID == id {
			s.mu.Unlock()
			return a, nil
		}
	}
	s.mu.Unlock()
	return s.d.Store.Alarm(ctx, id)
}

// endMute takes a mute away; what it covered is loud again unless another one
// covers it. The system ends none that somebody has prolonged meanwhile.
func (s *Service) endMute(ctx context.Context, mute Mute, by devices.Actor, audit []devices.AuditEntry) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	m, now, of := newMoves(mute.Site), s.now(), key{mute.Device, mute.Type}
	s.mu.Lock()
	holds, ok := s.mutes[of]
	s.mu.Unlock()
	if !ok || by == system && holds.Until.After(now) {
		return nil
	}
	m.change.Unmutes, m.change.Audit = []Mute{mute}, audit
	for _, a := range s.Open() {
		if a.Muted && a.Device == mute.Device && (mute.Type == "" || mute.Type == a.Type) && !s.isMuted(a, now, of) {
			m.put(a.muted(false, by, "", now))
		}
	}
	return s.commit(ctx, m)
}
