package web

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// credentialCard is the document of a credential: a devices file of the simulator with
// one device, so that any program that reads the one reads the other.
type credentialCard struct {
	MQTT        string       `json:"mqtt"` // URL
	MQTTS       string       `json:"mqtts,omitempty"`
	Fingerprint string       `json:"fingerprint,omitempty"`
	Devices     []cardDevice `json:"devices"`
}

type cardDevice struct {
	ID         devices.DeviceID `json:"id"`
	Site       devices.SiteID   `json:"site"`
	Kind       devices.KindName `json:"kind"`
	Name       string           `json:"name"`
	Username   string           `json:"username"`
	Password   string           `json:"password,omitempty"`
	CommandKey string           `json:"commandKey,omitempty"`
}

func (s *Server) issuedCredential(ctx context.Context, d devices.Device, made credentials.Issued) IssuedCredential {
	to := s.wayIn(ctx)
	c := IssuedCredential{
		ClientID: made.Username, Username: made.Username, Password: made.Password, CommandKey: made.CommandKey,
		TopicPrefix: s.deps.TopicPrefix(d), MQTT: to.mqtt, MQTTS: to.mqtts, Fingerprint: to.fingerprint,
	}
	c.Document = documentOf(c, d)
	return c
}

// wayIn is what every device is told of the broker.
type wayIn struct{ mqtt, mqtts, fingerprint string }

func (s *Server) wayIn(ctx context.Context) wayIn {
	return wayIn{reachable(ctx, s.deps.MQTTAddress), reachable(ctx, s.deps.MQTTSAddress), s.mqttsFingerprint()}
}

// mqttsFingerprint is that of the certificate that MQTT over TLS shows, if it signed
// itself; whoever is told it needs no other proof.
func (s *Server) mqttsFingerprint() string {
	for _, c := range s.deps.Certificates() {
		if c.Listener == "mqtts" && c.SelfSigned {
			return c.Fingerprint
		}
	}
	return ""
}

func documentOf(c IssuedCredential, d devices.Device) string {
	card := credentialCard{MQTT: "tcp://" + c.MQTT, Fingerprint: c.Fingerprint, Devices: []cardDevice{{
		ID: d.ID, Site: d.Site, Kind: d.Kind, Name: d.Name, Username: c.Username, Password: c.Password, CommandKey: c.CommandKey,
	}}}
	if c.MQTTS != "" {
		card.MQTTS = "tls://" + c.MQTTS
	}
	text, _ := json.Marshal(card) // texts only
	return string(text)
}

// reachable is an address that a device can be told: one that stands for every address
// of this machine is replaced by the name under which the browser found it.
func reachable(ctx context.Context, address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip, err := netip.ParseAddr(host); host != "" && (err != nil || !ip.IsUnspecified()) {
		return address
	}
	asked := visitorOf(ctx).host
	if name, _, err := net.SplitHostPort(asked); err == nil {
		asked = name
	}
	if asked == "" {
		return address
	}
	return net.JoinHostPort(asked, port)
}
