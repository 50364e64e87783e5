package property

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"gatehouse/devices/wire"
	"gatehouse/prove"
	"gatehouse/prove/served"
)

// Cameras send while the server is killed and its power is cut. What a camera need not
// send any more is there.
func TestEveryPictureThatACameraSentIsThereAfterKillsAndPowerCuts(t *testing.T) {
	t.Parallel()
	disk := served.NewDisk(t, 256)
	h := open(t, Options{Disk: &disk})
	zone := h.Zone(h.Site("East"), "Garage")
	gates, cameras := h.Devices(zone, "gate", 3), h.Devices(zone, "camera", 3)
	for i := range gates {
		gates[i].Camera = cameras[i].ID
	}
	s := h.Simulate(append(gates, cameras...), h.MQTT, 50)
	rounds := prove.Size(2, 30)
	for i := range rounds {
		for _, g := range gates {
			if _, err := s.Device(g.ID).Car("out"); err != nil {
				t.Fatal(err)
			}
		}
		prove.Eventually(t, "the cameras have sent", func() bool { return len(s.Said(wire.Picture)) == (i+1)*len(gates) })
		if i%2 == 0 {
			h.CutPower()
		} else {
			h.Kill()
		}
		h.Start()
		prove.Eventually(t, "the cars have passed", func() bool { return len(s.Said(wire.Billing)) == (i+1)*len(gates) })
	}
	var there map[string]string
	prove.Eventually(t, "every picture is there", func() bool {
		there = h.pictures(t)
		return len(there) == rounds*len(gates)
	})
	bytesThere := slices.Collect(maps.Values(there))
	for _, jpeg := range s.Said(wire.Picture) {
		if !slices.Contains(bytesThere, jpeg) {
			t.Errorf("a picture of %d bytes is not there as it was sent", len(jpeg))
		}
	}
	h.Healthy()
	prove.Record(t, "every picture that a camera sent is there as it was sent, through kill -9 and power cuts", "pictures = those that were sent, same bytes",
		fmt.Sprintf("%d ends: %d sent, %d there", rounds, rounds*len(gates), len(there)))
}

// pictures are the bytes of all pictures that the server lists, by their names.
func (h *House) pictures(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for before := ""; ; {
		var page struct {
			Pictures []struct{ Device, Event string }
			Next     string
		}
		h.Get("/pictures?limit=100&before="+before, &page)
		for _, p := range page.Pictures {
			status, content, err := h.Ask("GET", "/devices/"+p.Device+"/events/"+p.Event+"/picture", nil)
			if err != nil || status != 200 || !bytes.HasPrefix(content, []byte{0xff, 0xd8}) {
				t.Fatalf("picture %s/%s: %d %v", p.Device, p.Event, status, err)
			}
			all[p.Device+"/"+p.Event] = string(content)
		}
		if before = strings.ReplaceAll(page.Next, "/", "%2F"); before == "" {
			return all
		}
	}
}
