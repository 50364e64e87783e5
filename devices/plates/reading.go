package plates

import (
	"time"

	"gatehouse/devices"
)

// Gap is the longest time between two events of one reading, and between a reading
// and its passage.
const Gap = 10 * time.Second

// EventType is the type of the events that readings are made of.
const EventType = "plate"

// Reading is one car before one camera.
type Reading struct {
	ID     int64 // given by the store
	Device devices.DeviceID
	Site   devices.SiteID
	Zone   devices.ZoneID
	Plate  string // normalised: the same in all events of the reading
	Form   Form

	// What the device was surest of.
	Event      devices.EventID
	Text       string // as it was read
	Confidence int    // 0 to 100
	Colour     string
	Direction  string
	At         time.Time // device time

	Picture     devices.EventID // of the same device: whose picture shows it, one of the surest event, if that has one; empty: none
	First, Last time.Time       // device time of the first and last event
	ArrivedAt   time.Time       // of the event that arrived first
	Events      int
}

// Of is the reading that an event of EventType begins.
func Of(e devices.Event) Reading {
	plate := Normalise(e.Plate)
	return Reading{
		Device: e.Device, Site: e.Site, Zone: e.Zone, Plate: plate, Form: FormOf(plate),
		Event: e.ID, Text: e.Plate, Confidence: e.Confidence, Colour: e.Colour, Direction: e.Direction, At: e.DeviceTime,
		Picture: shows(e), First: e.DeviceTime, Last: e.DeviceTime, ArrivedAt: e.ArrivedAt, Events: 1,
	}
}

// shows is the event whose picture shows the plate.
func shows(e devices.Event) devices.EventID {
	if e.Snapshot == "" && e.Picture {
		return e.ID
	}
	return e.Snapshot
}

// Takes says whether an event belongs to the reading.
func (r Reading) Takes(e devices.Event) bool {
	return r.Device == e.Device && r.Plate == Normalise(e.Plate) &&
		!e.DeviceTime.Before(r.First.Add(-Gap)) && !e.DeviceTime.After(r.Last.Add(Gap))
}

// With is the reading with one more event.
func (r Reading) With(e devices.Event) Reading {
	one := Of(e)
	r.Events++
	if one.First.Before(r.First) {
		r.First = one.First
	}
	if one.Last.After(r.Last) {
		r.Last = one.Last
	}
	surer := surer(one, r)
	if one.Picture != "" && (surer || r.Picture == "") {
		r.Picture = one.Picture
	}
	if surer {
		r.Event, r.Text, r.Confidence, r.Colour, r.Direction, r.At = one.Event, one.Text, one.Confidence, one.Colour, one.Direction, one.At
	}
	return r
}

// surer says whether a shows the plate better than b: of equals the earlier one does,
// so that it does not depend on which arrived first.
func surer(a, b Reading) bool {
	switch {
	case a.Confidence != b.Confidence:
		return a.Confidence > b.Confidence
	case !a.At.Equal(b.At):
		return a.At.Before(b.At)
	}
	return a.Event < b.Event
}
