package timetable

import (
	"cmp"
	"time"

	"gatehouse/devices"
)

// audited is a timetable as the audit trail shows it.
type audited struct {
	Name        string            `json:"name"`
	Targets     []auditedTarget   `json:"targets"`
	Week        map[Column]string `json:"week"`
	Exceptions  map[string]string `json:"exceptions,omitempty"`
	Late        Late              `json:"late"`
	SkipLate    int64             `json:"skipLateSeconds"`
	Check       int64             `json:"checkMinutes"`
	Jitter      int64             `json:"jitterSeconds,omitempty"`
	Paused      bool              `json:"paused"`
	PausedUntil time.Time         `json:"pausedUntil,omitzero"`
	SkipDue     time.Time         `json:"skip,omitzero"`
}

type auditedTarget struct {
	Kind      TargetKind `json:"kind"`
	ID        string     `json:"id,omitempty"`
	Direction string     `json:"direction,omitempty"`
}

func (s *Service) audit(by devices.Actor, verb string, before, after *Timetable) devices.AuditEntry {
	detail := make(map[string]any, 2)
	for when, t := range map[string]*Timetable{"before": before, "after": after} {
		if t != nil {
			detail[when] = auditedOf(*t)
		}
	}
	of := cmp.Or(after, before)
	return devices.Audited(s.now(), by, verb, of.Site, "timetable:"+string(of.ID), detail)
}

func auditedOf(t Timetable) audited {
	a := audited{
		Name: t.Name, Week: make(map[Column]string, len(t.Week)), Late: t.Late, SkipLate: int64(t.SkipLate / time.Second),
		Check: int64(t.Check / time.Minute), Jitter: int64(t.Jitter / time.Second), Paused: t.Paused, PausedUntil: t.PausedUntil, SkipDue: t.SkipDue,
	}
	for _, x := range t.Targets {
		a.Targets = append(a.Targets, auditedTarget(x))
	}
	for c, periods := range t.Week {
		a.Week[c] = inWords(periods)
	}
	for _, e := range t.Exceptions {
		if a.Exceptions == nil {
			a.Exceptions = map[string]string{}
		}
		a.Exceptions[string(e.Day)] = inWords(e.Periods)
	}
	return a
}

// inWords is the periods of a day in one line.
func inWords(periods []Period) string {
	text := ""
	for i, p := range periods {
		if i > 0 {
			text += ", "
		}
		text += p.From.String() + "-" + p.To.String() + " " + string(p.Mode)
		if p.FirstArrival {
			text += " from the first arrival on"
		}
	}
	return text
}
