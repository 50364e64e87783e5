package web

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

func (c *control) PresenceHistory(_ context.Context, id devices.DeviceID, days devices.Days, _ *devices.Reach) (devices.PresenceHistory, error) {
	c.asked = days
	if id != "d1" {
		return devices.PresenceHistory{}, refusal(devices.NotFound, "", "there is no such device")
	}
	day := presence.Availability{Up: 3 * time.Hour, Down: time.Hour, Unknown: 20 * time.Hour, Drops: 2, Outages: 1}
	return devices.PresenceHistory{
		Link:    presence.Link{Status: presence.Offline, Since: noon, Cause: presence.CauseKeepAlive, Flapping: true, FlappingSince: noon},
		Spans:   []presence.Span{{Up: noon.Add(-time.Hour), Down: noon, Cause: presence.CauseKeepAlive, Remote: "192.0.2.9:1", Missed: 1}, {Up: noon.Add(-2 * time.Hour)}},
		Unknown: []presence.Period{{From: noon, To: noon.Add(time.Hour)}},
		Days: []devices.PresenceDay{
			{Period: devices.Period{Day: "2026-11-21", Period: presence.Period{From: noon, To: noon.Add(24 * time.Hour)}}, Availability: day},
			{Period: devices.Period{Day: "2026-11-22", Period: presence.Period{From: noon, To: noon}}},
		},
		Total: day, Causes: map[string]int{"disconnect": 1, "keep-alive": 1, "will": 3}, Missed: 1,
	}, c.err
}

func TestPresenceTellsWhenADeviceWasOnlineAndWhyNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/devices/d1/presence?from=2026-11-20&to=2026-11-21", "").is(200, `{
		"link":{"status":"offline","since":"2026-11-21T12:00:00Z","cause":"keep-alive","flapping":true,"flappingSince":"2026-11-21T12:00:00Z"},
		"spans":[{"up":"2026-11-21T11:00:00Z","down":"2026-11-21T12:00:00Z","cause":"keep-alive","remote":"192.0.2.9:1","missed":1},
			{"up":"2026-11-21T10:00:00Z","down":null,"cause":"","remote":"","missed":0}],
		"more":false,"unknown":[{"from":"2026-11-21T12:00:00Z","to":"2026-11-21T13:00:00Z"}],
		"days":[{"day":"2026-11-21","from":"2026-11-21T12:00:00Z","to":"2026-11-22T12:00:00Z",
				"upMs":10800000,"downMs":3600000,"unknownMs":72000000,"share":0.75,"drops":2,"outages":1},
			{"day":"2026-11-22","from":"2026-11-21T12:00:00Z","to":"2026-11-21T12:00:00Z",
				"upMs":0,"downMs":0,"unknownMs":0,"share":null,"drops":0,"outages":0}],
		"total":{"upMs":10800000,"downMs":3600000,"unknownMs":72000000,"share":0.75,"drops":2,"outages":1},
		"causes":[{"cause":"will","count":3},{"cause":"disconnect","count":1},{"cause":"keep-alive","count":1}],"missed":1}`)
	if days := (devices.Days{First: "2026-11-20", Last: "2026-11-21"}); h.control.asked != days {
		t.Errorf("asked for %+v", h.control.asked)
	}
	h.admin("GET", "/devices/d9/presence", "").problem(404, "not_found")
	h.control.err = refusal(devices.Invalid, "from", "must be a day as YYYY-MM-DD")
	h.admin("GET", "/devices/d1/presence?from=x", "").names("query.from")
}
