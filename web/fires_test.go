package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

func aFire(ended bool) devices.FireReport {
	wang := arbiter.Who{Kind: "operator", ID: "o1", Name: "Wang"}
	f := devices.FireReport{
		ID: "f1", Site: "s1", Group: "A", By: wang, Reason: "smoke", Since: noon,
		Openings: []devices.FireProof{
			{Device: "d1", Name: "North in", Commanded: noon, Confirmed: noon.Add(250 * time.Millisecond), Holds: true},
			{Device: "d2", Name: "Lane", Direction: "in", Problem: "never connected"},
		},
	}
	if ended {
		f.Ended, f.EndedBy, f.EndReason = noon.Add(time.Hour), wang, "false alarm"
	}
	return f
}

func (c *control) Fires() []devices.FireReport { return []devices.FireReport{aFire(false)} }

func (c *control) PastFires(context.Context, int) ([]devices.FireReport, error) {
	if c.err != nil {
		return nil, c.err
	}
	return []devices.FireReport{aFire(true)}, nil
}

func (c *control) ReleaseFire(_ context.Context, a devices.Actor, s devices.SiteID, group, reason string) (devices.FireReport, error) {
	c.actor, c.asked = a, []string{"release", string(s), group, reason}
	return aFire(false), c.err
}

func (c *control) EndFire(_ context.Context, a devices.Actor, s devices.SiteID, group, reason string) (devices.FireReport, error) {
	c.actor, c.asked = a, []string{"end", string(s), group, reason}
	return aFire(true), c.err
}

func (c *control) SetFireWiring(_ context.Context, a devices.Actor, d devices.DeviceID, w devices.FireWiring) (devices.Live, error) {
	c.actor = a
	l := gateLive()
	l.Device.ID, l.Fire = d, w
	return l, c.err
}

const (
	fireHead = `"id":"f1","site":"s1","group":"A","by":{"kind":"operator","id":"o1","name":"Wang"},"reason":"smoke","event":"",
		"since":"2026-11-21T12:00:00Z","unlatched":false,"openings":[
		{"device":"d1","name":"North in","direction":"","commanded":"2026-11-21T12:00:00Z","confirmed":"2026-11-21T12:00:00.25Z","seconds":0.25,"holds":true,"problem":""},
		{"device":"d2","name":"Lane","direction":"in","commanded":null,"confirmed":null,"seconds":null,"holds":false,"problem":"never connected"}]`
	standingJSON = `{` + fireHead + `,"ended":null,"endedBy":null,"endReason":""}`
	endedJSON    = `{` + fireHead + `,"ended":"2026-11-21T13:00:00Z","endedBy":{"kind":"operator","id":"o1","name":"Wang"},"endReason":"false alarm"}`
)

func TestFireReleasesAreStartedEndedAndListedWithTheirProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/fire", "").is(200, `{"standing":[`+standingJSON+`],"past":[`+endedJSON+`],"complete":true}`)
	h.admin("POST", "/fire/release", `{"site":"s1","group":"A","reason":"smoke"}`).is(200, standingJSON)
	if asked, _ := h.control.asked.([]string); strings.Join(asked, " ") != "release s1 A smoke" || h.control.actor != wang {
		t.Errorf("asked %v by %+v", h.control.asked, h.control.actor)
	}
	h.admin("POST", "/fire/end", `{"site":"s1","group":"A","reason":"false alarm"}`).is(200, endedJSON)
	h.admin("POST", "/fire/end", `{"site":"s1","group":"A","reason":""}`).names("body.reason")
	a := h.admin("PUT", "/devices/d1/fire", `{"group":"A","input":"B"}`).wants(200)
	if !strings.Contains(a.body, `"fireGroup":"A","fireInput":"B"`) {
		t.Errorf("device %s", a.body)
	}
}

func TestWhatIsReleasedIsShownWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.control.err = refusal(devices.Unavailable, "", "the database did not answer")
	h.admin("GET", "/fire", "").is(200, `{"standing":[`+standingJSON+`],"past":[],"complete":false}`)
	h.admin("POST", "/fire/end", `{"site":"s1","group":"A","reason":"x"}`).problem(503, "unavailable")
}
