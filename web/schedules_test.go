package web

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/schedule"
)

// plain are the choices of a schedule that nobody made.
const plain = `"pausedUntil":null,"late":"skip","days":[],"jitterSeconds":0,"leftOut":null`

func TestSchedulesAreListedWithTheirNextTime(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/schedules", "").is(200, `{"schedules":[{"id":"p1","site":"s1","device":"d1","devices":["d1"],"name":"Morning","cron":"30 7 * * *",
		"timeZone":"Asia/Shanghai","action":"open","args":{},"paused":true,"skipLateSeconds":60,"checkMinutes":0,"next":null,`+plain+`}]}`)
}

func TestScheduleIsCreatedReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/schedules", `{"device":"d1","name":"Noon","cron":"0 12 * * *","action":"open"}`).is(201, `{"id":"p2","site":"s1","device":"d1","devices":["d1"],"name":"Noon",
		"cron":"0 12 * * *","timeZone":"","action":"open","args":{},"paused":false,"skipLateSeconds":300,"checkMinutes":2,"next":"2026-11-21T13:00:00Z",`+plain+`}`)
	if h.plans.actor != wang || h.plans.draft.SkipLate != 5*time.Minute {
		t.Errorf("%+v %+v", h.plans.actor, h.plans.draft)
	}
	body := `{"device":"d1","name":"Noon","cron":"0 12 * * *","timeZone":"UTC","action":"pass","args":{"direction":"in"},"paused":true,"skipLateSeconds":10,"checkMinutes":0}`
	h.admin("PUT", "/schedules/p7", body).is(200, `{"id":"p7","site":"s1","device":"d1","devices":["d1"],"name":"Noon","cron":"0 12 * * *","timeZone":"UTC",
		"action":"pass","args":{"direction":"in"},"paused":true,"skipLateSeconds":10,"checkMinutes":0,"next":"2026-11-21T13:00:00Z",`+plain+`}`)
	h.admin("DELETE", "/schedules/p7", "").wants(204)
	if h.plans.id != "p7" {
		t.Errorf("deleted %q", h.plans.id)
	}
	h.plans.err = refusal(devices.Invalid, "args.direction", "must be in or out")
	h.admin("POST", "/schedules", body).names("body.args.direction")
	h.plans.err = refusal(devices.NotFound, "", "there is no such schedule")
	h.admin("PUT", "/schedules/p9", body).problem(404, "not_found")
	h.admin("DELETE", "/schedules/p9", "").problem(404, "not_found")
}

func TestAScheduleTakesItsChoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/schedules", `{"devices":["d1","d2"],"name":"Night","cron":"0 22 * * *","timeZone":"UTC","action":"close","late":"catch_up","days":["workday","holiday"],
		"jitterSeconds":60,"checkMinutes":5}`).is(201, `{"id":"p2","site":"s1","device":"d1","devices":["d1","d2"],"name":"Night","cron":"0 22 * * *","timeZone":"UTC",
		"action":"close","args":{},"paused":false,"pausedUntil":null,"late":"catch_up","skipLateSeconds":300,"days":["workday","holiday"],"jitterSeconds":60,
		"checkMinutes":5,"next":"2026-11-21T13:00:00Z","leftOut":null}`)
	if d := h.plans.draft; d.Late != schedule.CatchUp || d.Jitter != time.Minute || d.Check != 5*time.Minute || len(d.Days) != 2 || d.Days[1] != calendar.Holiday {
		t.Errorf("%+v", d)
	}
	const rest = `"name":"n","cron":"0 22 * * *","action":"close"`
	h.admin("POST", "/schedules", `{"device":"d1","devices":["d2"],`+rest+`}`).names("body.devices")
	h.admin("POST", "/schedules", `{"device":"d1","jitterSeconds":601,`+rest+`}`).names("body.jitterSeconds")
	h.admin("POST", "/schedules", `{"device":"d1","checkMinutes":31,`+rest+`}`).names("body.checkMinutes")
	h.admin("POST", "/schedules", `{"device":"d1","late":"never",`+rest+`}`).names("body.late")
	h.admin("POST", "/schedules", `{"device":"d1","days":["sunny"],`+rest+`}`).names("body.days[0]")
}

func TestAScheduleIsPausedResumedAndItsNextTimeLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if a := h.admin("POST", "/schedules/p1/pause", `{"until":"2026-11-22T08:00:00+08:00"}`).wants(200); a.get("pausedUntil") != "2026-11-22T00:00:00Z" || h.plans.actor != wang {
		t.Errorf("%s by %+v", a.body, h.plans.actor)
	}
	h.admin("POST", "/schedules/p1/pause", `{}`).wants(200)
	if !h.plans.until.IsZero() {
		t.Errorf("paused until %s, want without an end", h.plans.until)
	}
	h.admin("POST", "/schedules/p1/resume", "").wants(200)
	h.admin("PUT", "/schedules/p1/skip-next", "").wants(200)
	h.admin("DELETE", "/schedules/p1/skip-next", "").wants(200)
	h.plans.err = refusal(devices.Conflict, "", "it has no next due time")
	h.admin("PUT", "/schedules/p1/skip-next", "").problem(409, "conflict")
	h.plans.err = refusal(devices.Invalid, "until", "must be in the future")
	h.admin("POST", "/schedules/p1/pause", `{"until":"2020-01-01T00:00:00Z"}`).names("body.until")
}

func TestAScheduleRunsNowByAKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/schedules/p1/run", "").names("header.Idempotency-Key")
	h.admin("POST", "/schedules/p1/run", "", header("Idempotency-Key", "key-12345")).wants(202)
	if h.plans.key != "key-12345" || h.plans.actor != wang {
		t.Errorf("%q by %+v", h.plans.key, h.plans.actor)
	}
}

func TestADryRunSaysWhatWouldBecomeOfEachDevice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const draft = `{"devices":["d1","d2","d3","d4"],"name":"Noon","cron":"0 12 * * *","action":"open"}`
	const want = `{"action":"open","args":{},"devices":[{"device":"d1","verdict":"sent","detail":"","ruling":null},
		{"device":"d2","verdict":"refused","detail":"locked down by Li","ruling":{"layer":"lockdown","scope":{"kind":"site","id":"","direction":""},
		"mode":"locked_down","by":{"kind":"","id":"","name":""},"reason":"","since":"2026-11-21T12:00:00Z","until":null}},
		{"device":"d3","verdict":"absent","detail":"never connected","ruling":null},
		{"device":"d4","verdict":"impossible","detail":"this device says that it can close","ruling":null}]}`
	h.admin("POST", "/schedules/dry-run", `{"draft":`+draft+`}`).is(200, want)
	h.admin("POST", "/schedules/dry-run", `{"id":"p1"}`).wants(200)
	h.admin("POST", "/schedules/dry-run", `{}`).names("body.draft")
	h.admin("POST", "/schedules/dry-run", `{"id":"p1","draft":`+draft+`}`).names("body.draft")
	h.plans.err = refusal(devices.Invalid, "cron", "is not understood")
	h.admin("POST", "/schedules/dry-run", `{"draft":`+draft+`}`).names("body.draft.cron")
}

func TestPreviewIsOfTheCodeThatFires(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want, err := schedule.Preview("30 7 * * 1-5", "Asia/Shanghai", noon, 10)
	if err != nil {
		t.Fatal(err)
	}
	list := ""
	for _, at := range want {
		list += `,"` + at.Format(time.RFC3339) + `"`
	}
	h.admin("POST", "/schedules/preview", `{"cron":"30 7 * * 1-5","timeZone":"Asia/Shanghai"}`).is(200, `{"next":[`+list[1:]+`],"turns":[],"cut":false}`)
	h.admin("POST", "/schedules/preview", `{"cron":"30 2 * * *","timeZone":"America/New_York","from":"2026-03-08T00:00:00Z","to":"2026-03-09T00:00:00Z"}`).is(200,
		`{"next":["2026-03-08T07:00:00Z"],"turns":[{"due":"2026-03-08T07:00:00Z","clock":"skipped"}],"cut":false}`)
	h.admin("POST", "/schedules/preview", `{"cron":"61 * * * *","timeZone":"Asia/Shanghai"}`).names("body.cron")
	h.admin("POST", "/schedules/preview", `{"cron":"1 * * * *","timeZone":"Nowhere/City"}`).names("body.timeZone")
	h.admin("POST", "/schedules/preview", `{"cron":"1 * * * *","timeZone":"UTC","from":"2026-03-08T00:00:00Z","to":"2026-06-09T00:00:00Z"}`).names("body.to")
}

// runAt is what both runs of the house have in common.
const runAt = `"schedule":"p1","device":"d1","site":"s1","due":"2026-11-21T12:00:00Z","at":"2026-11-21T12:00:00Z","claimed":"2026-11-21T12:00:00Z","manual":false,"by":"","again":null`

func theRuns() string {
	return `"runs":[{` + runAt + `,"outcome":"sent","detail":"","command":` + commandJSON + `,"checked":"2026-11-21T12:00:00Z","result":"confirmed"},
		{` + runAt + `,"outcome":"skipped","detail":"too late","command":null,"checked":null,"result":""}]`
}

func TestRunsCarryTheirCommand(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/schedules/p1/runs", "").is(200, `{`+theRuns()+`}`)
}

func TestTheRunsOfAllSchedulesAreChosenAndPaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/schedules/runs", "").is(200, `{`+theRuns()+`,"older":""}`)
	a := h.admin("GET", "/schedules/runs?schedule=p1&site=s1&device=d1&outcome=sent&from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z&limit=2", "").wants(200)
	if q := h.plans.query; q.Schedule != "p1" || q.Site != "s1" || q.Device != "d1" || q.Outcome != schedule.SentOut || q.From.Day() != 1 || q.To.Month() != 12 {
		t.Errorf("%+v", q)
	}
	h.admin("GET", "/schedules/runs?before="+a.get("older"), "").wants(200)
	if b := h.plans.query.Before; !b.Due.Equal(noon) || b.Schedule != "p1" || b.Device != "d1" {
		t.Errorf("%+v", b)
	}
	h.admin("GET", "/schedules/runs?before=x", "").names("query.before")
	h.admin("GET", "/schedules/runs?outcome=lost", "").names("query.outcome")
}

func TestStatisticsSayHowLateRunsWere(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/schedules/statistics", "").is(200, `{"from":"2026-11-21T12:00:00Z","sent":3,"p50Ms":1,"p99Ms":2,"maxMs":1000,
		"outcomes":{"claimed":0,"sent":3,"skipped":1,"failed":0}}`)
}
