package devices

import "time"

// Event is something a device said once.
type Event struct {
	Device     DeviceID
	ID         EventID
	Site       SiteID
	Zone       ZoneID
	Seq        int64
	Type       string // see wire.EventTypes
	Command    CommandID
	Direction  string
	Result     string
	Reason     string
	Credential string
	Physical   Physical
	Trigger    string
	Camera     DeviceID
	Plate      string  // as it was read
	Confidence int     // of Plate, 0 to 100
	Colour     string  // of the plate
	Snapshot   EventID // of the same device: its picture shows the plate
	Picture    bool    // a picture belongs to it: the device said so, or one is stored
	DeviceTime time.Time
	ArrivedAt  time.Time
	Revision   Revision
}

// SameContent is whether a device said the same in both: everything but what the
// platform adds (site, zone, arrival, revision, Picture).
func (e Event) SameContent(o Event) bool {
	return e.Device == o.Device && e.ID == o.ID && e.Seq == o.Seq && e.Type == o.Type &&
		e.Command == o.Command && e.Direction == o.Direction && e.Result == o.Result &&
		e.Reason == o.Reason && e.Credential == o.Credential && e.Physical == o.Physical &&
		e.Trigger == o.Trigger && e.Camera == o.Camera && e.Plate == o.Plate && e.Confidence == o.Confidence &&
		e.Colour == o.Colour && e.Snapshot == o.Snapshot && e.DeviceTime.Equal(o.DeviceTime)
}
