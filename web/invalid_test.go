package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestBadInputIsNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	long := strings.Repeat("x", 101)
	key := header("Idempotency-Key", "press-0001")
	const plan = `"device":"d1","name":"Noon","cron":"0 12 * * *","action":"open"`
	for _, c := range []struct{ method, path, body, field string }{
		{"POST", "/sites", `{"name":"","timeZone":"UTC"}`, "body.name"},
		{"POST", "/sites", `{"name":"` + long + `","timeZone":"UTC"}`, "body.name"},
		{"POST", "/sites", `{"name":7,"timeZone":"UTC"}`, "body.name"},
		{"POST", "/sites", `{"name":"a","timeZone":""}`, "body.timeZone"},
		{"POST", "/sites", `{"name":"a","timeZone":"UTC","id":"x"}`, "body.id"},
		{"POST", "/sites", `{"name":"a"}`, "body"},
		{"POST", "/sites", `[]`, "body"},
		{"POST", "/sites/" + long + "/zones", `{"name":"a"}`, "path.site"},
		{"POST", "/sites/s1/zones", `{"name":"a","site":"s2"}`, "body.site"},
		{"POST", "/devices", `{"zone":"z1","kind":"robot","name":"a"}`, "body.kind"},
		{"POST", "/devices", `{"zone":"","kind":"gate","name":"a"}`, "body.zone"},
		{"POST", "/devices", `{"zone":"z1","kind":"gate","name":null}`, "body.name"},
		{"GET", "/devices/" + long, "", "path.id"},
		{"POST", "/devices/d1/commands", `{"action":"explode"}`, "body.action"},
		{"POST", "/devices/d1/commands", `{"action":"open","ttlMs":30001}`, "body.ttlMs"},
		{"POST", "/devices/d1/commands", `{"action":"open","ttlMs":1.5}`, "body.ttlMs"},
		{"POST", "/devices/d1/commands", `{"action":"open","args":{"a":1}}`, "body.args.a"},
		{"POST", "/devices/d1/commands", `{"action":"open","args":{"a":"` + long + `"}}`, "body.args.a"},
		{"POST", "/devices/d1/commands", `{"action":"open","args":{"a":"","b":"","c":"","d":"","e":"","f":"","g":"","h":"","i":""}}`, "body.args"},
		{"POST", "/devices/d1/commands", `{"action":"open","reason":"` + strings.Repeat("x", 201) + `"}`, "body.reason"},
		{"POST", "/devices/d1/commands", `{"action":"open","now":true}`, "body.now"},
		{"GET", "/devices/d1/commands?limit=0", "", "query.limit"},
		{"GET", "/devices/d1/commands?by=nobody", "", "query.by"},
		{"GET", "/devices/d1/commands?from=yesterday", "", "query.from"},
		{"GET", "/devices/d1/commands?limit=501", "", "query.limit"},
		{"GET", "/devices/d1/commands?limit=many", "", "query.limit"},
		{"GET", "/events?before=yesterday", "", "query.before"},
		{"GET", "/events?limit=-1", "", "query.limit"},
		{"GET", "/events?devise=d1", "", "query.devise"},
		{"GET", "/events?site=" + long, "", "query.site"},
		{"GET", "/ledger?from=2026-13-01T00:00:00Z", "", "query.from"},
		{"GET", "/ledger?to=noon", "", "query.to"},
		{"GET", "/ledger?before=-1", "", "query.before"},
		{"GET", "/ledger?limit=1001", "", "query.limit"},
		{"GET", "/ledger?sort=colour", "", "query.sort"},
		{"GET", "/quarantine?limit=x", "", "query.limit"},
		{"GET", "/audit?before=x", "", "query.before"},
		{"GET", "/audit?limit=0", "", "query.limit"},
		{"POST", "/schedules", `{` + plan + `,"skipLateSeconds":-1}`, "body.skipLateSeconds"},
		{"POST", "/schedules", `{` + plan + `,"skipLateSeconds":86401}`, "body.skipLateSeconds"},
		{"POST", "/schedules", `{` + plan + `,"paused":"yes"}`, "body.paused"},
		{"POST", "/schedules", `{` + plan + `,"holiday":true}`, "body.holiday"},
		{"POST", "/schedules", `{"device":"d1","name":"","cron":"0 12 * * *","action":"open"}`, "body.name"},
		{"POST", "/schedules", `{"device":"d1","name":"n","cron":"` + long + `","action":"open"}`, "body.cron"},
		{"PUT", "/schedules/p1", `{"device":"d1","name":"n","cron":"0 12 * * *","action":"fly"}`, "body.action"},
		{"POST", "/schedules/preview", `{"cron":"","timeZone":"UTC"}`, "body.cron"},
		{"GET", "/schedules/p1/runs?limit=201", "", "query.limit"},
		{"POST", "/integrators", `{"name":"a","sites":[]}`, "body.sites"},
		{"POST", "/integrators", `{"name":"a","sites":null}`, "body.sites"},
		{"POST", "/integrators", `{"name":"a","sites":[["s1"]]}`, "body.sites[0]"},
		{"POST", "/integrators", `{"name":"","sites":["s1"]}`, "body.name"},
	} {
		t.Run(c.method+" "+c.path+" "+clip(c.body, 60), func(t *testing.T) {
			h.t = t
			h.admin(c.method, c.path, c.body, key).names(c.field)
		})
	}
}

func TestCommandNeedsAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/devices/d1/commands", `{"action":"open"}`).names("header.Idempotency-Key")
	for _, bad := range []string{"short", strings.Repeat("x", 65), "has a space", "汉字汉字汉字汉字"} {
		h.admin("POST", "/devices/d1/commands", `{"action":"open"}`, header("Idempotency-Key", bad)).names("header.Idempotency-Key")
	}
	if h.control.request.Action != "" {
		t.Errorf("sent %+v", h.control.request)
	}
}

func TestBodiesThatAreNoJSONAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/sites", `{"name":`).problem(http.StatusBadRequest, "invalid")
	h.admin("POST", "/sites", "").problem(http.StatusBadRequest, "invalid")
	h.admin("POST", "/sites", `{"name":"a","timeZone":"UTC"} {}`).problem(http.StatusBadRequest, "invalid")
	h.admin("POST", "/sites", `name=a`, header("Content-Type", "application/x-www-form-urlencoded")).problem(http.StatusUnsupportedMediaType, "invalid")
}

func TestBodiesThatAreTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := `{"name":"` + strings.Repeat("x", maxBody) + `"}`
	h.admin("POST", "/sites", body).problem(http.StatusRequestEntityTooLarge, "invalid")
	chunked := func(r *http.Request) { r.ContentLength = -1 }
	h.admin("POST", "/sites", body, chunked).problem(http.StatusRequestEntityTooLarge, "invalid")
	h.admin("POST", "/schedules/preview", strings.Repeat(" ", maxBody+1), chunked).problem(http.StatusRequestEntityTooLarge, "invalid")
}
