package alarms

import (
	"time"

	"gatehouse/devices"
)

// ID names an alarm; ids rise with the time at which alarms were raised.
type ID string

// Who did something to an alarm. Kind is empty for nobody.
type Who struct {
	Kind devices.ActorKind
	ID   string
	Name string // as it was at the time, for people
}

func whoOf(a devices.Actor) Who { return Who{Kind: a.Kind, ID: a.ID, Name: a.Name} }

// system is who acts when nobody does.
var system = devices.Actor{Kind: devices.ActorSystem, ID: "alarms", Name: "alarms"}

// Alarm is one thing that needs somebody.
type Alarm struct {
	ID       ID
	Site     devices.SiteID
	Zone     devices.ZoneID // where the device stood when it was raised
	Device   devices.DeviceID
	Type     Type
	Severity Severity

	Raised   time.Time
	LastSeen time.Time // of its newest occurrence
	Count    int64     // occurrences
	Detail   string    // of the newest: a code, a cause, a direction, a problem
	Cause    Cause     // the newest that has a row of its own
	Over     time.Time // since when its cause is over; zero: it stands

	Acknowledged   time.Time // zero: by nobody
	AcknowledgedBy Who
	Assignee       Who
	Escalated      time.Time // zero: not
	Muted          bool      // a mute covers it now
	Resolved       time.Time // zero: open
	ResolvedBy     Who

	Revision devices.Revision
}

// Cause names the row that an alarm came of: an event by its device and id, a
// command, a message in quarantine. The zero Cause is a standing condition.
type Cause struct {
	Kind CauseKind
	ID   string
}

// CauseKind is what a Cause names.
type CauseKind string

// The kinds of causes.
const (
	CauseEvent      CauseKind = "event"      // device/event id
	CauseCommand    CauseKind = "command"    // command id
	CauseQuarantine CauseKind = "quarantine" // number of the message
)

// State is how far an alarm has come.
type State string

// The states of an alarm, as the package documentation has them.
const (
	Raised       State = "raised"
	Acknowledged State = "acknowledged"
	Over         State = "over"
	Resolved     State = "resolved"
)

// State gives the state.
func (a Alarm) State() State {
	switch {
	case !a.Resolved.IsZero():
		return Resolved
	case !a.Acknowledged.IsZero():
		return Acknowledged
	case !a.Over.IsZero():
		return Over
	}
	return Raised
}

// Loudness is how much a console draws people to an alarm.
type Loudness string

// The loudnesses.
const (
	Silent    Loudness = "silent" // acknowledged, muted or resolved
	Loud      Loudness = "loud"
	Escalated Loudness = "escalated" // nobody came in time
)

// Loudness gives the loudness.
func (a Alarm) Loudness() Loudness {
	switch {
	case a.Muted || !a.Acknowledged.IsZero() || !a.Resolved.IsZero():
		return Silent
	case !a.Escalated.IsZero():
		return Escalated
	}
	return Loud
}

// Entry is one line of an alarm's history.
type Entry struct {
	Alarm ID
	N     int64 // order within the store
	At    time.Time
	What  What
	By    Who
	Text  string // comment, detail, assignee
	Cause Cause  // of what raised or repeated it; one cause is in one entry at most
}

// What happened to an alarm.
type What string

// What can happen to an alarm.
const (
	WasRaised       What = "raised"
	WasRepeated     What = "repeated"
	WasOver         What = "over"     // its cause ended
	WasBack         What = "returned" // its cause stands again
	WasAcknowledged What = "acknowledged"
	WasAssigned     What = "assigned" // Text: to whom; empty: to nobody
	WasCommented    What = "commented"
	WasEscalated    What = "escalated"
	WasMuted        What = "muted"
	WasUnmuted      What = "unmuted"
	WasResolved     What = "resolved"
)

// MaxMute is how long a device may be muted at most: nothing is forgotten for more
// than a week.
const MaxMute = 7 * 24 * time.Hour

// Mute keeps the alarms of a device from being loud for a while.
type Mute struct {
	Site   devices.SiteID
	Device devices.DeviceID
	Type   Type // empty: all
	Since  time.Time
	Until  time.Time
	By     Who
	Reason string
}

func (m Mute) covers(a Alarm, now time.Time) bool {
	return m.Device == a.Device && (m.Type == "" || m.Type == a.Type) && m.Until.After(now)
}

// Query selects alarms, the newest first.
type Query struct {
	Site     devices.SiteID // each empty: all
	Zone     devices.ZoneID
	Device   devices.DeviceID
	Type     Type
	Severity Severity
	State    State
	Assignee string // id of who sees to it
	Text     string // any part of the detail or of the device's name, in capitals or not
	Open     bool   // all but those that are resolved
	Before   ID     // raised before this one; empty: from the newest
	Limit    int    // 0: 100

	Within *devices.Reach // nil: everywhere
}
