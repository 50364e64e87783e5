package feed

import (
	"encoding/json"
	"log/slog"
	"time"

	"gatehouse/devices"
)

// Outlet carries feed messages to whoever reads them. Its methods never block for
// a slow reader, and keep the order of messages on a topic.
type Outlet interface {
	// Put replaces what is retained on a topic.
	Put(topic string, payload []byte)
	// Clear takes away what is retained on a topic.
	Clear(topic string)
	// Tick tells whoever listens now; nothing is retained.
	Tick(topic string, payload []byte)
}

// Publisher is the devices.News that speaks on the feed topics.
type Publisher struct {
	out Outlet
	log *slog.Logger
}

// NewPublisher makes a Publisher over an outlet.
func NewPublisher(out Outlet, log *slog.Logger) *Publisher {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Publisher{out: out, log: log}
}

// Device implements devices.News.
func (p *Publisher) Device(l devices.Live) {
	p.say(p.out.Put, DeviceTopic(l.Device.Site, l.Device.Zone, l.Device.ID), DeviceOf(l))
}

// DeviceGone implements devices.News.
func (p *Publisher) DeviceGone(l devices.Live) {
	p.out.Clear(DeviceTopic(l.Device.Site, l.Device.Zone, l.Device.ID))
}

// Command implements devices.News.
func (p *Publisher) Command(c devices.Command) {
	p.say(p.out.Put, CommandTopic(c.Site, c.Zone, c.ID), CommandOf(c))
}

// CommandGone implements devices.News.
func (p *Publisher) CommandGone(c devices.Command) {
	p.out.Clear(CommandTopic(c.Site, c.Zone, c.ID))
}

// Today implements devices.News.
func (p *Publisher) Today(s devices.Site, day string, t devices.Tally) {
	p.say(p.out.Put, TodayTopic(s.ID), TodayOf(s.ID, day, t))
}

// Heartbeat implements devices.News.
func (p *Publisher) Heartbeat(s devices.SiteID, z devices.ZoneID, at time.Time, newest devices.Revision) {
	p.say(p.out.Tick, HeartbeatTopic(s, z), Heartbeat{At: at.UTC(), Revision: int64(newest)})
}

func (p *Publisher) say(how func(string, []byte), topic string, payload any) {
	body, err := json.Marshal(payload)
	if err != nil { // only a time outside of the years 0 to 9999 can do this
		p.log.Error("cannot tell the feed", "topic", topic, "err", err)
		return
	}
	how(topic, body)
}
