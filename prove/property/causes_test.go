package property

import (
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// TestEveryEndOfAConnectionIsShownWithItsCause ends connections in every way but one
// that takes a minute, the silence of a device whose connection stands.
func TestEveryEndOfAConnectionIsShownWithItsCause(t *testing.T) {
	t.Parallel()
	h := open(t, Options{})
	site := h.Site("East")
	zone := h.Zone(site, "Garage")
	w := h.watch(t, h.reader(site), site)
	none := func(Device, *mqtt.Conn) {}
	for _, test := range []struct {
		cause string
		alive uint16
		end   func(d Device, c *mqtt.Conn)
	}{
		{"disconnect", 60, func(_ Device, c *mqtt.Conn) { c.Disconnect(); _ = c.Flush() }},
		{"connection lost", 60, func(_ Device, c *mqtt.Conn) { _ = c.Close() }},
		{"connection lost", 60, func(_ Device, c *mqtt.Conn) { c.Cut() }},
		{"keep-alive", 1, none},
		{"protocol error", 60, func(_ Device, c *mqtt.Conn) { c.Raw([]byte{0xF0, 0, 0, 0}); _ = c.Flush() }},
		{"kicked", 60, func(d Device, _ *mqtt.Conn) {
			h.Must("POST", "/broker/clients/"+d.ID+"/kick", Body{"reason": "administrative_action"}, 204, nil)
		}},
		{"revoked", 60, func(d Device, _ *mqtt.Conn) { h.Must("DELETE", "/devices/"+d.ID+"/credential", nil, 204, nil) }},
		{"power lost", 60, func(d Device, c *mqtt.Conn) {
			c.Publish(mqtt.Publish{Topic: []byte(d.Topic("status")), Payload: []byte(`{"status":"offline","cause":"power lost"}`), QoS: 1, ID: 9})
			_ = c.Flush()
		}},
	} {
		d := h.Device(zone, "gate", "Gate, "+test.cause)
		c, err := mqtt.Dial(h.MQTT(), mqtt.Options{Connect: mqtt.Connect{ClientID: d.ClientID, User: d.Username, Password: d.Password, KeepAlive: test.alive}})
		if err != nil {
			t.Fatal(err)
		}
		prove.Eventually(t, d.Name+" is online", func() bool { return w.last(d.ID).Link.Status == "online" })
		test.end(d, c)
		prove.Eventually(t, d.Name+" is offline", func() bool { return w.last(d.ID).Link.Status == "offline" })
		if got := w.last(d.ID).Link.Cause; got != test.cause {
			t.Errorf("%s: the feed says %q", test.cause, got)
		}
		if spans := h.spans(t, d.ID); len(spans) != 1 || spans[0].Cause != test.cause || spans[0].Down == nil {
			t.Errorf("%s: its history is %+v", test.cause, spans)
		}
		c.Cut()
	}

	d := h.Device(zone, "gate", "Gate, restart")
	if _, err := d.Connect(h.MQTT(), mqtt.V311, false); err != nil {
		t.Fatal(err)
	}
	prove.Eventually(t, "the device is online", func() bool { return w.last(d.ID).Link.Status == "online" })
	h.Restart()
	if spans := h.spans(t, d.ID); len(spans) != 1 || spans[0].Cause != "server restart" || spans[0].Down == nil {
		t.Errorf("after a kill its history is %+v", spans)
	}
	h.Healthy()
}

type span struct {
	Up    time.Time
	Down  *time.Time
	Cause string
}

// spans are when a device was online, newest first.
func (h *House) spans(t *testing.T, id string) []span {
	t.Helper()
	var p struct{ Spans []span }
	h.Get("/devices/"+id+"/presence", &p)
	return p.Spans
}
