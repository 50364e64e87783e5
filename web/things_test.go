package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/lobby"
	"gatehouse/devices/operators"
)

const (
	eventJSON = `{"device":"d1","id":"e1","type":"passage","direction":"","result":"","reason":"","credential":"","physical":"","trigger":"",
		"camera":"c1","picture":true,"command":"","plate":"","confidence":0,"colour":"","snapshot":"","deviceTime":"2026-11-21T12:00:00Z","arrivedAt":"2026-11-21T12:00:00Z"}`
	// unsaidJSON is what a device may say and these did not.
	unsaidJSON = `"alarm":"","power":"","signal":null,"heartbeat":60,"clockDrift":null,"telemetry":null,
		"config":{"revision":0,"reported":0,"status":""},`
	deviceJSON = `{"id":"d1","site":"s1","zone":"z1","kind":"gate","name":"North in","link":{"status":"online","since":"2026-11-21T12:00:00Z","cause":"","flapping":false,"flappingSince":null},
		"mode":"controlled","modes":{},"physical":"closed","tamper":false,"fault":"","counters":{},"capabilities":["open"],"firmware":"","unsigned":true,
		"reportedAt":"2026-11-21T12:00:00Z","lastEvent":` + eventJSON + `,"doubt":"",` + unsaidJSON + `"fireGroup":"","fireInput":"","revision":7}`
	commandJSON = `{"id":"k1","device":"d1","site":"s1","zone":"z1","action":"open","args":{},"reason":"","actor":{"kind":"operator","id":"o1","name":"Wang"},
		"issued":"2026-11-21T12:00:00Z","ttlMs":5000,"step":"accepted","ended":false,
		"rungs":[{"step":"accepted","at":"2026-11-21T12:00:00Z","detail":""}],"revision":8,"recordPending":false}`
)

// wang is who every request of an administrator comes from.
var wang = devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Wang", Address: "192.0.2.1", Session: "0700000000000000"}

func TestSnapshotIsEverythingOnTheWall(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/live/snapshot", "").is(200, `{"at":"2026-11-21T12:00:00Z",
		"sites":[{"id":"s1","name":"Riverside","timeZone":"Asia/Shanghai","revision":9}],
		"zones":[{"id":"z1","site":"s1","name":"North"}],"devices":[`+deviceJSON+`],"commands":[`+commandJSON+`],
		"today":[{"site":"s1","day":"2026-11-21","passages":3,"takings":[{"amount":1,"currency":"AUD"},{"amount":500,"currency":"CNY"}],
			"ledgerRows":2,"quarantined":0,"switches":0,"switchesSkipped":0,"switchesNotReached":0,"timedSent":0,"timedSkipped":0,"timedFailed":0,"revision":9}],"layers":[],"risky":["hold_open","lock_down","lockdown_release","fire_release","fire_end","batch","restart"],"alarms":[`+alarmJSON+`]}`)
}

func TestTicketLetsABrowserReadTheFeedOnly(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("POST", "/live/ticket", "").is(200, `{"clientId":"console-1","username":"console","password":"p-o1","path":"/mqtt",
		"filters":["gatehouse/v1/feed/#"],"expires":"2026-11-21T12:01:00Z"}`)
}

func TestPlacesAreCreated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/sites", `{"name":"Harbour","timeZone":"Europe/London"}`).is(201, `{"id":"s2","name":"Harbour","timeZone":"Europe/London","revision":0}`)
	if h.control.actor != wang {
		t.Errorf("actor %+v", h.control.actor)
	}
	h.admin("POST", "/sites/s1/zones", `{"name":"Yard"}`).is(201, `{"id":"z2","site":"s1","name":"Yard"}`)
	h.admin("POST", "/devices", `{"zone":"z1","kind":"camera","name":"Eye"}`).is(201, `{"id":"d2","site":"s1","zone":"z1","kind":"camera","name":"Eye",
		"link":{"status":"never_seen","since":null,"cause":"","flapping":false,"flappingSince":null},"mode":"","modes":{},"physical":"unknown","tamper":false,"fault":"","counters":{},"capabilities":[],
		"firmware":"","unsigned":false,"reportedAt":null,"lastEvent":null,"doubt":"never_seen",`+unsaidJSON+`"fireGroup":"","fireInput":"","revision":0}`)
	h.control.err = refusal(devices.Invalid, "timeZone", "must be an IANA name")
	h.admin("POST", "/sites", `{"name":"Harbour","timeZone":"Nowhere"}`).names("body.timeZone")
	h.control.err = refusal(devices.NotFound, "", "there is no such site")
	h.admin("POST", "/sites/s9/zones", `{"name":"Yard"}`).problem(404, "not_found")
}

func TestDeviceShowsItsCredential(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/devices/d1", "").is(200, `{"device":`+deviceJSON+`,
		"credential":{"issued":true,"created":"2026-11-21T12:00:00Z","lastUsed":"2026-11-21T13:00:00Z",
		"password":true,"certificate":false,"authorities":false,"shown":null},
		"connect":{"mqtt":"192.0.2.1:1883","mqtts":"","fingerprint":"","topicPrefix":"prefix/s1/d1"},"bans":[]}`)
	h.keys.without = true
	h.admin("GET", "/devices/d1", "").is(200, `{"device":`+deviceJSON+`,"credential":{"issued":false,
		"password":false,"certificate":false,"authorities":false,"shown":null},
		"connect":{"mqtt":"192.0.2.1:1883","mqtts":"","fingerprint":"","topicPrefix":"prefix/s1/d1"},"bans":[]}`)
	h.admin("GET", "/devices/d9", "").problem(404, "not_found")
}

func TestDeviceShowsWhyItWasRefused(t *testing.T) {
	t.Parallel()
	var door lobby.Refusals
	h := newHouse(t, func(d *Deps) { d.Doorman = &door })
	door.Note("d1", lobby.WrongPassword, "192.0.2.7:4711")
	a := h.admin("GET", "/devices/d1", "").wants(200)
	if !strings.Contains(a.body, `"why":"wrong_password","address":"192.0.2.7","count":1`) {
		t.Errorf("it says %s", a.body)
	}
}

func TestDeviceCredentialIsIssuedAndRevoked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/devices/d1/credential", "").is(201, `{"clientId":"d1","username":"d1","password":"secret","commandKey":"key",
		"topicPrefix":"prefix/s1/d1","mqtt":"192.0.2.1:1883","mqtts":"","fingerprint":"",
		"document":"{\"mqtt\":\"tcp://192.0.2.1:1883\",\"devices\":[{\"id\":\"d1\",\"site\":\"s1\",\"kind\":\"gate\",\"name\":\"North in\",\"username\":\"d1\",\"password\":\"secret\",\"commandKey\":\"key\"}]}"}`)
	h.admin("POST", "/devices/d9/credential", "").problem(404, "not_found")
	h.admin("DELETE", "/devices/d1/credential", "").wants(http.StatusNoContent)
	if h.keys.revoked != "d1" || h.keys.actor != wang {
		t.Errorf("revoked %q by %+v", h.keys.revoked, h.keys.actor)
	}
	h.keys.revoked = ""
	h.admin("DELETE", "/devices/i1/credential", "").problem(404, "not_found") // an integrator is no device
	if h.keys.revoked != "" {
		t.Error("an integrator was revoked as a device")
	}
}

func TestCommandIsAnsweredWithItsLadder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := header("Idempotency-Key", "press-0001")
	h.admin("POST", "/devices/d1/commands", `{"action":"open"}`, key).is(202, commandJSON)
	h.admin("POST", "/devices/d1/commands", `{"action":"pass","args":{"direction":"in"},"reason":"visitor","ttlMs":2500}`, key).wants(202)
	want := devices.Request{Key: "press-0001", Action: "pass", Reason: "visitor", TTL: 2500 * time.Millisecond}
	got := h.control.request
	if got.Key != want.Key || got.Action != want.Action || got.Reason != want.Reason || got.TTL != want.TTL || got.Args["direction"] != "in" {
		t.Errorf("sent %+v", got)
	}
	if h.control.actor != wang {
		t.Errorf("actor %+v", h.control.actor)
	}
	h.control.err = refusal(devices.Conflict, "key", "this key was used for another command")
	p := h.admin("POST", "/devices/d1/commands", `{"action":"open"}`, key).problem(409, "conflict")
	if len(p.Errors) != 1 || p.Errors[0].Location != "header.Idempotency-Key" {
		t.Errorf("errors %+v", p.Errors)
	}
}

func TestCommandIsTakenBackAndSaysWhenItIsTooLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/commands/k1/cancel", "").is(200, commandJSON)
	if h.control.actor != wang {
		t.Errorf("actor %+v", h.control.actor)
	}
	h.admin("POST", "/commands/k9/cancel", "").problem(404, "not_found")
	h.control.err = refusal(devices.Conflict, "", "it is too late: the command is sent")
	if p := h.admin("POST", "/commands/k1/cancel", "").problem(409, "conflict"); !strings.Contains(p.Detail, "sent") {
		t.Errorf("the answer is %q", p.Detail)
	}
}

func TestCommandsAreRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/devices/d1/commands?limit=3", "").is(200, `{"commands":[`+commandJSON+`],"next":""}`)
	if q := (devices.CommandQuery{Device: "d1", Limit: 3}); h.control.asked != q {
		t.Errorf("asked %+v", h.control.asked)
	}
	h.admin("GET", "/commands/k1", "").is(200, commandJSON)
	h.admin("GET", "/commands/k9", "").problem(404, "not_found")
}

func TestEventsAreRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/events?site=s1&device=d1&zone=z1&type=passage&from=2026-11-20T12:00:00Z&before=2026-11-21T12:00:00Z&limit=7", "").is(200, `{"events":[`+eventJSON+`],"next":""}`)
	want := devices.EventQuery{Site: "s1", Device: "d1", Zone: "z1", Type: "passage", From: noon.Add(-24 * time.Hour), Before: noon, Limit: 7}
	if h.control.asked != want {
		t.Errorf("asked %+v", h.control.asked)
	}
	h.admin("GET", "/events?limit=1&olderThan=d2/e8", "").is(200, `{"events":[`+eventJSON+`],"next":"d1/e1"}`)
	if want := (devices.EventQuery{Older: devices.EventKey{Device: "d2", ID: "e8"}, Limit: 1}); h.control.asked != want {
		t.Errorf("asked %+v", h.control.asked)
	}
}

func TestQuarantineShowsTheBytes(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/quarantine", "").is(200, `{"messages":[{"id":4,"device":"d1","site":"s1","topic":"t","payload":"aGVsbG8=",
		"problem":"seq: must be a number","why":"malformed","arrivedAt":"2026-11-21T12:00:00Z"}]}`)
}

func TestLedgerShowsRowsAndSums(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/ledger?site=s1&device=d1&from=2026-11-20T00:00:00Z&to=2026-11-21T12:00:00Z&sort=largest&before=9&limit=50", "").is(200, `{"entries":[
		{"id":5,"device":"d1","deviceName":"North in","eventId":"e1","site":"s1","zone":"z1","seq":3,"amount":500,"currency":"CNY","for":"parking",
		"passage":"e0","corrects":"","deviceTime":"2026-11-21T12:00:00Z","arrivedAt":"2026-11-21T12:00:00Z"}],
		"rows":1,"totals":[{"amount":500,"currency":"CNY"}]}`)
	if q := h.books.query; q.Site != "s1" || q.Device != "d1" || !q.To.Equal(noon) || q.From.IsZero() || q.Before != 9 || q.Limit != 50 {
		t.Errorf("asked %+v", q)
	}
	h.books.err = refusal(devices.Invalid, "to", "must be later than from")
	h.admin("GET", "/ledger", "").names("query.to")
}

func TestIntegratorsAreIssuedListedAndEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/integrators", "").is(200, `{"integrators":[{"username":"i1","name":"Parking app","sites":["s1"],"feeds":["alarm"],"created":"2026-11-21T12:00:00Z","expires":"2026-11-21T13:00:00Z","lastUsed":null}]}`)
	h.admin("POST", "/integrators", `{"name":"App","sites":["s1","s2"]}`).is(201, `{"username":"i2","password":"secret","mqtt":"192.0.2.1:1883",
		"filters":["gatehouse/v1/feed/s1/#","gatehouse/v1/feed/s2/#"],"expires":"2027-11-21T12:00:00Z"}`)
	h.admin("POST", "/integrators", `{"name":"App","sites":["s1"],"feeds":["alarm","today"],"expires":"2026-12-21T12:00:00Z"}`).is(201, `{"username":"i2","password":"secret","mqtt":"192.0.2.1:1883",
		"filters":["gatehouse/v1/feed/s1/+/alarm/#","gatehouse/v1/feed/s1/+/today/#","gatehouse/v1/feed/s1/+/heartbeat/#"],"expires":"2026-12-21T12:00:00Z"}`)
	h.admin("POST", "/integrators", `{"name":"App","sites":["s1"],"feeds":["gate"]}`).names("body.feeds[0]")
	h.admin("POST", "/integrators/i1/secret", `{}`).is(200, `{"username":"i1","password":"another","mqtt":"192.0.2.1:1883","filters":["gatehouse/v1/feed/s1/#"],"expires":"2027-11-21T12:00:00Z"}`)
	if h.keys.revoked != "secret of i1" || h.keys.actor != wang {
		t.Errorf("%q by %+v", h.keys.revoked, h.keys.actor)
	}
	h.admin("POST", "/integrators/i9/secret", `{}`).problem(404, "not_found")
	h.admin("DELETE", "/integrators/i1", "").wants(http.StatusNoContent)
	if h.keys.revoked != "i1" || h.keys.actor != wang {
		t.Errorf("revoked %q by %+v", h.keys.revoked, h.keys.actor)
	}
	h.keys.revoked = ""
	h.admin("DELETE", "/integrators/d1", "").problem(404, "not_found") // a device is no integrator
	h.admin("DELETE", "/integrators/i9", "").problem(404, "not_found")
	if h.keys.revoked != "" {
		t.Errorf("revoked %q", h.keys.revoked)
	}
}

func TestPictureComesWithItsTag(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const path = "/devices/c1/events/e1/picture"
	a := h.admin("GET", path, "").wants(200)
	tag := a.header.Get("ETag")
	if a.body != "jpeg" || a.header.Get("Content-Type") != "image/jpeg" || a.header.Get("Cache-Control") != "private, no-cache" || tag == "" {
		t.Errorf("%q %v", a.body, a.header)
	}
	h.do("GET", "/api/v1"+path, "", header("If-None-Match", tag)).problem(401, "unauthenticated")
	if a := h.admin("GET", path, "", header("If-None-Match", tag)).wants(http.StatusNotModified); a.body != "" {
		t.Errorf("body %q", a.body)
	}
	a = h.admin("GET", "/devices/c1/events/e9/picture", "")
	a.problem(404, "not_found")
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("a missing picture may be kept by the browser, and would be missing for ever")
	}
	h.do("GET", "/api/v1"+path, "", as("nobody")).problem(403, "forbidden")
	h.do("GET", "/api/v1"+path, "", as(operators.Guard)).wants(200)
}

func TestEventsAreSavedAsATableByTheClockOfTheirSite(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("GET", "/events/export?site=s1&device=d1&zone=z1&type=passage&from=2026-11-20T12:00:00Z&before=2026-11-21T12:00:00Z", "").wants(200)
	lines := strings.Split(strings.TrimSpace(a.body), "\r\n")
	if len(lines) != 2 || lines[0] != "\ufeff"+strings.Join(eventColumns, ",") || !strings.Contains(lines[1], "Z,2026-11-21 ") || !strings.Contains(lines[1], ",Riverside,") || !strings.Contains(lines[1], ",d1,e1,passage,") {
		t.Errorf("the file is %q", a.body)
	}
	if q, ok := h.control.asked.(devices.EventQuery); !ok || q.Site != "s1" || q.Device != "d1" || q.Zone != "z1" || q.Type != "passage" || q.From.IsZero() || q.Before.IsZero() {
		t.Errorf("asked %+v", h.control.asked)
	}
	h.admin("GET", "/events/export?format=xlsx", "").wants(200)
	h.admin("GET", "/events/export?format=pdf", "").names("query.format")
}
