package web

import (
	"context"
	"strings"
	"testing"

	"gatehouse/devices"
)

// machine is a server with one full disk and two lines in its log.
type machine struct{ asked LogQuery }

func (m *machine) State(context.Context) SystemState {
	free, total := int64(10), int64(1000)
	return SystemState{
		At: noon, Version: "1.2.3", Go: "go1.25", Platform: "linux/amd64", Started: noon,
		Parts:   []SystemPart{{Name: "disk", State: "bad", Why: "full", Bytes: &free, Total: &total}},
		Storage: SystemStorage{Database: 7, DiskFree: &free, DiskTotal: &total, KeepPictures: 30},
	}
}

func (m *machine) Settings() []SystemSetting {
	return []SystemSetting{{Key: "data.key", Value: "[secret]", Secret: true}}
}

func (m *machine) Log(q LogQuery) LogPage {
	m.asked = q
	return LogPage{Lines: []LogLine{
		{Number: 2, At: noon, Level: "WARN", Message: "no\nroom", Attributes: "free=10"}, {Number: 1, At: noon, Level: "INFO", Message: "started"},
	}, Kept: 2}
}

func TestTheSystemSaysHowEachPartIs(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/system", "").is(200, `{"at":"2026-11-21T12:00:00Z","version":"1.2.3","go":"go1.25","platform":"linux/amd64","started":"2026-11-21T12:00:00Z",
		"parts":[{"name":"disk","state":"bad","why":"full","milliseconds":null,"bytes":10,"total":1000,"count":null,"time":null,"detail":""}],
		"storage":{"database":7,"wal":0,"sessions":0,"pictures":null,"pictureCount":0,"oldestPicture":null,"trailRows":0,"diskFree":10,"diskTotal":1000,
		"growthPerDay":null,"growthSince":null,"keepPictures":30,"pictureSpace":0,"keepStates":0,"keepAuditTrail":0}}`)
}

func TestSettingsAndLogAreForThoseWhoRunTheServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/system/settings", "").is(200, `{"settings":[{"key":"data.key","value":"[secret]","secret":true}]}`)
	table := accessTable()
	for _, path := range []string{"/system/settings", "/system/log", "/system/log/export"} {
		if r := table[at("GET", path)]; r.who != needsVerb || r.verb != devices.ManageBroker {
			t.Errorf("%s: %+v", path, r)
		}
	}
}

func TestTheLogIsFilteredAndSavedTheOldestFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/system/log?level=WARN&text=room&before=9&limit=2&requests=true", "").is(200, `{"lines":[
		{"number":2,"at":"2026-11-21T12:00:00Z","level":"WARN","message":"no\nroom","attributes":"free=10"},
		{"number":1,"at":"2026-11-21T12:00:00Z","level":"INFO","message":"started","attributes":""}],"more":false,"kept":2,"missed":0}`)
	if want := (LogQuery{Level: "WARN", Text: "room", Requests: true, Before: 9, Limit: 2}); h.machine.asked != want {
		t.Errorf("asked %+v", h.machine.asked)
	}
	a := h.admin("GET", "/system/log/export?level=INFO", "").wants(200)
	want := "2026-11-21T12:00:00.000Z INFO \"started\" \n2026-11-21T12:00:00.000Z WARN \"no\\nroom\" free=10\n"
	if a.body != want || !strings.HasPrefix(a.header.Get("Content-Disposition"), `attachment; filename="gatehouse-2026-11-21`) {
		t.Errorf("%q as %v", a.body, a.header)
	}
	if h.machine.asked != (LogQuery{Level: "INFO"}) {
		t.Errorf("asked %+v", h.machine.asked)
	}
	h.admin("GET", "/system/log?level=LOUD", "").names("query.level")
	h.admin("GET", "/system/log?limit=501", "").names("query.limit")
}
