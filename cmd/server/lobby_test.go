package main

import (
	"net/http"
	"testing"

	"gatehouse/prove/mqtt"
)

type seenLobby struct {
	Until   *string
	Missed  int
	Devices []struct {
		ID, ClientID, Username, Address, Protocol, Listener, Device string
		Count                                                       int
	}
}

func (s *staff) lobby() (seen seenLobby) {
	s.t.Helper()
	s.get("/lobby", &seen)
	return seen
}

func TestAnUnknownDeviceIsRefusedAsAlwaysListedWhileAskedForAndRegistered(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, login := s.enrol("gate")
	var reader struct{ Username, Password string }
	s.must(http.MethodPost, "/integrators", map[string]any{"name": "Screens", "sites": []string{d.Site}}, 201, &reader)
	// What it sends with its CONNECT would be somebody else's to say.
	prefix := login.TopicPrefix
	stranger := func(v mqtt.Version, client, user string) mqtt.Connect {
		return mqtt.Connect{
			Version: v, ClientID: client, User: user, Password: "factory", Persistent: true,
			Will: &mqtt.Will{Topic: prefix + "/status", Payload: []byte(`{"status":"offline"}`), QoS: 1, Retain: true},
		}
	}
	attempts := map[string]mqtt.Connect{
		"unknown":                  stranger(mqtt.V5, "boom-1", "factory"),
		"unknown, 3.1.1":           stranger(mqtt.V311, "boom-2", "factory"),
		"without a user name":      {Version: mqtt.V5, ClientID: "boom-3"},
		"a device, wrong password": stranger(mqtt.V5, d.ID, login.Username),
		"an integrator":            stranger(mqtt.V5, "screens", reader.Username),
		"a console":                stranger(mqtt.V5, "console-1", "console"),
	}
	before := map[string]byte{}
	for what, c := range attempts {
		before[what] = refusal(t, p.MQTT, c)
	}
	if seen := s.lobby(); seen.Until != nil || len(seen.Devices) != 0 {
		t.Fatalf("listed without being asked for: %+v", seen)
	}
	s.must(http.MethodPut, "/lobby", map[string]any{}, 200, nil)
	for what, c := range attempts {
		if code := refusal(t, p.MQTT, c); code != before[what] {
			t.Errorf("%s: %#x, want %#x as before", what, code, before[what])
		}
	}
	seen := s.lobby()
	listed := map[string]string{}
	for _, e := range seen.Devices {
		listed[e.ClientID] = e.ID
		if e.Address != "127.0.0.1" || e.Listener != "mqtt" || e.Count != 1 {
			t.Errorf("listed %+v", e)
		}
	}
	if len(listed) != 3 || listed["boom-1"] == "" || listed["boom-2"] == "" || listed["boom-3"] == "" {
		t.Errorf("listed %v: want those that nobody knows", listed)
	}
	if s.device(d.ID).Link.Status == "online" || len(s.openAlarms(d.ID)) != 0 {
		t.Error("what a stranger sent was heard")
	}
	var made seenCredential
	s.must(http.MethodPost, "/lobby/"+listed["boom-1"]+"/register", map[string]any{"zone": d.Zone, "kind": "gate", "name": "New boom"}, 201, &made)
	if code := refusal(t, p.MQTT, attempts["unknown"]); code != before["unknown"] {
		t.Errorf("with what it had before: %#x", code)
	}
	g := connectGate(t, p.MQTT, made)
	eventually(t, "the new gate is online", func() bool { return s.device(made.ClientID).Link.Status == "online" })
	g.conn.Close()
	for _, e := range s.lobby().Devices {
		if e.ClientID == "boom-1" && e.Device != made.ClientID {
			t.Errorf("the list says %+v", e)
		}
	}
	s.must(http.MethodDelete, "/lobby", nil, 204, nil)
	refusal(t, p.MQTT, stranger(mqtt.V5, "late", "factory"))
	if seen := s.lobby(); len(seen.Devices) != 3 || seen.Until != nil {
		t.Errorf("after it was shut: %+v", seen)
	}
}
