package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/lobby"
)

// Registry has the devices; devices.Control is one.
type Registry interface {
	AddDevice(ctx context.Context, a devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error)
	Device(ctx context.Context, id devices.DeviceID) (devices.Live, error)
	EditDevice(ctx context.Context, a devices.Actor, id devices.DeviceID, e devices.DeviceEdit) (devices.Live, error)
	Retire(ctx context.Context, a devices.Actor, id devices.DeviceID, reason string) error
	Replace(ctx context.Context, a devices.Actor, id devices.DeviceID, reason string) (devices.Live, error)
	Transfer(ctx context.Context, a devices.Actor, id devices.DeviceID, to devices.ZoneID, reason string) (devices.Live, error)
	Retired() []devices.Live
	Import(ctx context.Context, a devices.Actor, rows []devices.RosterRow, dry bool) (devices.RosterResult, error)
}

// NewDevice creates a device.
type NewDevice struct {
	Zone devices.ZoneID   `json:"zone" minLength:"1" maxLength:"64"`
	Kind devices.KindName `json:"kind" enum:"gate,turnstile,camera"`
	Name string           `json:"name" minLength:"1" maxLength:"80"`
}

// DeviceDetail is a device with what is known of its credential.
type DeviceDetail struct {
	Device     feed.Device     `json:"device"`
	Credential CredentialState `json:"credential"`
	Retired    *time.Time      `json:"retired,omitempty" doc:"since when it is out of service; left out: it is in service"`
	Replaces   string          `json:"replaces,omitempty" doc:"the device whose place it took: its history goes on with that one's"`
	Connect    ConnectData     `json:"connect"`
	Refused    *RefusedConnect `json:"refused,omitempty" doc:"the last connection in its name that was refused since the server started; left out: there was none"`
	Bans       []Ban           `json:"bans" doc:"in force, that keep it out of the broker"`
}

// ConnectData is what a device is told of the broker besides its credential.
type ConnectData struct {
	MQTT        string `json:"mqtt" doc:"host:port"`
	MQTTS       string `json:"mqtts" doc:"host:port of MQTT over TLS; empty: there is none"`
	Fingerprint string `json:"fingerprint" doc:"SHA-256 of the server's certificate (DER) as browsers show it, AB:CD:…, if it signed itself; else empty"`
	TopicPrefix string `json:"topicPrefix" doc:"every topic of the device begins with it and a slash"`
}

// RefusedConnect is a connection in the name of a device that was refused. Whoever made
// it has proved nothing.
type RefusedConnect struct {
	At      time.Time `json:"at"`
	Why     lobby.Why `json:"why" enum:"wrong_password,wrong_user_name,wrong_client_id,no_credential,wrong_certificate,banned"`
	Address string    `json:"address" doc:"where it came from"`
	Count   int       `json:"count" doc:"since the server started"`
}

// Doorman remembers who was refused in the name of a device; lobby.Refusals is one.
type Doorman interface {
	LastRefusal(id devices.DeviceID) (lobby.Refusal, bool)
}

// CredentialState says whether a device can connect.
type CredentialState struct {
	Issued      bool              `json:"issued"`
	Created     *time.Time        `json:"created,omitempty"`
	LastUsed    *time.Time        `json:"lastUsed,omitempty"`
	Password    bool              `json:"password" doc:"a password lets it in"`
	Certificate bool              `json:"certificate" doc:"a certificate in its name lets it in"`
	Authorities bool              `json:"authorities" doc:"the server knows authorities that sign certificates of devices"`
	Shown       *ShownCertificate `json:"shown" doc:"null: it has shown none"`
}

type deviceRequest struct {
	ID devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
}

func (s *Server) deviceRoutes(a *api) {
	add(a, operation(http.MethodPost, "/devices", "createDevice", "devices", "Create a device", 201),
		func(ctx context.Context, i *in[NewDevice]) (*out[feed.Device], error) {
			made, err := s.deps.Registry.AddDevice(ctx, actor(ctx), i.Body.Zone, i.Body.Kind, i.Body.Name)
			if err != nil {
				return nil, err
			}
			return &out[feed.Device]{feed.DeviceOf(made)}, nil
		})
	add(a, operation(http.MethodGet, "/devices/{id}", "getDevice", "devices", "A device and its credential's state", 200),
		func(ctx context.Context, i *deviceRequest) (*out[DeviceDetail], error) {
			live, err := s.deps.Registry.Device(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			state, err := s.credentialState(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			return &out[DeviceDetail]{DeviceDetail{
				Device: feed.DeviceOf(live), Credential: state,
				Retired: instantOrNull(live.Device.Retired), Replaces: string(s.replacedBy(ctx, live.Device)),
				Connect: s.connectData(ctx, live.Device), Refused: s.refusedConnect(i.ID), Bans: s.bansOf(live),
			}}, nil
		})
}

func (s *Server) connectData(ctx context.Context, d devices.Device) ConnectData {
	to := s.wayIn(ctx)
	return ConnectData{MQTT: to.mqtt, MQTTS: to.mqtts, Fingerprint: to.fingerprint, TopicPrefix: s.deps.TopicPrefix(d)}
}

func (s *Server) refusedConnect(id devices.DeviceID) *RefusedConnect {
	last, ok := s.deps.Doorman.LastRefusal(id)
	if !ok {
		return nil
	}
	return &RefusedConnect{At: instant(last.At), Why: last.Why, Address: last.Address, Count: last.Count}
}

// replacedBy is whose place a device took, if that one is in reach: it may have stood at
// another site.
func (s *Server) replacedBy(ctx context.Context, d devices.Device) devices.DeviceID {
	if r := reachOf(ctx); r.Everything() || d.Replaces != "" && s.findDevice(ctx, r, d.Replaces) == nil {
		return d.Replaces
	}
	return ""
}

// named is a device by its id, also one that is retired: what it did stays under its
// name. The zero Device if there never was one.
func (s *Server) named(ctx context.Context, id devices.DeviceID) devices.Device {
	l, err := s.deps.Registry.Device(ctx, id)
	if err != nil {
		return devices.Device{}
	}
	return l.Device
}
