package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/lobby"
)

// Lobby lists devices that nobody knows yet; lobby.Lobby is one.
type Lobby interface {
	State() lobby.State
	Open(ctx context.Context, by devices.Actor, d time.Duration) (lobby.State, error)
	Close(ctx context.Context, by devices.Actor) error
	Dismiss(ctx context.Context, by devices.Actor, id string) error
	Register(ctx context.Context, by devices.Actor, id string, zone devices.ZoneID, kind devices.KindName, name string) (devices.Device, error)
}

// UnknownDevices are those that showed unknown credentials while somebody looked for
// them. Nothing that they say is true because they say it.
type UnknownDevices struct {
	Until   *time.Time      `json:"until" doc:"new ones are listed until then; null: none are"`
	Devices []UnknownDevice `json:"devices" doc:"the newest first; at most 200"`
	Missed  int             `json:"missed" doc:"attempts that found no room in the list"`
}

// UnknownDevice is one of them. Its texts are cut to 100 characters, and what cannot be
// printed is replaced.
type UnknownDevice struct {
	ID          string           `json:"id"`
	ClientID    string           `json:"clientId"`
	Username    string           `json:"username"`
	Address     string           `json:"address"`
	Protocol    string           `json:"protocol" example:"MQTT 5.0"`
	Listener    string           `json:"listener" doc:"the way that it came: mqtt, mqtts, console (WebSocket)"`
	Fingerprint string           `json:"fingerprint" doc:"of a certificate that your authorities signed; empty: it showed none"`
	First       time.Time        `json:"first"`
	Last        time.Time        `json:"last"`
	Count       int              `json:"count" doc:"attempts"`
	Device      devices.DeviceID `json:"device" doc:"it was registered as; empty: it was not"`
}

// LobbyOrder has unknown devices listed for a time.
type LobbyOrder struct {
	Minutes int `json:"minutes,omitempty" minimum:"1" maximum:"240" default:"30"`
}

type lobbyRequest struct {
	ID string `path:"id" minLength:"1" maxLength:"64"`
}

type registerRequest struct {
	ID   string `path:"id" minLength:"1" maxLength:"64"`
	Body NewDevice
}

func (s *Server) lobbyRoutes(a *api) {
	add(a, operation(http.MethodGet, "/lobby", "getLobby", "devices", "Devices that showed unknown credentials", 200),
		func(context.Context, *none) (*out[UnknownDevices], error) {
			return &out[UnknownDevices]{unknownDevices(s.deps.Lobby.State())}, nil
		})
	add(a, operation(http.MethodPut, "/lobby", "openLobby", "devices", "List unknown devices for some minutes; they stay outside", 200),
		func(ctx context.Context, i *in[LobbyOrder]) (*out[UnknownDevices], error) {
			state, err := s.deps.Lobby.Open(ctx, actor(ctx), time.Duration(i.Body.Minutes)*time.Minute)
			return &out[UnknownDevices]{unknownDevices(state)}, err
		})
	add(a, operation(http.MethodDelete, "/lobby", "closeLobby", "devices", "List no more unknown devices; the list stays", 204),
		func(ctx context.Context, _ *none) (*none, error) { return nil, s.deps.Lobby.Close(ctx, actor(ctx)) })
	add(a, operation(http.MethodDelete, "/lobby/{id}", "dismissUnknown", "devices", "Take an unknown device off the list", 204),
		func(ctx context.Context, i *lobbyRequest) (*none, error) {
			return nil, s.deps.Lobby.Dismiss(ctx, actor(ctx), i.ID)
		})
	add(a, operation(http.MethodPost, "/lobby/{id}/register", "registerUnknown", "devices",
		"Make a device of an unknown one, with a credential that it must be given", 201), s.registerUnknown)
}

// registerUnknown leaves a device without a credential if that cannot be made: it is
// listed with its id, and its own page issues one.
func (s *Server) registerUnknown(ctx context.Context, i *registerRequest) (*out[IssuedCredential], error) {
	d, err := s.deps.Lobby.Register(ctx, actor(ctx), i.ID, i.Body.Zone, i.Body.Kind, i.Body.Name)
	if err != nil {
		return nil, err
	}
	made, err := s.deps.DeviceCredentials.IssueDevice(ctx, actor(ctx), d.ID, d.Site)
	if err != nil {
		return nil, err
	}
	return &out[IssuedCredential]{s.issuedCredential(ctx, d, made)}, nil
}

func unknownDevices(s lobby.State) UnknownDevices {
	return UnknownDevices{
		Until: instantOrNull(s.Until), Missed: s.Missed,
		Devices: each(s.Entries, func(e lobby.Entry) UnknownDevice {
			return UnknownDevice{
				ID: e.ID, ClientID: e.Client, Username: e.Username, Address: e.Address, Protocol: e.Protocol, Listener: e.Door,
				Fingerprint: e.Fingerprint, First: instant(e.First), Last: instant(e.Last), Count: e.Count, Device: e.Device,
			}
		}),
	}
}
