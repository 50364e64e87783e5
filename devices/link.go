package devices

import (
	"context"
	"time"

	"gatehouse/devices/wire"
)

// Link carries commands to live devices. It has no queue: a command for a device
// without a live connection is refused at once.
type Link interface {
	// Give hands a command to the device's live connection and reports what
	// becomes of it, in order, from any goroutine, never after Ended. It returns
	// an error, and never calls report, if the device has no live connection.
	Give(ctx context.Context, to Device, payload []byte, id CommandID, deadline time.Time, report func(LinkReport)) error
}

// LinkReport is one step of a command on its way.
type LinkReport struct {
	Step  LinkStep
	At    time.Time
	Cause string // with LinkEnded: why the connection ended, or "expired"
	// Wire is true with LinkEnded if the command may have left the process.
	Wire bool
}

// LinkStep is a step of a LinkReport.
type LinkStep byte

// The steps of a command on its way.
const (
	LinkWritten      LinkStep = iota + 1 // given to the operating system
	LinkAcknowledged                     // the device's PUBACK
	LinkEnded                            // the connection ended, or the deadline passed unwritten
)

// News is told what is new, after the commit that made it; feed.Publisher is one.
// Its methods never block for a slow reader.
type News interface {
	Device(Live)
	Command(Command)
	// CommandGone takes an ended command off the feed, a while after its end.
	CommandGone(Command)
	// Today is the tally of a site's day, in the site's time zone.
	Today(s Site, day string, t Tally)
	// Heartbeat ticks every 5 s for each zone, with the newest revision that was
	// said in it; zone is empty for what belongs to the whole site.
	Heartbeat(s SiteID, z ZoneID, at time.Time, newest Revision)
}

// Keys gives the key that signs a device's commands: 32 bytes.
type Keys interface {
	CommandKey(ctx context.Context, d DeviceID) ([]byte, error)
}

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
