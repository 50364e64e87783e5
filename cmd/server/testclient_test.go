package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"gatehouse/prove/mqtt"
)

// ways to get a console in: each gives a ticket that was not used yet.
func (s *staff) ticketKinds() map[string]func() ticket {
	kinds := make(map[string]func() ticket)
	for kind, path := range map[string]string{"feed": "/live/ticket", "test": "/broker/test-ticket"} {
		kinds[kind] = func() (x ticket) {
			s.t.Helper()
			s.must(http.MethodPost, path, nil, http.StatusOK, &x)
			return x
		}
	}
	return kinds
}

// byTicket connects with a ticket.
func byTicket(address string, v mqtt.Version, x ticket, w *mqtt.Will) (*mqtt.Conn, error) {
	return mqtt.Dial(address, mqtt.Options{Connect: mqtt.Connect{Version: v, ClientID: x.ClientID, User: x.Username, Password: x.Password, Will: w}})
}

// wideFilters are those by which somebody could read what is of a device.
func wideFilters(prefix string) (all []string) {
	levels := strings.Split(prefix, "/") // gatehouse/v1/devices/site/device
	plain := []string{
		"#", "+/#", "+/+/+/+/+/command", "gatehouse/#", "gatehouse/v1/devices/#", prefix + "/#", prefix + "/+", prefix + "/command", prefix + "/state",
		"+/v1/devices/" + levels[3] + "/" + levels[4] + "/command", "test", "+", "test+/#", "/test/#", "tes+/#",
	}
	for _, f := range plain {
		all = append(all, f, "$share/g/"+f, "$queue/"+f, "$local/"+f)
	}
	return append(all, "$share/g/test/#", "$queue/test/#", "$SYS/#")
}

func TestAConsolesTicketNeverReachesATopicOfADevice(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	_, c := s.enrol("gate")
	g, err := mqtt.Dial(p.MQTT, mqtt.Options{Connect: mqtt.Connect{ClientID: c.ClientID, User: c.Username, Password: c.Password}})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Cut()
	g.Subscribe(1, 1, c.TopicPrefix+"/#")
	tried := 0
	kinds := s.ticketKinds()
	for kind, issue := range kinds {
		for _, v := range []mqtt.Version{mqtt.V311, mqtt.V5} {
			conn, err := byTicket(p.MQTT, v, issue(), nil)
			if err != nil {
				t.Fatal(err)
			}
			tried += reads(t, conn, kind, v, c.TopicPrefix) + writes(t, conn, kind, v, c.TopicPrefix)
			_ = conn.Close()
			for _, channel := range []string{"status", "state", "command", "config"} {
				for qos := range byte(3) {
					w := &mqtt.Will{Topic: c.TopicPrefix + "/" + channel, Payload: []byte("forged"), QoS: qos, Retain: qos == 1}
					conn, err := byTicket(p.MQTT, v, issue(), w)
					if refused := (*mqtt.RefusedError)(nil); !errors.As(err, &refused) {
						t.Errorf("%s, %d: a will to %s is taken: %v", kind, v, w.Topic, err)
						conn.Cut()
					}
					tried++
				}
			}
		}
	}
	t.Logf("%d ways tried", tried)
	// The gate hears itself, and before that nothing that a console said.
	g.Publish(mqtt.Publish{Topic: []byte(c.TopicPrefix + "/telemetry"), Payload: []byte("own")})
	if err := errors.Join(g.Flush(), g.SetReadDeadline(time.Now().Add(patience))); err != nil {
		t.Fatal(err)
	}
	for own := false; !own; {
		m, err := g.Read()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(m.Publish.Payload), "forged") {
			t.Errorf("%s reached the gate", m.Publish.Topic)
		}
		own = string(m.Publish.Payload) == "own"
	}
}

// reads has a client subscribe to all that is too wide, which has to be refused.
func reads(t *testing.T, conn *mqtt.Conn, kind string, v mqtt.Version, prefix string) (tried int) {
	t.Helper()
	for _, filter := range wideFilters(prefix) {
		for qos := range byte(3) {
			tried++
			conn.Subscribe(uint16(tried), qos, filter)
			if err := conn.Flush(); err != nil {
				t.Fatal(err)
			}
			a, err := conn.Expect(mqtt.SUBACK)
			if err != nil {
				t.Fatalf("%s, %d: %s: %v", kind, v, filter, err)
			}
			if a.Codes[0] < 0x80 {
				t.Errorf("%s, %d: %s at QoS %d is granted", kind, v, filter, qos)
			}
		}
	}
	return tried
}

// writes has a client publish to the topics of a device, which has to be refused.
func writes(t *testing.T, conn *mqtt.Conn, kind string, v mqtt.Version, prefix string) (tried int) {
	t.Helper()
	for _, topic := range []string{"status", "state", "telemetry", "event", "billing", "answer", "time", "command", "config", "picture/e1"} {
		for qos := range byte(3) {
			for _, retain := range []bool{false, true} {
				tried++
				id := uint16(tried)
				conn.Publish(mqtt.Publish{Topic: []byte(prefix + "/" + topic), Payload: []byte("forged"), QoS: qos, Retain: retain, ID: id})
				if err := conn.Flush(); err != nil {
					t.Fatal(err)
				}
				if qos == 0 {
					continue
				}
				answer := map[byte]mqtt.Type{1: mqtt.PUBACK, 2: mqtt.PUBREC}[qos]
				a, err := conn.Read()
				if err != nil || a.Type != answer || a.ID != id {
					t.Fatalf("%s, %d: %s: %s %d, %v", kind, v, topic, a.Type, a.ID, err)
				}
				if v == mqtt.V5 && a.Code != 0x87 {
					t.Errorf("%s: %s at QoS %d: %#x", kind, topic, qos, a.Code)
				}
				if v == mqtt.V311 && qos == 2 { // acknowledged, and dropped
					conn.Ack(mqtt.PUBREL, id)
					if err := conn.Flush(); err != nil {
						t.Fatal(err)
					}
					if _, err := conn.Expect(mqtt.PUBCOMP); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	return tried
}

func TestATestClientHearsItselfBelowItsOwnLevelOnly(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	kinds := s.ticketKinds()
	x := kinds["test"]()
	f, _, err := dial(t, p.MQTT, connect(x.ClientID, x.Username, x.Password))
	if err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]byte{"test/#": 1, "test/a/+": 1, "gatehouse/v1/feed/#": 0x87} {
		if got := f.ask(filter); got != want {
			t.Errorf("%s: %#x, want %#x", filter, got, want)
		}
	}
	large := make([]byte, testPayload)
	for _, c := range []struct {
		topic   string
		payload []byte
		retain  bool
		want    byte
	}{
		{"test/a/b", large, false, 0}, {"test/a", append(large, 0), false, 0x97}, {"test/a", []byte("kept"), true, 0x87}, {"test/a", nil, true, 0x87},
		{"test/", []byte("m"), false, 0x87}, {"test", []byte("m"), false, 0x87}, {"testing", []byte("m"), false, 0x87}, {"$SYS/x", []byte("m"), false, 0x87},
	} {
		if got, _ := f.send(c.topic, 1, c.retain, c.payload); got != c.want {
			t.Errorf("%s, %d bytes, retained %v: %#x, want %#x", c.topic, len(c.payload), c.retain, got, c.want)
		}
	}
	f.next("what it published", func(m *paho.Publish) bool { return m.Topic == "test/a/b" && len(m.Payload) == testPayload })
	var kept struct{ Messages []any }
	if s.get("/broker/retained?filter=test/%23", &kept); len(kept.Messages) != 0 {
		t.Errorf("%d messages are retained", len(kept.Messages))
	}
	if verb, object, _ := s.lastAudit(); verb != "broker.test" || object != "topic:test/#" {
		t.Errorf("the trail says %s of %s", verb, object)
	}
}

func TestATestClientEndsWithItsSessionAndWithItsRight(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	var made struct {
		Person   seenID
		Password string
	}
	s.must(http.MethodPost, "/people", map[string]any{"name": "li", "role": "administrator"}, http.StatusCreated, &made)
	li := newStaff(t, p.Console)
	const chosen = "seven slow barges turn"
	li.must(http.MethodPost, "/session", map[string]any{"name": "li", "password": made.Password}, http.StatusOK, nil)
	li.must(http.MethodPut, "/session/password", map[string]any{"oldPassword": made.Password, "password": chosen}, http.StatusNoContent, nil)
	test := func(who *staff) *foreign {
		x := who.ticketKinds()["test"]()
		f, _, err := dial(t, p.MQTT, connect(x.ClientID, x.Username, x.Password))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	gone := func(what string, f *foreign) {
		select {
		case <-f.gone:
		case <-time.After(patience):
			t.Errorf("the test client outlives %s", what)
		}
	}
	mine := test(li)
	s.must(http.MethodPatch, "/people/"+made.Person.ID, map[string]any{"role": "manager"}, http.StatusOK, nil)
	gone("the right", mine)
	if status, _ := li.call(http.MethodPost, "/broker/test-ticket", nil); status != http.StatusForbidden {
		t.Errorf("a manager gets a test ticket: %d", status)
	}
	theirs := test(s)
	s.must(http.MethodDelete, "/session", nil, http.StatusNoContent, nil)
	gone("the session", theirs)
}

func TestDevicesAndIntegratorsDoNotReachWhatIsTested(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	i := s.reader(map[string]any{"sites": []string{d.Site}})
	for who, login := range map[string]*paho.Connect{"device": connect(c.ClientID, c.Username, c.Password), "integrator": connect("screen", i.Username, i.Password)} {
		f, _, err := dial(t, p.MQTT, login)
		if err != nil {
			t.Fatal(err)
		}
		for _, filter := range []string{"test/#", "test/a", "#", "+/a", "$local/test/#", fmt.Sprint("$share/", i.Username, "/test/#")} {
			if got := f.ask(filter); got < 0x80 {
				t.Errorf("a %s hears %s", who, filter)
			}
		}
		if got, _ := f.send("test/a", 1, false, []byte("m")); got != 0x87 {
			t.Errorf("a %s publishes: %#x", who, got)
		}
	}
}
