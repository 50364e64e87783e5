package property

import (
	"encoding/base64"
	"fmt"
	"time"

	"gatehouse/devices/sim"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// Device is a device that is enrolled, with its credential.
type Device struct {
	ID, Site, Zone, Kind, Name string

	ClientID, Username, Password, CommandKey string
	TopicPrefix                              string
	Camera                                   string // of a gate: the camera that watches it; set before Simulate
}

// Site makes a site and gives its id.
func (s *Staff) Site(name string) string {
	s.t.Helper()
	return s.made("/sites", Body{"name": name, "timeZone": "Asia/Shanghai"})
}

// Zone makes a zone and gives its id.
func (s *Staff) Zone(site, name string) string {
	s.t.Helper()
	return s.made("/sites/"+site+"/zones", Body{"name": name})
}

func (s *Staff) made(path string, b Body) string {
	s.t.Helper()
	var made struct{ ID string }
	s.Must("POST", path, b, 201, &made)
	return made.ID
}

// Device enrols a device: gate, turnstile or camera.
func (s *Staff) Device(zone, kind, name string) (d Device) {
	s.t.Helper()
	s.Must("POST", "/devices", Body{"zone": zone, "kind": kind, "name": name}, 201, &d)
	s.Must("POST", "/devices/"+d.ID+"/credential", nil, 201, &d)
	return d
}

// Devices enrols n devices of a kind.
func (s *Staff) Devices(zone, kind string, n int) []Device {
	s.t.Helper()
	list := make([]Device, n)
	for i := range list {
		list[i] = s.Device(zone, kind, fmt.Sprintf("%s %d", kind, i+1))
	}
	return list
}

// Connect connects the device on raw bytes. No read on it waits longer than
// served.Patience.
func (d Device) Connect(address string, v mqtt.Version, persistent bool) (*mqtt.Conn, error) {
	c, err := mqtt.Dial(address, mqtt.Options{
		Connect: mqtt.Connect{ClientID: d.ClientID, User: d.Username, Password: d.Password, Version: v, Persistent: persistent},
		Timeout: served.Patience,
	})
	if err != nil {
		return nil, err
	}
	return c, c.SetReadDeadline(time.Now().Add(served.Patience))
}

// Topic is that of a channel.
func (d Device) Topic(channel string) string { return d.TopicPrefix + "/" + channel }

func (d Device) identity() (sim.Identity, error) {
	key, err := base64.RawURLEncoding.DecodeString(d.CommandKey)
	return sim.Identity{
		ID: d.ID, Site: d.Site, Zone: d.Zone, Kind: d.Kind, Name: d.Name, CommandKey: key, Camera: d.Camera, Currency: "CNY",
	}, err
}
