package alarms

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gatehouse/devices"
)

// MaxText bounds a comment or reason, in characters.
const MaxText = 500

// Get gives an alarm with its history, the newest entry first, at most 200.
func (s *Service) Get(ctx context.Context, id ID) (Alarm, []Entry, error) {
	a, err := s.find(ctx, id)
	if err != nil {
		return Alarm{}, nil, err
	}
	h, err := s.d.Store.History(ctx, id, 200)
	return a, h, err
}

// Alarms selects alarms, the newest first.
func (s *Service) Alarms(ctx context.Context, q Query) ([]Alarm, error) {
	if _, ok := KindOf(q.Type); q.Type != "" && !ok {
		return nil, invalid("alarm.list", "type", "must be a type of alarm, or empty")
	}
	return s.d.Store.Alarms(ctx, q)
}

// Acknowledge says that somebody has seen an alarm. One that is acknowledged already
// stays as it is, but what is said to it is kept.
func (s *Service) Acknowledge(ctx context.Context, by devices.Actor, id ID, comment string) (Alarm, error) {
	return s.act(ctx, "alarm.acknowledge", by, id, comment, nil, func(a Alarm, now time.Time) (Alarm, []Entry, error) {
		if !a.Acknowledged.IsZero() {
			if strings.TrimSpace(comment) == "" {
				return a, nil, nil
			}
			return a, []Entry{a.entry(now, WasCommented, by, comment, Cause{})}, nil
		}
		if !a.Resolved.IsZero() {
			return a, nil, isResolved("alarm.acknowledge")
		}
		a, entries := a.acknowledged(by, comment, now)
		return a, entries, nil
	})
}

// Comment adds a comment, also to an alarm that is resolved.
func (s *Service) Comment(ctx context.Context, by devices.Actor, id ID, text string) (Alarm, error) {
	const op = "alarm.comment"
	if strings.TrimSpace(text) == "" {
		return Alarm{}, invalid(op, "text", "must say something")
	}
	return s.act(ctx, op, by, id, text, nil, func(a Alarm, now time.Time) (Alarm, []Entry, error) {
		return a, []Entry{a.entry(now, WasCommented, by, text, Cause{})}, nil
	})
}

// Assign gives an alarm to somebody; the zero Who takes it away from whoever had it.
func (s *Service) Assign(ctx context.Context, by devices.Actor, id ID, to Who) (Alarm, error) {
	const op = "alarm.assign"
	return s.act(ctx, op, by, id, "", map[string]any{"assignee": to.Name}, func(a Alarm, now time.Time) (Alarm, []Entry, error) {
		switch {
		case !a.Resolved.IsZero():
			return a, nil, isResolved(op)
		case a.Assignee == to:
			return a, nil, nil
		}
		a, entries := a.assigned(by, to, now)
		return a, entries, nil
	})
}

// Resolve ends an alarm, with what was done about it. One whose condition is known
// to stand is a Conflict: it would be raised again at once.
func (s *Service) Resolve(ctx context.Context, by devices.Actor, id ID, comment string) (Alarm, error) {
	const op = "alarm.resolve"
	if strings.TrimSpace(comment) == "" {
		return Alarm{}, invalid(op, "comment", "must say what was done")
	}
	return s.act(ctx, op, by, id, comment, nil, func(a Alarm, now time.Time) (Alarm, []Entry, error) {
		switch {
		case !a.Resolved.IsZero():
			return a, nil, isResolved(op)
		case a.Over.IsZero() && s.stands(a):
			return a, nil, &devices.Error{Op: op, Code: devices.Conflict, Field: "id",
				Message: "its cause still stands: acknowledge it, or mute the device for a while"}
		}
		a, entries := a.resolved(by, comment, now)
		return a, entries, nil
	})
}

// act is a person's move: with its row in the audit trail.
func (s *Service) act(ctx context.Context, op string, by devices.Actor, id ID, text string, detail map[string]any,
	f func(Alarm, time.Time) (Alarm, []Entry, error),
) (Alarm, error) {
	if utf8.RuneCountInString(text) > MaxText {
		return Alarm{}, invalid(op, "comment", fmt.Sprintf("must be at most %d characters", MaxText))
	}
	if err := s.take(ctx); err != nil {
		return Alarm{}, err
	}
	defer s.give()
	a, err := s.find(ctx, id)
	if err != nil {
		return Alarm{}, err
	}
	now := s.now()
	told := map[string]any{"device": a.Device, "type": a.Type}
	if text != "" {
		told["comment"] = text
	}
	maps.Copy(told, detail)
	audit := []devices.AuditEntry{devices.Audited(now, by, op, a.Site, "alarm:"+string(id), told)}
	return s.moveNow(ctx, a, audit, func(a Alarm) (Alarm, []Entry, error) { return f(a, now) })
}

// MuteRequest asks for a mute.
type MuteRequest struct {
	Device devices.DeviceID
	Type   Type // empty: all
	Until  time.Time
	Reason string
}

// Mute keeps the alarms of a device from being loud until a time, at most MaxMute
// away. It takes the place of an earlier one of the same device and type.
func (s *Service) Mute(ctx context.Context, by devices.Actor, r MuteRequest) (Mute, error) {
	const op = "alarm.mute"
	now := s.now()
	r.Until = r.Until.UTC().Truncate(time.Millisecond)
	d, known := s.d.Registered(r.Device)
	_, isType := KindOf(r.Type)
	switch {
	case !known:
		return Mute{}, &devices.Error{Op: op, Code: devices.NotFound, Field: "device", Message: "device " + string(r.Device) + " does not exist"}
	case r.Type != "" && !isType:
		return Mute{}, invalid(op, "type", "must be a type of alarm, or empty for all")
	case !r.Until.After(now) || r.Until.After(now.Add(MaxMute)):
		return Mute{}, invalid(op, "until", "must be a time within the next 7 days")
	case strings.TrimSpace(r.Reason) == "" || utf8.RuneCountInString(r.Reason) > MaxText:
		return Mute{}, invalid(op, "reason", fmt.Sprintf("must say why, in at most %d characters", MaxText))
	}
	if err := s.take(ctx); err != nil {
		return Mute{}, err
	}
	defer s.give()
	mute := Mute{Site: d.Site, Device: d.ID, Type: r.Type, Since: now, Until: r.Until, By: whoOf(by), Reason: r.Reason}
	m := newMoves(d.Site)
	m.change.Mutes = []Mute{mute}
	m.change.Audit = []devices.AuditEntry{devices.Audited(now, by, op, d.Site, "device:"+string(d.ID),
		map[string]any{"type": r.Type, "until": r.Until, "reason": r.Reason})}
	for _, a := range s.Open() {
		if !a.Muted && mute.covers(a, now) {
			m.put(a.muted(true, by, r.Reason, now))
		}
	}
	return mute, s.commit(ctx, m)
}

// Unmute ends a mute.
func (s *Service) Unmute(ctx context.Context, by devices.Actor, d devices.DeviceID, t Type) error {
	const op = "alarm.unmute"
	s.mu.Lock()
	m, ok := s.mutes[key{d, t}]
	s.mu.Unlock()
	if !ok {
		return &devices.Error{Op: op, Code: devices.NotFound, Message: "there is no such mute"}
	}
	return s.endMute(ctx, m, by, []devices.AuditEntry{devices.Audited(s.now(), by, op, m.Site, "device:"+string(d), map[string]any{"type": t})})
}

// Mutes gives the mutes that hold, in the order of their ends.
func (s *Service) Mutes() []Mute {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Mute, 0, len(s.mutes))
	for _, m := range s.mutes {
		if m.Until.After(now) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b Mute) int { return a.Until.Compare(b.Until) })
	return all
}

func invalid(op, field, message string) error {
	return &devices.Error{Op: op, Code: devices.Invalid, Field: field, Message: message}
}

func isResolved(op string) error {
	return &devices.Error{Op: op, Code: devices.Conflict, Field: "id", Message: "it is resolved already"}
}
