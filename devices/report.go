package devices

import (
	"time"

	"gatehouse/devices/wire"
)

// Report is one message of a device, as it came from the wire.
type Report struct {
	Site    SiteID
	Device  DeviceID
	Channel wire.Channel
	Event   EventID // of a picture: from the topic
	Topic   string
	Payload []byte
	Arrived time.Time
	Epoch   uint64 // of the connection that it came on
}
