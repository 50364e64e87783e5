package devices

import "time"

// News is told what is new, after the commit that made it; feed.Publisher is one.
// Its methods never block for a slow reader.
type News interface {
	Device(Live)
	// DeviceGone takes a device off the feed, from where l says that it stood: it was
	// retired, or it moved, and Device has said where to.
	DeviceGone(l Live)
	Command(Command)
	// CommandGone takes an ended command off the feed, a while after its end.
	CommandGone(Command)
	// Layer is a layer that was set or released.
	Layer(Layer)
	// Today is the tally of a site's day, in the site's time zone.
	Today(s Site, day string, t Tally)
	// Heartbeat ticks every 5 s for each zone, with the newest revision that was
	// said in it; zone is empty for what belongs to the whole site.
	Heartbeat(s SiteID, z ZoneID, at time.Time, newest Revision)
}
