package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/plans"
	plantest "gatehouse/devices/plans/storetest"
)

// noProperty has no site.
type noProperty struct{}

func (noProperty) Site(devices.SiteID) (devices.Site, error) {
	return devices.Site{}, &devices.Error{Op: "site", Code: devices.NotFound}
}

func (noProperty) Registered(devices.DeviceID) (devices.Device, bool) { return devices.Device{}, false }

// noPlans are plans of a property without a site.
func noPlans(t *testing.T) Plans {
	t.Helper()
	s, err := plans.New(plans.Deps{Store: &plantest.Memory{}, Dir: filepath.Join(t.TempDir(), "plans"), Registry: noProperty{}})
	must(t, err)
	return s
}

// planDrawing is a picture for plans.
func planDrawing(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.String()
}

const planSVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"><path d="M0 0h9"/></svg>`

// estateWithPlan gives a real property, a plan of its first site and its gate in the first zone.
func planOfEstate(t *testing.T) (e *estate, at, gate string) {
	t.Helper()
	e = newEstate(t)
	return e, "/plans/" + e.corners[0].ids["plan"], e.corners[0].ids["device"]
}

func (e *estate) asks(who, method, path, body string) answer {
	e.t.Helper()
	return e.do(method, apiPrefix+path, body, player(who))
}

func (a answer) plan() (p Plan) {
	a.t.Helper()
	must(a.t, json.Unmarshal([]byte(a.wants(200).body), &p))
	return p
}

func TestPlanKeepsItsPinsAndTellsWhoCameTooLate(t *testing.T) {
	t.Parallel()
	e, at, gate := planOfEstate(t)
	was := e.asks("boss", "GET", at, "").plan()
	change := func(base plans.Revision, name string, x float64) answer {
		return e.asks("boss", "PUT", at, fmt.Sprintf(`{"base":%d,"name":%q,"pins":[{"device":%q,"x":%g,"y":0.25,"turn":90}]}`, base, name, gate, x))
	}
	is := change(was.Revision, "Ground floor", 0.75).plan()
	if is.Revision != was.Revision+1 || is.Name != "Ground floor" || len(is.Pins) != 1 || is.Pins[0].X != 0.75 || *is.Pins[0].Turn != 90 {
		t.Errorf("%+v", is)
	}
	late := change(was.Revision, "Mine", 0.1)
	late.problem(http.StatusConflict, "conflict")
	if !strings.Contains(late.body, "body.base") || !strings.Contains(late.body, "read it anew") {
		t.Errorf("too late: %s", late.body)
	}
	wrong := change(is.Revision, "Mine", 1.5)
	wrong.problem(http.StatusUnprocessableEntity, "invalid")
	if !strings.Contains(wrong.body, "body.pins[0].x") {
		t.Errorf("beyond the picture: %s", wrong.body)
	}
	if now := e.asks("boss", "GET", at, "").plan(); now.Revision != is.Revision || now.Name != is.Name {
		t.Errorf("%+v", now)
	}
	e.asks("boss", "DELETE", fmt.Sprintf("%s?base=%d", at, was.Revision), "").problem(http.StatusConflict, "conflict")
	e.asks("boss", "DELETE", fmt.Sprintf("%s?base=%d", at, is.Revision), "").wants(http.StatusNoContent)
	e.asks("boss", "GET", at, "").problem(http.StatusNotFound, "not_found")
}

// Whatever the browser is told to do with it, an SVG does nothing but be drawn.
func TestPictureOfAPlanIsServedSoThatItCanOnlyBeDrawn(t *testing.T) {
	t.Parallel()
	e, at, _ := planOfEstate(t)
	is := e.asks("boss", "PUT", at+"/picture?base=2", planSVG).plan()
	if is.Picture.Format != plans.SVG || is.Picture.Width != 300 || is.Picture.Height != 200 || len(is.Pins) != 1 {
		t.Errorf("%+v", is)
	}
	a := e.asks("boss", "GET", at+"/picture", "").wants(200)
	policy := a.header.Get("Content-Security-Policy")
	if a.body != planSVG || a.header.Get("Content-Type") != "image/svg+xml" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %s", a.header, a.body)
	}
	for _, part := range []string{"default-src 'none'", "sandbox", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) || strings.Contains(policy, "allow-") || strings.Contains(policy, "script-src") {
			t.Errorf("policy %q, want %s in it", policy, part)
		}
	}
	e.do("GET", apiPrefix+at+"/picture", "", e.admin, header("If-None-Match", a.header.Get("ETag"))).wants(http.StatusNotModified)
	script := e.asks("boss", "PUT", at+"/picture?base=3", strings.Replace(planSVG, "<path", "<script/><path", 1))
	script.problem(http.StatusUnprocessableEntity, "invalid")
	if !strings.Contains(script.body, "body.picture") || !strings.Contains(script.body, "the element script") {
		t.Errorf("a script: %s", script.body)
	}
	e.asks("boss", "PUT", at+"/picture?base=3", strings.Repeat("x", plans.MaxBytes+1)).problem(http.StatusRequestEntityTooLarge, "invalid")
}

// A plan is for whoever may see the site or a device on it; they see the pins of those devices
// alone, and change it only with rights for the whole site.
func TestWhoSeesAPartOfTheSiteSeesTheirDevicesOnItsPlans(t *testing.T) {
	t.Parallel()
	e, at, gate := planOfEstate(t)
	both := fmt.Sprintf(`{"base":2,"name":"Alder north","pins":[{"device":%q,"x":0.5,"y":0.5},{"device":%q,"x":0.6,"y":0.5}]}`, gate, e.corners[1].ids["device"])
	if is := e.asks("boss", "PUT", at, both).plan(); len(is.Pins) != 2 {
		t.Fatalf("%+v", is)
	}
	for who, pins := range map[string]int{"guard-site": 2, "guard-zone": 1} {
		if is := e.asks(who, "GET", at, "").plan(); len(is.Pins) != pins || is.Pins[0].Device != devices.DeviceID(gate) && pins == 1 {
			t.Errorf("%s sees %+v", who, is.Pins)
		}
		e.asks(who, "GET", at+"/picture", "").wants(200)
		e.asks(who, "PUT", at, both).problem(http.StatusForbidden, "forbidden")
	}
	all := ""
	for id, o := range e.cast.operators {
		if strings.HasSuffix(id, "-zone") && e.deps.Rights.GrantOf(o).May(devices.ManageDevices) {
			all = id
		}
	}
	refused := e.asks(all, "PUT", at, strings.Replace(both, `"base":2`, `"base":3`, 1))
	refused.problem(http.StatusForbidden, "forbidden")
	if !strings.Contains(refused.body, "whole site") {
		t.Errorf("%s: %s", all, refused.body)
	}
	alone := strings.Replace(both[:strings.Index(both, `,{"device"`)]+"]}", `"base":2`, `"base":3`, 1)
	alone = strings.Replace(alone, gate, e.corners[1].ids["device"], 1)
	e.asks("boss", "PUT", at, alone).wants(200)
	e.asks("guard-zone", "GET", at, "").problem(http.StatusNotFound, "not_found")
	e.asks("guard-zone", "GET", at+"/picture", "").problem(http.StatusNotFound, "not_found")
}

func TestPlansOfASiteStandInTheOrderThatTheyWerePut(t *testing.T) {
	t.Parallel()
	e, _, _ := planOfEstate(t)
	site := "/sites/" + e.corners[0].ids["site"] + "/plans"
	ids := []string{e.corners[1].ids["plan"], e.corners[0].ids["plan"]}
	e.asks("boss", "PUT", site, fmt.Sprintf(`{"plans":[%q]}`, ids[0])).problem(http.StatusConflict, "conflict")
	e.asks("boss", "PUT", site, fmt.Sprintf(`{"plans":[%q,%q]}`, ids[0], ids[1])).wants(http.StatusNoContent)
	list := e.asks("boss", "GET", "/plans", "").wants(200).body
	if a, b := strings.Index(list, ids[0]), strings.Index(list, ids[1]); a < 0 || a > b {
		t.Errorf("%s", list)
	}
}
