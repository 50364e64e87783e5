package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
)

func TestARetiredDeviceIsCutStaysOutsideAndLeavesTheFeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	opened := s.outcome(s.order(d.ID, "open"))
	feed, _ := watchFeed(t, s, p)
	topic := "gatehouse/v1/feed/" + d.Site + "/" + d.Zone + "/device/" + d.ID
	feed.next("the gate", func(m *paho.Publish) bool { return m.Topic == topic && len(m.Payload) > 0 })

	var heir seenDevice
	s.must(http.MethodPost, "/devices/"+d.ID+"/replace", map[string]any{"reason": "struck by a lorry"}, 201, &heir)
	select {
	case <-g.gone:
	case <-time.After(patience):
		t.Fatal("the connection lives on")
	}
	feed.next("its end on the feed", func(m *paho.Publish) bool { return m.Topic == topic && len(m.Payload) == 0 })
	outside := func() {
		t.Helper()
		if _, _, err := dial(t, p.MQTT, connect(c.ClientID, c.Username, c.Password)); err == nil {
			t.Error("a retired device comes in")
		}
		s.must(http.MethodPost, "/devices/"+d.ID+"/credential", nil, http.StatusConflict, nil)
		s.must(http.MethodPost, "/devices/"+d.ID+"/commands", map[string]any{"action": "open"}, http.StatusNotFound, nil, "Idempotency-Key", newKey())
		var snapshot seenSnapshot
		s.get("/live/snapshot", &snapshot)
		if len(snapshot.Devices) != 1 || snapshot.Devices[0].ID != heir.ID {
			t.Errorf("on the wall is %+v", snapshot.Devices)
		}
		var history struct{ Commands []seenCommand }
		s.get("/devices/"+heir.ID+"/commands", &history)
		if len(history.Commands) != 1 || history.Commands[0].ID != opened.ID {
			t.Errorf("the history is %+v", history)
		}
	}
	outside()
	connectGate(t, p.MQTT, s.credential(heir.ID))
	eventually(t, "the new gate is closed", func() bool { return s.device(heir.ID).Physical == "closed" })
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = runProgram(t, dir, false)
	s = signIn(t, p)
	outside()
	after, _ := watchFeed(t, s, p)
	after.next("the new gate", func(m *paho.Publish) bool {
		if m.Topic == topic && len(m.Payload) > 0 {
			t.Error("the retired device is on the feed after a restart")
		}
		return m.Topic == "gatehouse/v1/feed/"+heir.Site+"/"+heir.Zone+"/device/"+heir.ID
	})
}

func TestADeviceThatMovesWithinItsSiteStaysConnectedUnderItsNewZone(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	var zone struct{ ID string }
	s.must(http.MethodPost, "/sites/"+d.Site+"/zones", map[string]any{"name": "Garage"}, 201, &zone)
	feed, _ := watchFeed(t, s, p)
	s.must(http.MethodPatch, "/devices/"+d.ID, map[string]any{"zone": zone.ID, "name": "Garage in"}, 200, nil)
	const root = "gatehouse/v1/feed/"
	feed.next("the gate in its new zone", func(m *paho.Publish) bool {
		return m.Topic == root+d.Site+"/"+zone.ID+"/device/"+d.ID && len(m.Payload) > 0
	})
	feed.next("nothing in its old zone", func(m *paho.Publish) bool {
		return m.Topic == root+d.Site+"/"+d.Zone+"/device/"+d.ID && len(m.Payload) == 0
	})
	if end := s.outcome(s.order(d.ID, "open")); end.Step != "confirmed" {
		t.Errorf("an order to the moved gate ended as %s", end.Step)
	}
}
