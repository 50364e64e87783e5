package alarms

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

// occurrence is something that was committed and that is an alarm's cause.
type occurrence struct {
	revision devices.Revision
	site     devices.SiteID
	zone     devices.ZoneID
	device   devices.DeviceID
	typ      Type
	at       time.Time // as the platform knows it: arrival, end
	detail   string
	cause    Cause
}

// byEvent is what the types of events are as alarms.
var byEvent = map[string]Type{
	wire.EventFire: Fire, wire.EventForcedOpen: ForcedOpen, wire.EventHeldOpen: HeldOpenTooLong, wire.EventTamper: Tamper,
	wire.EventFault: Fault, wire.EventTailgating: Tailgating, wire.EventReverse: ReverseEntry, wire.EventClimb: ClimbOver,
	wire.EventTimeout: PassTimeout, wire.EventUncommand: OpenedWithoutCommand, wire.EventMovement: OpenedWithoutCommand,
}

// Followed is whether events of a type may be an alarm's cause: a Store need show no
// others.
func Followed(event string) bool { return byEvent[event] != "" }

// occurrences are the alarms' causes among what was found, in the order of their
// commits.
func occurrences(f Found) []occurrence {
	var all []occurrence
	for _, e := range f.Events {
		if o, ok := ofEvent(e); ok {
			all = append(all, o)
		}
	}
	for _, c := range f.Commands {
		if o, ok := ofCommand(c); ok {
			all = append(all, o)
		}
	}
	for _, q := range f.Quarantined {
		if o, ok := ofQuarantined(q); ok {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b occurrence) int { return cmp.Compare(a.revision, b.revision) })
	return all
}

func ofEvent(e devices.Event) (occurrence, bool) {
	t, ok := byEvent[e.Type]
	if !ok || e.Type == wire.EventMovement && !uncommanded(e) {
		return occurrence{}, false
	}
	detail := e.Reason
	for _, more := range []string{e.Trigger, e.Direction} {
		if detail == "" {
			detail = more
		}
	}
	return occurrence{
		revision: e.Revision, site: e.Site, zone: e.Zone, device: e.Device, typ: t, at: e.ArrivedAt, detail: detail,
		cause: Cause{CauseEvent, string(e.Device) + "/" + string(e.ID)},
	}, true
}

// uncommanded is whether a movement opened something by fob, hand or button. What a
// vehicle opens is explained by its passage.
func uncommanded(e devices.Event) bool {
	return slices.Contains([]string{"button", "remote", "hand"}, e.Trigger) && (e.Physical == devices.Open || e.Physical == devices.MovingOpen)
}

func ofCommand(c devices.Command) (occurrence, bool) {
	var t Type
	switch command.Shown(c.Ladder) {
	case command.DidNotMove:
		t = DidNotMove
	case command.Uncertain:
		t = Uncertain
	default:
		return occurrence{}, false
	}
	ended := c.Issued
	for _, r := range c.Ladder.Rungs {
		if r.Step == command.Shown(c.Ladder) {
			ended = r.At
		}
	}
	return occurrence{
		revision: c.Revision, site: c.Site, zone: c.Zone, device: c.Device, typ: t, at: ended, detail: string(c.Action),
		cause: Cause{CauseCommand, string(c.ID)},
	}, true
}

func ofQuarantined(q Quarantined) (occurrence, bool) {
	t := BadMessage
	switch {
	case q.Zone == "": // nobody's device: the broker lets no such message in but at a retirement
		return occurrence{}, false
	case q.Why == devices.OtherContent:
		t = OtherContent
	case q.Why == devices.UnknownAnswer:
		t = UnknownAnswer
	}
	return occurrence{
		revision: q.Revision, site: q.Site, zone: q.Zone, device: q.Device, typ: t, at: q.Arrived, detail: clip(q.Problem),
		cause: Cause{CauseQuarantine, strconv.FormatInt(q.ID, 10)},
	}, true
}

// clip keeps a text for people within 200 characters.
func clip(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		return fmt.Sprintf("%s…", string(r[:most-1]))
	}
	return s
}
