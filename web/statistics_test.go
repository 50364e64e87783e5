package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/statistics"
)

func (c *control) Report(_ context.Context, q statistics.Query) (statistics.Report, error) {
	c.asked = q
	if q.Site != "s1" {
		return statistics.Report{}, refusal(devices.NotFound, "", "there is no such site")
	}
	counts := statistics.Counts{Orders: 3, Denied: 1, Passages: map[string]statistics.Hours{"in": {8: 40, 23: 2}}}
	counts.Confirmed.Add(1500 * time.Millisecond)
	of := statistics.Of{Device: gateLive().Device, Counts: counts, Availability: presence.Availability{Up: 3 * time.Hour, Down: time.Hour, Drops: 2, Outages: 1}}
	of.Device.Name = "=North"
	idle := statistics.Of{Device: devices.Device{ID: "d2", Kind: devices.Camera, Zone: "z1", Name: "Eye", Retired: noon}}
	return statistics.Report{
		Site: devices.Site{ID: "s1"}, First: "2026-11-20", Last: "2026-11-21",
		Period: presence.Period{From: noon, To: noon.Add(time.Hour)}, Devices: []statistics.Of{of, idle}, Sum: of,
	}, c.err
}

func (c *control) Series(_ context.Context, q statistics.Query) (statistics.Series, error) {
	c.asked = q
	if q.Site != "s1" {
		return statistics.Series{}, refusal(devices.NotFound, "", "there is no such site")
	}
	day := statistics.SeriesDay{
		Period: devices.Period{Day: "2026-11-20", Period: presence.Period{From: noon, To: noon.Add(time.Hour)}},
		Counts: statistics.Counts{Orders: 3, Denied: 1, Passages: map[string]statistics.Hours{"in": {8: 40, 23: 2}}},
		Presence: presence.Day{
			Availability: presence.Availability{Up: 3 * time.Hour, Down: time.Hour, Drops: 2, Outages: 1},
			Lost:         []presence.Loss{{Cause: presence.CauseLost, Time: time.Hour}},
		},
	}
	day.Counts.Confirmed.Add(1500 * time.Millisecond)
	return statistics.Series{Site: devices.Site{ID: "s1"}, Period: day.Period.Period, Days: []statistics.SeriesDay{day}}, c.err
}

func TestASeriesTellsWhatDevicesDidOnEachDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/statistics/series?site=s1&zone=z1&kind=gate&from=2026-11-20&to=2026-11-20&device=d1", "").is(200, `{"site":"s1",
		"from":"2026-11-21T12:00:00Z","to":"2026-11-21T13:00:00Z","orderLimitMs":2000,"days":[{"day":"2026-11-20",
		"from":"2026-11-21T12:00:00Z","to":"2026-11-21T13:00:00Z","orders":3,"confirmed":{"count":1,"p50Ms":1500,"p95Ms":1500,"maxMs":1500},
		"passages":42,"denied":1,"hours":[{"direction":"in","hours":[0,0,0,0,0,0,0,0,40,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2]}],
		"availability":{"upMs":10800000,"downMs":3600000,"unknownMs":0,"share":0.75,"drops":2,"outages":1},
		"lost":[{"cause":"connection lost","ms":3600000}]}]}`)
	want := statistics.Query{Site: "s1", Zone: "z1", Kind: devices.Gate, Device: "d1", Days: devices.Days{First: "2026-11-20", Last: "2026-11-20"}}
	if h.control.asked != want {
		t.Errorf("asked for %+v", h.control.asked)
	}
	h.admin("GET", "/statistics/series", "").names("query.site")
	h.admin("GET", "/statistics/series?site=s1&kind=lift", "").names("query.kind")
	h.admin("GET", "/statistics/series?site=s9", "").problem(404, "not_found")
}

func TestStatisticsTellWhatDevicesDid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const busy = `"orders":3,"confirmed":{"count":1,"p50Ms":1500,"p95Ms":1500,"maxMs":1500},"uploads":{"count":0,"p50Ms":null,"p95Ms":null,"maxMs":null},
		"passages":42,"denied":1,"hours":[{"direction":"in","hours":[0,0,0,0,0,0,0,0,40,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2]}],
		"availability":{"upMs":10800000,"downMs":3600000,"unknownMs":0,"share":0.75,"drops":2,"outages":1}`
	h.admin("GET", "/statistics?site=s1&from=2026-11-20&to=2026-11-21&device=d1", "").is(200, `{"site":"s1","first":"2026-11-20","last":"2026-11-21",
		"from":"2026-11-21T12:00:00Z","to":"2026-11-21T13:00:00Z","orderLimitMs":2000,"uploadLimitMs":5000,"sum":{`+busy+`},
		"devices":[{"id":"d1","name":"=North","zone":"z1","kind":"gate","retired":false,`+busy+`},
			{"id":"d2","name":"Eye","zone":"z1","kind":"camera","retired":true,"orders":0,"confirmed":{"count":0,"p50Ms":null,"p95Ms":null,"maxMs":null},
				"uploads":{"count":0,"p50Ms":null,"p95Ms":null,"maxMs":null},"passages":0,"denied":0,"hours":[],
				"availability":{"upMs":0,"downMs":0,"unknownMs":0,"share":null,"drops":0,"outages":0}}]}`)
	want := statistics.Query{Site: "s1", Device: "d1", Days: devices.Days{First: "2026-11-20", Last: "2026-11-21"}}
	if h.control.asked != want {
		t.Errorf("asked for %+v", h.control.asked)
	}
	h.admin("GET", "/statistics", "").names("query.site")
	h.admin("GET", "/statistics?site=s9", "").problem(404, "not_found")
}

func TestStatisticsAreAFileThatSpreadsheetsOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("GET", "/statistics/export?site=s1&from=2026-11-20&to=2026-11-21", "")
	a.wants(200)
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="statistics-2026-11-20-2026-11-21.csv"` {
		t.Error(got)
	}
	lines := strings.Split(strings.TrimSpace(a.body), "\r\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "\ufeffid,name,") ||
		lines[1] != `d1,'=North,North,gate,2026-11-20,2026-11-21,3,1,1500,1500,1500,0,,,,75.000,2,1,42,1` ||
		lines[2] != `d2,Eye,North,camera,2026-11-20,2026-11-21,0,0,,,,0,,,,,0,0,0,0` {
		t.Errorf("%q", lines)
	}
	h.admin("GET", "/statistics/export?site=s9", "").problem(404, "not_found")
}
