package alarms

import (
	"time"

	"gatehouse/devices"
)

// What follows are the moves of one alarm: pure functions that give the alarm after
// the move and what its history says of it.

func (a Alarm) entry(at time.Time, w What, by devices.Actor, text string, c Cause) Entry {
	return Entry{Alarm: a.ID, At: at, What: w, By: whoOf(by), Text: text, Cause: c}
}

// raised is a new alarm of an occurrence.
func raised(id ID, o occurrence, k Kind, now time.Time) (Alarm, []Entry) {
	a := Alarm{
		ID: id, Site: o.site, Zone: o.zone, Device: o.device, Type: o.typ, Severity: k.Severity,
		Raised: now, LastSeen: o.at, Count: 1, Detail: o.detail, Cause: o.cause,
	}
	if !k.Stands {
		a.Over = o.at
	}
	return a, []Entry{a.entry(now, WasRaised, system, o.detail, o.cause)}
}

// again is an open alarm after one more occurrence. What is of a standing condition
// and comes while the alarm is only known by that condition is the same occurrence,
// told twice: once as the state, once as the event.
func (a Alarm) again(o occurrence, k Kind, now time.Time) (Alarm, []Entry) {
	what := WasRepeated
	same := k.Stands && a.Over.IsZero() && (a.Cause == Cause{} || o.cause == Cause{})
	if !same {
		a.Count++
	}
	if k.Stands && !a.Over.IsZero() {
		what, a.Over = WasBack, time.Time{}
	}
	if !k.Stands {
		a.Over = o.at
	}
	if o.at.After(a.LastSeen) {
		a.LastSeen = o.at
	}
	if o.detail != "" {
		a.Detail = o.detail
	}
	if o.cause != (Cause{}) {
		a.Cause = o.cause
	}
	return a, []Entry{a.entry(now, what, system, o.detail, o.cause)}
}

// over is an alarm whose cause has ended. One that was acknowledged is resolved by
// it.
func (a Alarm) over(at, now time.Time) (Alarm, []Entry) {
	a.Over = at
	a.Cause = Cause{} // the next occurrence is another one
	entries := []Entry{a.entry(now, WasOver, system, "", Cause{})}
	if a.Acknowledged.IsZero() {
		return a, entries
	}
	a, more := a.resolved(system, "", now)
	return a, append(entries, more...)
}

// acknowledged is an alarm that somebody has seen. One whose cause is over is
// resolved by it.
func (a Alarm) acknowledged(by devices.Actor, comment string, now time.Time) (Alarm, []Entry) {
	a.Acknowledged, a.AcknowledgedBy = now, whoOf(by)
	entries := []Entry{a.entry(now, WasAcknowledged, by, comment, Cause{})}
	if a.Over.IsZero() {
		return a, entries
	}
	a, more := a.resolved(by, "", now)
	return a, append(entries, more...)
}

func (a Alarm) resolved(by devices.Actor, comment string, now time.Time) (Alarm, []Entry) {
	a.Resolved, a.ResolvedBy = now, whoOf(by)
	return a, []Entry{a.entry(now, WasResolved, by, comment, Cause{})}
}

func (a Alarm) assigned(by devices.Actor, to Who, now time.Time) (Alarm, []Entry) {
	a.Assignee = to
	return a, []Entry{a.entry(now, WasAssigned, by, to.Name, Cause{})}
}

func (a Alarm) escalated(now time.Time) (Alarm, []Entry) {
	a.Escalated = now
	return a, []Entry{a.entry(now, WasEscalated, system, "", Cause{})}
}

// muted is an alarm that a mute covers, or covers no more.
func (a Alarm) muted(is bool, by devices.Actor, reason string, now time.Time) (Alarm, []Entry) {
	what := WasUnmuted
	if is {
		what = WasMuted
	}
	a.Muted = is
	return a, []Entry{a.entry(now, what, by, reason, Cause{})}
}
