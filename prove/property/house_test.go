package property

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/devices/wire"
	"gatehouse/prove"
	"gatehouse/prove/proxy"
)

// The property that every other suite stands on is itself seen to work: devices that
// live here and a server there agree after kills and over a line that breaks.
func TestWhatDevicesRememberIsWhatTheServerShowsAfterKills(t *testing.T) {
	t.Parallel()
	h := open(t, Options{})
	zone := h.Zone(h.Site("East"), "Garage")
	gates, camera := h.Devices(zone, "gate", 3), h.Device(zone, "camera", "Camera")
	for i := range gates {
		gates[i].Camera = camera.ID
	}
	bad := h.Line(proxy.Fault{Reset: 20_000}, prove.Seed(t))
	s := h.Simulate(append(gates, camera), bad.Addr, 20)
	for range 2 {
		for _, g := range gates {
			drive(t, s, g)
		}
		h.Restart()
	}
	prove.Eventually(t, "the server has every passage", func() bool { return len(h.events(t, "passage")) == 2*len(gates) })
	prove.Eventually(t, "the server has every billing event", func() bool { return h.ledger(t, "").Rows == len(s.Said(wire.Billing)) })
	h.everyCarHasItsPlate(t, 2*len(gates))
	said := strings.Join(s.Said(wire.Event), "\n")
	for _, e := range h.events(t, "passage") {
		if !strings.Contains(said, e.ID) {
			t.Errorf("no device said the passage %s", e.ID)
		}
	}
	h.Healthy()
}

// everyCarHasItsPlate waits until each car is one reading, however often its camera said
// the plate, with the passage and the picture.
func (h *House) everyCarHasItsPlate(t *testing.T, cars int) {
	t.Helper()
	var list struct {
		Readings []struct {
			Plate, Device, Picture string
			Passage                *struct{ Credential string }
		}
	}
	prove.Eventually(t, "the server has every plate with its passage and picture", func() bool {
		h.Get("/plates?limit=100", &list)
		whole := 0
		for _, r := range list.Readings {
			if r.Picture != "" && r.Passage != nil {
				whole++
			}
		}
		return whole == cars
	})
	if len(list.Readings) != cars {
		t.Errorf("%d readings of %d cars", len(list.Readings), cars)
	}
	for _, r := range list.Readings {
		if r.Passage.Credential != "plate:"+r.Plate {
			t.Errorf("%s has the passage of %s", r.Plate, r.Passage.Credential)
		}
		for path, kind := range map[string]string{"picture": "image/jpeg", "thumbnail": "image/jpeg"} {
			status, content, err := h.Ask("GET", "/devices/"+r.Device+"/events/"+r.Picture+"/"+path, nil)
			if err != nil || status != 200 || http.DetectContentType(content) != kind {
				t.Errorf("%s of %s: %d, %d bytes, %v", path, r.Plate, status, len(content), err)
			}
		}
	}
}

// drive drives a car through a gate, to its end.
func drive(t *testing.T, s *Simulated, g Device) {
	t.Helper()
	before := len(s.Said(wire.Billing))
	if _, err := s.Device(g.ID).Car("in"); err != nil {
		t.Fatal(err)
	}
	prove.Eventually(t, "the car has passed", func() bool { return len(s.Said(wire.Billing)) > before })
}

type seenEvent struct{ ID, Device, Type string }

// events are those of a type that the server shows.
func (h *House) events(t *testing.T, kind string) (of []seenEvent) {
	t.Helper()
	var list struct{ Events []seenEvent }
	h.Get("/events?limit=500", &list)
	for _, e := range list.Events {
		if e.Type == kind {
			of = append(of, e)
		}
	}
	return of
}

type seenLedger struct {
	Rows   int
	Totals []struct {
		Amount   int64
		Currency string
	}
}

// ledger counts the rows of a device; empty: of all.
func (h *House) ledger(t *testing.T, device string) (l seenLedger) {
	t.Helper()
	h.Get("/ledger?limit=1&device="+device, &l)
	return l
}

type seenQuarantine struct{ Device, Topic, Problem string }

func (h *House) quarantine(t *testing.T) (list []seenQuarantine) {
	t.Helper()
	var seen struct{ Messages []seenQuarantine }
	h.Get("/quarantine?limit=500", &seen)
	return seen.Messages
}
