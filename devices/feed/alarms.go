package feed

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
)

// Alarm is something that needs somebody.
type Alarm struct {
	ID       string      `json:"id"`
	Site     string      `json:"site"`
	Zone     string      `json:"zone" doc:"where the device stood when it was raised"`
	Device   string      `json:"device"`
	Type     string      `json:"type" enum:"fire,forced_open,tamper,climb_over,other_content,did_not_move,fault,offline,record_pending,mode_not_taken,held_open_too_long,tailgating,reverse_entry,uncertain,unknown_answer,low_power,flapping,opened_without_command,pass_timeout,bad_message,clock_drift,config_drift"`
	Severity string      `json:"severity" enum:"critical,major,minor,warning"`
	State    string      `json:"state" enum:"raised,acknowledged,over,resolved" doc:"over: its cause has ended, and nobody has acknowledged it"`
	Loudness string      `json:"loudness" enum:"silent,loud,escalated" doc:"silent: acknowledged, muted or resolved; escalated: nobody came in time"`
	Raised   time.Time   `json:"raised"`
	LastSeen time.Time   `json:"lastSeen"`
	Count    int64       `json:"count" doc:"occurrences"`
	Detail   string      `json:"detail" doc:"of the newest: a code, a cause, a direction, a problem"`
	Cause    *AlarmCause `json:"cause" doc:"the newest that has a row of its own; null: a condition"`
	Over     *time.Time  `json:"over" doc:"since when its cause is over; null: it stands"`

	Acknowledged   *time.Time `json:"acknowledged"`
	AcknowledgedBy *Actor     `json:"acknowledgedBy"`
	Assignee       *Actor     `json:"assignee"`
	Escalated      *time.Time `json:"escalated"`
	Muted          bool       `json:"muted"`
	Resolved       *time.Time `json:"resolved"`
	ResolvedBy     *Actor     `json:"resolvedBy"`
	Revision       int64      `json:"revision"`
}

// AlarmCause is what an alarm came of.
type AlarmCause struct {
	Kind string `json:"kind" enum:"event,command,quarantine"`
	ID   string `json:"id" doc:"of an event: device/event id"`
}

// AlarmOf is what a console is told of an alarm.
func AlarmOf(a alarms.Alarm) Alarm {
	f := Alarm{
		ID: string(a.ID), Site: string(a.Site), Zone: string(a.Zone), Device: string(a.Device), Type: string(a.Type), Severity: string(a.Severity),
		State: string(a.State()), Loudness: string(a.Loudness()), Raised: a.Raised.UTC(), LastSeen: a.LastSeen.UTC(), Count: a.Count, Detail: a.Detail,
		Over: instant(a.Over), Acknowledged: instant(a.Acknowledged), AcknowledgedBy: whoOf(a.AcknowledgedBy), Assignee: whoOf(a.Assignee),
		Escalated: instant(a.Escalated), Muted: a.Muted, Resolved: instant(a.Resolved), ResolvedBy: whoOf(a.ResolvedBy), Revision: int64(a.Revision),
	}
	if a.Cause.Kind != "" {
		f.Cause = &AlarmCause{Kind: string(a.Cause.Kind), ID: a.Cause.ID}
	}
	return f
}

// whoOf is nil for nobody.
func whoOf(w alarms.Who) *Actor {
	if w.Kind == "" {
		return nil
	}
	return &Actor{Kind: string(w.Kind), ID: w.ID, Name: w.Name}
}

// AlarmTopic carries Alarm, retained, until it is resolved.
func AlarmTopic(s devices.SiteID, z devices.ZoneID, id alarms.ID) string {
	return topic(s, z, "alarm", string(id))
}

// Alarm implements alarms.News. Of one that is resolved the feed says so, and then
// keeps nothing.
func (p *Publisher) Alarm(a alarms.Alarm) {
	at := AlarmTopic(a.Site, a.Zone, a.ID)
	p.say(p.out.Put, at, AlarmOf(a))
	if a.State() == alarms.Resolved {
		p.out.Clear(at)
	}
}
