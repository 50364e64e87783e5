package main

import (
	"bytes"
	"net/http"
	"testing"

	"gatehouse/devices/plans"
)

func TestDemoDrawingsArePlans(t *testing.T) {
	t.Parallel()
	for site, plan := range demoPlans {
		drawing, err := demoDrawings.ReadFile(plan.drawing)
		must(t, err)
		if p, err := plans.Examine(drawing); err != nil || p.Format != plans.SVG || p.Width != 1200 || p.Height != 800 {
			t.Errorf("%s: %+v, %v", site, p, err)
		}
	}
}

func TestDemoHasAPlanOfEachSiteWithAllItsDevices(t *testing.T) {
	t.Parallel()
	s := signUp(t, runProgram(t, t.TempDir(), true))
	var live seenSnapshot
	s.get("/live/snapshot", &live)
	var drawn struct {
		Plans []struct {
			ID, Site string
			Pins     []struct{ Device string }
		}
	}
	s.get("/plans", &drawn)
	placed := map[string]bool{}
	for _, p := range drawn.Plans {
		for _, pin := range p.Pins {
			placed[pin.Device] = true
		}
		res, err := s.http.Get(s.base + "/api/v1/plans/" + p.ID + "/picture")
		must(t, err)
		var picture bytes.Buffer
		_, err = picture.ReadFrom(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode != http.StatusOK || !bytes.Contains(picture.Bytes(), []byte("<svg")) {
			t.Errorf("the picture of a plan: %d %.80s", res.StatusCode, picture.Bytes())
		}
	}
	if len(drawn.Plans) != len(live.Sites) || len(placed) != len(live.Devices) {
		t.Errorf("%d plans of %d sites, with %d devices of %d", len(drawn.Plans), len(live.Sites), len(placed), len(live.Devices))
	}
}
