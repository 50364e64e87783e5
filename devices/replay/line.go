package replay

import (
	"cmp"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/timetable"
)

// Kind is what a line tells of.
type Kind string

// The kinds of lines. Of each the field of Line with its name is set.
const (
	Act     Kind = "act"     // a row of the audit trail that none of the others tells of
	Layer   Kind = "layer"   // a hold, lockdown or fire release was set or released
	Switch  Kind = "switch"  // of a timetable
	Command Kind = "command" // with every rung of its ladder, at the time of its issue
	Link    Kind = "link"    // a device came online or went offline
	Change  Kind = "change"  // a device reported something otherwise than before
	Event   Kind = "event"   // a device said something once
	Picture Kind = "picture"
	Alarm   Kind = "alarm" // what happened to an alarm
)

// Kinds are all, in the order of lines of one moment: causes first.
func Kinds() []Kind { return []Kind{Act, Layer, Switch, Command, Link, Change, Event, Picture, Alarm} }

func (k Kind) rank() int {
	for i, known := range Kinds() {
		if k == known {
			return i
		}
	}
	return -1
}

// Line is one thing that happened.
type Line struct {
	At     time.Time // by the platform's clock
	Kind   Kind
	Device devices.DeviceID // empty: it is of a zone, a site or a fire group
	Zone   devices.ZoneID   // of what is of a zone, or where the device stands; empty: the whole site
	N      int64            // order among lines of one kind and moment, then Key
	Key    string           // names what it tells of, within its kind

	Act     *devices.AuditRow
	Layer   *devices.Layer
	Switch  *timetable.Run
	Command *devices.Command
	Link    *LinkChange
	Change  *devices.StateChange
	Event   *devices.Event
	Picture *Taken
	Alarm   *Alarmed
}

// LinkChange is the beginning or the end of a connection.
type LinkChange struct {
	Online bool
	Cause  string    // of an end
	Remote string    // the address that it came from
	Since  time.Time // of an end: when the connection began
	Missed int       // earlier connections that were not kept
}

// Taken is a picture that is there.
type Taken struct {
	Event         devices.EventID // of the camera
	Width, Height int
}

// Alarmed is one entry of an alarm's history.
type Alarmed struct {
	alarms.Entry
	Type     alarms.Type
	Severity alarms.Severity
}

// Compare orders lines.
func (l Line) Compare(o Line) int {
	return cmp.Or(l.At.Compare(o.At), cmp.Compare(l.Kind.rank(), o.Kind.rank()), cmp.Compare(l.N, o.N), cmp.Compare(l.Key, o.Key))
}
