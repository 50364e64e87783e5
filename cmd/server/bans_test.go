package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"gatehouse/prove/mqtt"
)

const (
	bannedV5     = 0x8A // of a CONNACK: MQTT 5.0, table 3-1
	bannedV311   = 5    // not authorized: MQTT 3.1.1, table 3.1
	administered = 0x98 // of a DISCONNECT: MQTT 5.0, table 3-10
)

type seenBan struct {
	ID, Kind, Value, Reason, By, State, LiftedBy string
	Refused                                      int
	LastRefused, Until                           *time.Time
}

func (s *staff) bans() []seenBan {
	s.t.Helper()
	var list struct{ Bans []seenBan }
	s.get("/broker/bans", &list)
	return list.Bans
}

func (s *staff) ban(kind, value string) (b seenBan) {
	s.t.Helper()
	s.must(http.MethodPost, "/broker/bans", map[string]any{"kind": kind, "value": value, "reason": "guesses passwords"}, http.StatusCreated, &b)
	return b
}

func (s *staff) lift(b seenBan) {
	s.t.Helper()
	s.must(http.MethodPost, "/broker/bans/"+b.ID+"/lift", map[string]any{"reason": "repaired"}, http.StatusOK, nil)
}

func (s *staff) lastReason() string {
	s.t.Helper()
	var a seenAudit
	s.get("/audit?limit=1", &a)
	return a.Entries[0].Reason
}

// cutWith reads what comes until the line ends, and gives the reason of a DISCONNECT; 0 if none came.
func (w *wired) cutWith() (reason byte) {
	w.t.Helper()
	if err := w.line.SetDeadline(time.Now().Add(patience)); err != nil {
		w.t.Fatal(err)
	}
	for {
		p, err := w.line.Read()
		if err != nil {
			if strings.Contains(err.Error(), "timeout") {
				w.t.Errorf("%s is still connected", w.login.ClientID)
			}
			return reason
		}
		if p.Type == mqtt.DISCONNECT {
			reason = p.Code
		}
	}
}

// login is what a device connects with.
func (c seenCredential) login(v mqtt.Version) mqtt.Connect {
	return mqtt.Connect{Version: v, ClientID: c.ClientID, User: c.Username, Password: c.Password, KeepAlive: 30}
}

func TestABannedClientIsCutAndKeptOutUntilTheBanIsLifted(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	s.must(http.MethodPut, "/lobby", map[string]any{}, 200, nil)
	neighbour := s.wire(p, mqtt.V311)
	neighbour.connect(10)
	for _, c := range []struct {
		kind           string
		version        mqtt.Version
		mosquitto      string
		answer, reason byte
	}{{"client", mqtt.V5, "mqttv5", bannedV5, administered}, {"username", mqtt.V311, "mqttv311", bannedV311, 0}} {
		w := s.wire(p, c.version)
		w.connect(10)
		b := s.ban(c.kind, w.login.ClientID)
		if got := w.cutWith(); got != c.reason {
			t.Errorf("%s: cut with %#x, want %#x", c.kind, got, c.reason)
		}
		eventually(t, "the device is known to be away", func() bool { return s.device(w.device.ID).Link.Status == "offline" })
		if cause := s.device(w.device.ID).Link.Cause; cause != "revoked" {
			t.Errorf("%s: it is away because of %q", c.kind, cause)
		}
		if verb, object, detail := s.lastAudit(); verb != "broker.ban" || object != c.kind+":"+w.login.ClientID || s.lastReason() != "guesses passwords" || detail["ban"] != b.ID {
			t.Errorf("%s: audited %s %s %v", c.kind, verb, object, detail)
		}
		login := w.login.login(c.version)
		wrong := login
		wrong.Password = "guess"
		for _, try := range []mqtt.Connect{login, wrong} {
			if code := refusal(t, p.MQTT, try); code != c.answer {
				t.Errorf("%s: answered with %#x, want %#x", c.kind, code, c.answer)
			}
		}
		out, err := mosquitto(t, "mosquitto_pub", p.MQTT, "-V", c.mosquitto, "-i", w.login.ClientID, "-u", w.login.Username, "-P", w.login.Password, "-t", "x", "-m", "x")
		if err == nil || c.version == mqtt.V5 && !strings.Contains(out, "Banned") || c.version == mqtt.V311 && !strings.Contains(out, "not authori") {
			t.Errorf("%s: mosquitto_pub was let in, or told %s", c.kind, out)
		}
		if seen := s.bans()[0]; seen.ID != b.ID || seen.State != "in_force" || seen.Refused != 3 || seen.LastRefused == nil || seen.By != adminName {
			t.Errorf("%s: listed as %+v", c.kind, seen)
		}
		var d struct {
			Bans    []seenBan
			Refused struct{ Why string }
		}
		if s.get("/devices/"+w.device.ID, &d); len(d.Bans) != 1 || d.Bans[0].ID != b.ID || d.Refused.Why != "banned" {
			t.Errorf("%s: the device says %+v", c.kind, d)
		}
		s.lift(b)
		if verb, object, detail := s.lastAudit(); verb != "broker.unban" || object != c.kind+":"+w.login.ClientID || s.lastReason() != "repaired" || detail["ban"] != b.ID {
			t.Errorf("%s: audited %s %s %v", c.kind, verb, object, detail)
		}
		w.connect(10)
		if seen := s.bans()[0]; seen.State != "lifted" || seen.LiftedBy != adminName {
			t.Errorf("%s: lifted it is listed as %+v", c.kind, seen)
		}
	}
	if !s.client(neighbour.login.ClientID).Connected || len(s.lobby().Devices) != 0 {
		t.Error("a neighbour was cut, or banned clients stand in the lobby")
	}
}

func TestABannedAddressIsCutWhileItsConsoleGoesOn(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	_, login := s.enrol("gate")
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	dialFrom := func(cp *paho.Connect) (*foreign, byte, error) {
		t.Helper()
		conn, err := from.DialContext(t.Context(), "tcp", p.MQTT)
		if err != nil {
			t.Fatal(err)
		}
		return greet(t, conn, cp)
	}
	gate, _, err := dialFrom(connect(login.ClientID, login.Username, login.Password))
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"127.0.0.1", "127.0.0.0/8"} { // where the console is used from
		status, answer := s.call(http.MethodPost, "/broker/bans", map[string]any{"kind": "address", "value": own, "reason": "r"})
		if status != http.StatusUnprocessableEntity || !strings.Contains(string(answer), "body.value") || !strings.Contains(string(answer), "your own address") {
			t.Errorf("the own address: %d %s", status, answer)
		}
	}
	b := s.ban("address", "127.0.0.2")
	<-gate.gone
	if _, code, err := dialFrom(connect(login.ClientID, login.Username, "guess")); err == nil || code != bannedV5 {
		t.Errorf("answered with %#x, %v", code, err)
	}
	var ticket struct{ ClientID, Username, Password string }
	s.must(http.MethodPost, "/live/ticket", nil, http.StatusOK, &ticket)
	if _, code, err := dialFrom(connect(ticket.ClientID, ticket.Username, ticket.Password)); err != nil {
		t.Errorf("a console of that address is blinded: %#x, %v", code, err)
	}
	says := func() string {
		var d struct{ Bans []seenBan }
		if s.get("/devices/"+login.ClientID, &d); len(d.Bans) == 0 {
			return ""
		}
		return d.Bans[0].Value
	}
	eventually(t, "the device is known to be gone, and says why", func() bool { return says() == "127.0.0.2/32" })
	if _, _, err := dial(t, p.MQTT, connect(login.ClientID, login.Username, login.Password)); err != nil {
		t.Errorf("from another address: %v", err)
	}
	eventually(t, "the device is connected and says nothing of the address", func() bool { return says() == "" })
	s.lift(b)
	if _, _, err := dialFrom(connect(login.ClientID, login.Username, login.Password)); err != nil {
		t.Errorf("lifted: %v", err)
	}
}

func TestABanOutlivesARestartAndEndsAtItsTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := signUp(t, p)
	_, kept := s.enrol("gate")
	_, ended := s.enrol("gate")
	b := s.ban("client", kept.ClientID)
	until := time.Now().Add(2 * time.Second)
	s.must(http.MethodPost, "/broker/bans", map[string]any{"kind": "username", "value": ended.Username, "reason": "for a moment", "until": until}, http.StatusCreated, nil)
	refusal(t, p.MQTT, kept.login(mqtt.V5))
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = runProgram(t, dir, false)
	s = signIn(t, p)
	if code := refusal(t, p.MQTT, kept.login(mqtt.V311)); code != bannedV311 {
		t.Errorf("after a restart: %#x", code)
	}
	eventually(t, "the ban that has an end lets in", func() bool {
		line, err := mqtt.Dial(p.MQTT, mqtt.Options{Connect: ended.login(mqtt.V5), Timeout: patience})
		if err == nil {
			line.Cut()
		}
		return err == nil
	})
	if time.Now().Before(until) {
		t.Error("it let in before its end")
	}
	states := map[string]int{}
	for _, seen := range s.bans() {
		if states[seen.State]++; seen.ID == b.ID && seen.Refused != 2 {
			t.Errorf("after a restart it has refused %d, want 2", seen.Refused)
		}
	}
	if states["in_force"] != 1 || states["ended"] != 1 {
		t.Errorf("listed: %v", states)
	}
}
