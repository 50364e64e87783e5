package alarms

import (
	"gatehouse/devices"
	"gatehouse/devices/command"
)

// Listen gives a devices.News that tells next everything and has the Service look at
// what may be an alarm. It never blocks.
func (s *Service) Listen(next devices.News) devices.News { return &listener{next, s} }

type listener struct {
	devices.News
	s *Service
}

// Device implements devices.News.
func (l *listener) Device(d devices.Live) {
	l.News.Device(d)
	l.s.device(standingOf(d))
}

// DeviceGone implements devices.News.
func (l *listener) DeviceGone(d devices.Live) {
	l.News.DeviceGone(d)
	l.s.deviceGone(d.Device)
}

// Command implements devices.News.
func (l *listener) Command(c devices.Command) {
	l.News.Command(c)
	if command.Ended(c.Ladder) {
		l.s.siteChanged(c.Site)
	}
}

// Layer implements devices.News.
func (l *listener) Layer(of devices.Layer) {
	l.News.Layer(of)
	l.s.layerChanged(of)
	l.s.poke()
}

// Today implements devices.News: a quarantined message changes the tally.
func (l *listener) Today(site devices.Site, day string, t devices.Tally) {
	l.News.Today(site, day, t)
	l.s.siteChanged(site.ID)
}

func (s *Service) siteChanged(id devices.SiteID) {
	s.mu.Lock()
	s.sites[id] = true
	s.mu.Unlock()
	s.poke()
}

func (s *Service) device(n standing) {
	s.mu.Lock()
	id := n.device.ID
	if n.event > s.lives[id].event {
		s.sites[n.device.Site] = true
	}
	s.lives[id] = n
	s.judged[id] = true
	s.mu.Unlock()
	s.poke()
}

// deviceGone takes a device that left the feed: it was retired, unless it is known
// to stand in another zone now.
func (s *Service) deviceGone(d devices.Device) {
	s.mu.Lock()
	if now, ok := s.lives[d.ID]; ok && now.device.Zone == d.Zone {
		delete(s.lives, d.ID)
		delete(s.absent, d.ID)
		delete(s.judged, d.ID)
		s.gone[d.ID] = true
	}
	s.mu.Unlock()
	s.poke()
}

func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
