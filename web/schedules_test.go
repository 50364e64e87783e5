package web

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

func TestSchedulesAreListedWithTheirNextTime(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/schedules", "").is(200, `{"schedules":[{"id":"p1","site":"s1","device":"d1","name":"Morning","cron":"30 7 * * *",
		"timeZone":"Asia/Shanghai","action":"open","args":{},"paused":true,"skipLateSeconds":60,"next":null}]}`)
}

func TestScheduleIsCreatedReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/schedules", `{"device":"d1","name":"Noon","cron":"0 12 * * *","action":"open"}`).is(201, `{"id":"p2","site":"s1","device":"d1","name":"Noon",
		"cron":"0 12 * * *","timeZone":"","action":"open","args":{},"paused":false,"skipLateSeconds":300,"next":"2026-11-21T13:00:00Z"}`)
	if h.plans.actor != wang || h.plans.draft.SkipLate != 5*time.Minute {
		t.Errorf("%+v %+v", h.plans.actor, h.plans.draft)
	}
	body := `{"device":"d1","name":"Noon","cron":"0 12 * * *","timeZone":"UTC","action":"pass","args":{"direction":"in"},"paused":true,"skipLateSeconds":10}`
	h.admin("PUT", "/schedules/p7", body).is(200, `{"id":"p7","site":"s1","device":"d1","name":"Noon","cron":"0 12 * * *","timeZone":"UTC",
		"action":"pass","args":{"direction":"in"},"paused":true,"skipLateSeconds":10,"next":"2026-11-21T13:00:00Z"}`)
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
	h.admin("POST", "/schedules/preview", `{"cron":"30 7 * * 1-5","timeZone":"Asia/Shanghai"}`).is(200, `{"next":[`+list[1:]+`]}`)
	h.admin("POST", "/schedules/preview", `{"cron":"61 * * * *","timeZone":"Asia/Shanghai"}`).names("body.cron")
	h.admin("POST", "/schedules/preview", `{"cron":"1 * * * *","timeZone":"Nowhere/City"}`).names("body.timeZone")
}

func TestRunsCarryTheirCommand(t *testing.T) {
	t.Parallel()
	const at = `"due":"2026-11-21T12:00:00Z","claimed":"2026-11-21T12:00:00Z"`
	newHouse(t).admin("GET", "/schedules/p1/runs", "").is(200, `{"runs":[{`+at+`,"outcome":"sent","detail":"","command":`+commandJSON+`},
		{`+at+`,"outcome":"skipped","detail":"too late","command":null}]}`)
}
