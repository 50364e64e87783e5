package web

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/operators"
	"gatehouse/devices/replay"
	"gatehouse/devices/timetable"
)

func (c *control) Replay(_ context.Context, q replay.Query) (replay.Replay, error) {
	c.replayed = q
	event := devices.Event{Device: "d1", ID: "e1", Type: "passage", Camera: "c1", Picture: true, DeviceTime: noon, ArrivedAt: noon}
	hold := devices.Layer{Zone: "z1", Set: true, Setting: arbiter.Setting{
		Layer: arbiter.Hold, Mode: devices.HeldOpen, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: "s1", ID: "d1"}, By: arbiter.Who{Kind: "operator", ID: "o1", Name: "Wang"}, Reason: "fair", Since: noon,
	}}
	all := []replay.Line{
		{Kind: replay.Layer, Device: "d1", Zone: "z1", Layer: &hold},
		{Kind: replay.Switch, Switch: &timetable.Run{Timetable: "t1", Site: "s1", Name: "Day", Due: noon, Claimed: noon, Why: timetable.Began, Mode: devices.HeldOpen, Until: noon.Add(time.Hour), Outcome: timetable.Done}},
		{Kind: replay.Link, Device: "d1", Zone: "z1", Link: &replay.LinkChange{Cause: "keep-alive", Since: noon.Add(-time.Hour)}},
		{Kind: replay.Change, Device: "d1", Zone: "z1", Change: &devices.StateChange{ID: 3, Device: "d1", Field: "physical", Was: "closed", Now: "open", DeviceTime: noon, ArrivedAt: noon}},
		{Kind: replay.Event, Device: "d1", Zone: "z1", Event: &event},
		{Kind: replay.Picture, Device: "c1", Zone: "z1", Picture: &replay.Taken{Event: "e1", Width: 640, Height: 480}},
		{Kind: replay.Alarm, Device: "d1", Zone: "z1", Alarm: &replay.Alarmed{Entry: alarms.Entry{Alarm: "a1", What: alarms.WasRaised, Text: "in"}, Type: "tamper", Severity: "major"}},
	}
	if q.Audit {
		all = append([]replay.Line{{Kind: replay.Act, Act: &devices.AuditRow{ID: 5, AuditEntry: devices.AuditEntry{At: noon, Actor: wang, Verb: "device.rename", Site: "s1", Object: "device:d1", Detail: "{}", Outcome: "ok"}}}}, all...)
	}
	for i := range all {
		all[i].At = noon
	}
	return replay.Replay{
		Site: devices.Site{ID: "s1"}, From: q.From, To: q.To, Lines: all, Quiet: 3, UpTo: noon,
		Lanes: []replay.Lane{{Device: gateLive().Device, Before: replay.Before{Connected: true, Since: noon, Cause: "keep-alive", Values: map[string]string{"physical": "closed"}}}},
	}, c.err
}

const replayWindow = "&from=2026-11-21T11:00:00Z&to=2026-11-21T13:00:00Z"

func TestReplayTellsEveryKindOfLineWithWhoAndWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	line := func(kind, device, zone string, opens bool, body string) string {
		return fmt.Sprintf(`{"at":"2026-11-21T12:00:00Z","kind":%q,"device":%q,"zone":%q,"opens":%v,%q:%s}`, kind, device, zone, opens, kind, body)
	}
	h.do("GET", "/api/v1/replay?device=d1"+replayWindow, "", as(operators.Guard)).is(200, `{"site":"s1","from":"2026-11-21T11:00:00Z","to":"2026-11-21T13:00:00Z",
		"quiet":3,"upTo":"2026-11-21T12:00:00Z","audit":false,"devices":[{"id":"d1","name":"North in","zone":"z1","kind":"gate","retired":false,
			"link":{"status":"offline","since":"2026-11-21T12:00:00Z","cause":"keep-alive","flapping":false,"flappingSince":null},"values":{"physical":"closed"}}],
		"lines":[`+strings.Join([]string{
		line("layer", "d1", "z1", true, `{"id":"hold.device.d1","site":"s1","zone":"z1","set":true,"layer":"hold","scope":{"kind":"device","id":"d1","direction":""},"mode":"held_open","by":{"kind":"operator","id":"o1","name":"Wang"},"reason":"fair","since":"2026-11-21T12:00:00Z","until":null,"revision":0}`),
		line("switch", "", "", true, `{"timetable":"t1","name":"Day","site":"s1","due":"2026-11-21T12:00:00Z","claimed":"2026-11-21T12:00:00Z","why":"began","mode":"held_open","until":"2026-11-21T13:00:00Z","firstArrival":false,"outcome":"done","detail":"","by":"","checked":null}`),
		line("link", "d1", "z1", false, `{"online":false,"cause":"keep-alive","since":"2026-11-21T11:00:00Z","missed":0}`),
		line("change", "d1", "z1", false, `{"id":3,"device":"d1","field":"physical","was":"closed","now":"open","deviceTime":"2026-11-21T12:00:00Z","arrivedAt":"2026-11-21T12:00:00Z","command":"","revision":0}`),
		line("event", "d1", "z1", false, eventJSON),
		line("picture", "c1", "z1", false, `{"event":"e1","width":640,"height":480}`),
		line("alarm", "d1", "z1", false, `{"id":"a1","type":"tamper","severity":"major","what":"raised","by":null,"text":"in"}`),
	}, ",")+`]}`)
	if q := h.control.replayed; q.Device != "d1" || q.Audit || q.Openings || q.Limit != 2000 || !q.From.Equal(noon.Add(-time.Hour)) || !q.To.Equal(noon.Add(time.Hour)) {
		t.Errorf("asked %+v", q)
	}
}

func TestReplayHasRowsOfTheAuditTrailForThoseWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for role, sees := range map[operators.Role]bool{operators.Guard: false, operators.Installer: false, operators.Manager: true, operators.Auditor: true} {
		a := h.do("GET", "/api/v1/replay?site=s1&openings=true"+replayWindow, "", as(role)).wants(200)
		if h.control.replayed.Audit != sees || strings.Contains(a.body, "device.rename") != sees || !h.control.replayed.Openings {
			t.Errorf("%s: asked %+v, %s", role, h.control.replayed, a.body)
		}
	}
}

func TestReplayNamesWhatIsWrongWithAQuestion(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/replay?device=d1", "").names("query.from")
	h.admin("GET", "/replay?device=d1&from=yesterday&to=2026-11-21T13:00:00Z", "").names("query.from")
	h.admin("GET", "/replay?device=d1&limit=2001"+replayWindow, "").names("query.limit")
	h.control.err = refusal(devices.Invalid, "to", "must be later than from")
	h.admin("GET", "/replay?device=d1"+replayWindow, "").names("query.to")
}
