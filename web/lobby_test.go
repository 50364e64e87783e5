package web

import (
	"context"
	"net/http"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/lobby"
	"gatehouse/devices/operators"
)

// hall is a lobby with one stranger in it.
type hall struct {
	err   error
	actor devices.Actor
	asked any
}

func (h *hall) State() lobby.State {
	return lobby.State{Until: noon.Add(time.Minute), Missed: 3, Entries: []lobby.Entry{{
		ID: "k1", First: noon, Last: noon.Add(time.Second), Count: 2,
		Knock: lobby.Knock{Client: "boom", Username: "<b>factory</b>", Address: "192.0.2.7", Protocol: "MQTT 5.0", Door: "mqtt"},
	}}}
}

func (h *hall) Open(_ context.Context, by devices.Actor, d time.Duration) (lobby.State, error) {
	h.actor, h.asked = by, d
	return h.State(), h.err
}

func (h *hall) Close(_ context.Context, by devices.Actor) error {
	h.actor, h.asked = by, "close"
	return h.err
}

func (h *hall) Dismiss(_ context.Context, by devices.Actor, id string) error {
	h.actor, h.asked = by, "dismiss "+id
	return h.err
}

func (h *hall) Register(_ context.Context, by devices.Actor, id string, zone devices.ZoneID, kind devices.KindName, name string) (devices.Device, error) {
	h.actor, h.asked = by, [4]string{id, string(zone), string(kind), name}
	return devices.Device{ID: "d2", Site: "s1", Zone: zone, Kind: kind, Name: name}, h.err
}

const lobbyJSON = `{"until":"2026-11-21T12:01:00Z","missed":3,"devices":[{"id":"k1","clientId":"boom","username":"<b>factory</b>","address":"192.0.2.7",
	"protocol":"MQTT 5.0","listener":"mqtt","fingerprint":"","first":"2026-11-21T12:00:00Z","last":"2026-11-21T12:00:01Z","count":2,"device":""}]}`

func TestUnknownDevicesAreListedForHalfAnHourUnlessSaidOtherwise(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/lobby", "").is(http.StatusOK, lobbyJSON)
	h.admin("PUT", "/lobby", `{}`).is(http.StatusOK, lobbyJSON)
	if h.lobby.asked != 30*time.Minute || h.lobby.actor != wang {
		t.Errorf("asked %v by %+v", h.lobby.asked, h.lobby.actor)
	}
	h.do("PUT", apiPrefix+"/lobby", `{"minutes":5}`, as(operators.Installer)).wants(http.StatusOK)
	if h.lobby.asked != 5*time.Minute {
		t.Errorf("asked %v", h.lobby.asked)
	}
	h.admin("PUT", "/lobby", `{"minutes":241}`).names("body.minutes")
	h.admin("DELETE", "/lobby", "").wants(http.StatusNoContent)
	h.admin("DELETE", "/lobby/k1", "").wants(http.StatusNoContent)
	if h.lobby.asked != "dismiss k1" {
		t.Errorf("asked %v", h.lobby.asked)
	}
	for _, r := range []operators.Role{operators.Guard, operators.Manager, operators.Auditor} {
		h.do("GET", apiPrefix+"/lobby", "", as(r)).problem(http.StatusForbidden, "forbidden")
	}
}

func TestAnUnknownDeviceIsRegisteredWithACredentialOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const body = `{"zone":"z1","kind":"gate","name":"North in"}`
	a := h.admin("POST", "/lobby/k1/register", body).wants(http.StatusCreated)
	if a.get("clientId") != "d2" || a.get("password") != "secret" || h.lobby.asked != [4]string{"k1", "z1", "gate", "North in"} {
		t.Errorf("asked %v, answered %s", h.lobby.asked, a.body)
	}
	h.lobby.err = refusal(devices.Conflict, "", "it is registered already")
	h.keys.actor = devices.Actor{}
	h.admin("POST", "/lobby/k1/register", body).problem(http.StatusConflict, "conflict")
	if h.keys.actor != (devices.Actor{}) {
		t.Error("a credential was made all the same")
	}
	h.admin("POST", "/lobby/k1/register", `{"zone":"z1","kind":"drawbridge","name":"x"}`).names("body.kind")
}
