package web

import (
	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/replay"
)

// replayLines are lines as the API writes them.
func (s *Server) replayLines(all []replay.Line) []ReplayLine {
	var rows []devices.AuditRow
	for _, l := range all {
		if l.Kind == replay.Act {
			rows = append(rows, *l.Act)
		}
	}
	acts := s.auditEntries(rows)
	return each(all, func(l replay.Line) ReplayLine {
		o := replayLine(l)
		if l.Kind == replay.Act {
			o.Act, acts = &acts[0], acts[1:]
		}
		return o
	})
}

func replayLine(l replay.Line) ReplayLine {
	o := ReplayLine{At: instant(l.At), Kind: l.Kind, Device: l.Device, Zone: l.Zone, Opens: l.Opens()}
	switch l.Kind {
	case replay.Layer:
		o.Layer = pointer(feed.LayerOf(*l.Layer))
	case replay.Switch:
		o.Switch = pointer(switchOf(*l.Switch))
	case replay.Command:
		o.Command = pointer(feed.CommandOf(*l.Command))
	case replay.Link:
		o.Link = &ReplayLink{Online: l.Link.Online, Cause: l.Link.Cause, Since: instant(l.Link.Since), Missed: l.Link.Missed}
	case replay.Change:
		o.Change = pointer(changeOf(*l.Change))
	case replay.Event:
		o.Event = pointer(feed.EventOf(*l.Event))
	case replay.Picture:
		o.Picture = &ReplayPicture{Event: l.Picture.Event, Width: l.Picture.Width, Height: l.Picture.Height}
	case replay.Alarm:
		o.Alarm = replayAlarm(*l.Alarm)
	}
	return o
}

func replayAlarm(a replay.Alarmed) *ReplayAlarmEntry {
	e := &ReplayAlarmEntry{ID: string(a.Alarm), Type: string(a.Type), Severity: string(a.Severity), What: string(a.What), Text: a.Text}
	if a.By.Kind != "" {
		e.By = &feed.Actor{Kind: string(a.By.Kind), ID: a.By.ID, Name: a.By.Name}
	}
	return e
}

func pointer[T any](v T) *T { return &v }
