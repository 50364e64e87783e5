package web

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestRightsAreLimitedToSitesZonesAndHours(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const scope = `"scope":{"sites":["s2"],"zones":["z1"],"hours":[{"days":["sunday","monday"],"from":"22:00","to":"06:30"}]}`
	h.admin("PATCH", "/people/o2", `{"role":"manager",`+scope+`}`).wants(200)
	h.admin("PATCH", "/people/o2", `{"scope":{"sites":[],"zones":[],"hours":[]}}`).wants(200)
	h.people.wasAsked(t, "o1 gives o2 manager", "o1 limits o2 to {[{s2 } {s1 z1}] [{[Monday Sunday] 1320 390}]}", "o1 limits o2 to {[] []}")
	for field, wrong := range map[string]string{
		"body.scope.zones":            `{"sites":[],"zones":["none"],"hours":[]}`,
		"body.scope.hours[0].from":    `{"sites":[],"zones":[],"hours":[{"days":["monday"],"from":"24:00","to":"06:00"}]}`,
		"body.scope.hours[0].to":      `{"sites":[],"zones":[],"hours":[{"days":["monday"],"from":"00:00","to":"24:01"}]}`,
		"body.scope.hours[0].days[0]": `{"sites":[],"zones":[],"hours":[{"days":["someday"],"from":"00:00","to":"24:00"}]}`,
		"body.scope":                  `{"zones":[],"hours":[]}`,
	} {
		h.admin("PATCH", "/people/o2", `{"scope":`+wrong+`}`).names(field)
	}
	for field, name := range map[string]string{"places": "body.scope.sites", "hours": "body.scope.hours", "role": "body.role"} {
		h.people.err = refusal(devices.Invalid, field, "is wrong")
		h.admin("PATCH", "/people/o2", `{`+scope+`}`).names(name)
		h.admin("POST", "/people", `{"name":"Chen","role":"guard",`+scope+`}`).names(name)
	}
}

func TestRolesAreListedMadeChangedAndRemoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const porter = `{"name":"Porter","verbs":["devices.see","devices.command"]}`
	h.admin("POST", "/roles", porter).is(201, `{"id":"own-2","name":"Porter","own":true,"verbs":["devices.see","devices.command"]}`)
	h.admin("PUT", "/roles/own-1", porter).is(200, `{"id":"own-1","name":"Porter","own":true,"verbs":["devices.see","devices.command"]}`)
	h.admin("DELETE", "/roles/own-1", "").wants(204)
	h.people.wasAsked(t, "o1 makes the role Porter of [devices.see devices.command]", "o1 makes own-1 Porter of [devices.see devices.command]", "o1 removes own-1")
	h.admin("POST", "/roles", `{"name":"Porter","verbs":["doors.eat"]}`).names("body.verbs[0]")
	h.admin("POST", "/roles", `{"name":"Porter","verbs":[]}`).names("body.verbs")
	if a := h.admin("GET", "/roles", "").wants(200); len(a.list("roles")) != len(operators.Roles())+1 {
		t.Errorf("roles %s", a.body)
	}
	h.people.stale = true
	h.admin("POST", "/roles", porter).problem(http.StatusForbidden, "proof_needed")
	h.admin("PUT", "/roles/own-1", porter).problem(http.StatusForbidden, "proof_needed")
	h.admin("DELETE", "/roles/own-1", "").problem(http.StatusForbidden, "proof_needed")
}

func TestNothingOfThePropertyIsDoneOutsideOfTheHoursOfARight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.scope = devices.Scope{Hours: devices.Hours{{Days: everyDay(), From: 0, To: 11 * 60}}} // it is noon
	for r, rule := range accessTable() {
		if rule.who == needsVerb && operators.Administrator.May(rule.verb) {
			h.do(r.method, r.address(), "", as(operators.Administrator)).problem(http.StatusForbidden, "outside_hours")
		}
	}
	h.admin("GET", "/session", "").wants(200)
	h.people.scope.Hours[0].To = 13 * 60
	h.admin("GET", "/live/snapshot", "").wants(200)
}

func everyDay() (all []time.Weekday) {
	for _, w := range weekdays {
		all = append(all, w.day)
	}
	return all
}

// list is one member of an answer's object, a list.
func (a answer) list(name string) []any {
	a.t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	l, _ := m[name].([]any)
	return l
}
