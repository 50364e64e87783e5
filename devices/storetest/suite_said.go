package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

func passage(id string, d devices.Device, at time.Time) devices.Event {
	return devices.Event{
		Device: d.ID, ID: devices.EventID(id), Site: d.Site, Zone: d.Zone, Seq: 4, Type: "passage", Command: "cmd-1",
		Direction: "in", Result: "denied", Reason: "not permitted", Credential: "plate:粤B12345", Physical: devices.Open,
		Trigger: "vehicle", Camera: "c1", DeviceTime: at.Add(-time.Second), ArrivedAt: at,
	}
}

// reaches is a reach of some places.
func reaches(places ...devices.Place) *devices.Reach {
	clocks := devices.Clocks{}
	for _, p := range places {
		clocks[p.Site] = time.UTC
	}
	r := devices.Scope{Places: places}.Reach(t0, clocks)
	return &r
}

// placeOf is the zone that a device stands in.
func placeOf(d devices.Device) devices.Place { return devices.Place{Site: d.Site, Zone: d.Zone} }

func addEvent(t *testing.T, s devices.Store, e devices.Event) devices.Revision {
	t.Helper()
	r, existed, err := s.AddEvent(context.Background(), e)
	ok(t, err)
	if existed {
		t.Errorf("event %s existed", e.ID)
	}
	return r
}

func eventOnce(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	want := passage("e1", registered[0], t0)
	want.Revision = addEvent(t, s, want)
	again := want
	again.ArrivedAt, again.Revision = t0.Add(time.Hour), 0
	r, existed, err := s.AddEvent(ctx, again)
	ok(t, err)
	equal(t, "existed", existed, true)
	equal(t, "revision", r, want.Revision)
	equal(t, "event", must[devices.Event](t)(s.Event(ctx, "g1", "e1")), want)
	equal(t, "events", len(must[[]devices.Event](t)(s.Events(ctx, devices.EventQuery{}))), 1)
	// The id is the device's own: another device may use the same.
	addEvent(t, s, passage("e1", registered[1], t0))
}

func eventConflict(t *testing.T, s devices.Store) {
	property(t, s)
	addEvent(t, s, passage("e1", registered[0], t0))
	for name, change := range map[string]func(*devices.Event){
		"seq":         func(e *devices.Event) { e.Seq++ },
		"type":        func(e *devices.Event) { e.Type = "movement" },
		"command":     func(e *devices.Event) { e.Command = "" },
		"direction":   func(e *devices.Event) { e.Direction = "out" },
		"result":      func(e *devices.Event) { e.Result = "granted" },
		"reason":      func(e *devices.Event) { e.Reason = "x" },
		"credential":  func(e *devices.Event) { e.Credential = "none" },
		"physical":    func(e *devices.Event) { e.Physical = devices.Closed },
		"trigger":     func(e *devices.Event) { e.Trigger = "hand" },
		"camera":      func(e *devices.Event) { e.Camera = "" },
		"device time": func(e *devices.Event) { e.DeviceTime = e.DeviceTime.Add(time.Second) },
	} {
		e := passage("e1", registered[0], t0)
		change(&e)
		_, _, err := s.AddEvent(context.Background(), e)
		if devices.CodeOf(err) != devices.Conflict {
			t.Errorf("other %s: %v, want a conflict", name, err)
		}
	}
	e := must[devices.Event](t)(s.Event(context.Background(), "g1", "e1"))
	equal(t, "same content", e.SameContent(passage("e1", registered[0], t0)), true)
}

func eventsSelected(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	addEvent(t, s, passage("e1", registered[0], t0))
	addEvent(t, s, passage("e2", registered[1], t0.Add(time.Second)))
	addEvent(t, s, passage("e3", registered[2], t0.Add(2*time.Second)))
	addEvent(t, s, passage("e4", registered[0], t0.Add(3*time.Second)))
	for _, test := range []struct {
		name string
		q    devices.EventQuery
		want []devices.EventID
	}{
		{"all", devices.EventQuery{}, []devices.EventID{"e4", "e3", "e2", "e1"}},
		{"device", devices.EventQuery{Device: "g1"}, []devices.EventID{"e4", "e1"}},
		{"site", devices.EventQuery{Site: "s1"}, []devices.EventID{"e4", "e2", "e1"}},
		{"before", devices.EventQuery{Before: t0.Add(2 * time.Second)}, []devices.EventID{"e2", "e1"}},
		{"zone", devices.EventQuery{Zone: registered[1].Zone}, []devices.EventID{"e2"}},
		{"type", devices.EventQuery{Type: "movement"}, nil},
		{"from", devices.EventQuery{From: t0.Add(time.Second), Before: t0.Add(3 * time.Second)}, []devices.EventID{"e3", "e2"}},
		{"limit", devices.EventQuery{Limit: 1}, []devices.EventID{"e4"}},
		{"nothing", devices.EventQuery{Device: "none"}, nil},
		{"out of reach", devices.EventQuery{Within: &devices.Reach{}}, nil},
		{"a site in reach", devices.EventQuery{Within: reaches(devices.Place{Site: "s1"})}, []devices.EventID{"e4", "e2", "e1"}},
		{"a zone in reach", devices.EventQuery{Within: reaches(placeOf(registered[1]))}, []devices.EventID{"e2"}},
		{"a site and a zone in reach", devices.EventQuery{Limit: 2, Within: reaches(placeOf(registered[1]), devices.Place{Site: registered[2].Site})}, []devices.EventID{"e3", "e2"}},
		{"a foreign site", devices.EventQuery{Site: "s1", Within: reaches(devices.Place{Site: registered[2].Site})}, nil},
	} {
		var got []devices.EventID
		for _, e := range must[[]devices.Event](t)(s.Events(ctx, test.q)) {
			got = append(got, e.ID)
		}
		equal(t, test.name, got, test.want)
	}
}

// A device that was offline tells hundreds of events in one millisecond.
func eventsPaged(t *testing.T, s devices.Store) {
	property(t, s)
	var want, got []devices.EventID
	for i := range 7 {
		e := passage(fmt.Sprintf("e%d", i), registered[i%2], t0)
		addEvent(t, s, e)
		want = append([]devices.EventID{e.ID}, want...)
	}
	q := devices.EventQuery{Limit: 3}
	for {
		page := must[[]devices.Event](t)(s.Events(context.Background(), q))
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			got = append(got, e.ID)
			q.Older = devices.EventKey{Device: e.Device, ID: e.ID}
		}
	}
	equal(t, "pages", got, want)
}

func lastEvent(t *testing.T, s devices.Store) {
	property(t, s)
	addEvent(t, s, passage("e1", registered[0], t0))
	want := passage("e2", registered[0], t0.Add(time.Second))
	want.Revision = addEvent(t, s, want)
	l := live(t, s, "g1")
	if l.Last == nil {
		t.Fatal("the device has no last event")
	}
	equal(t, "last event", *l.Last, want)
	equal(t, "revision", l.Revision, want.Revision)
}

func quarantineKeeps(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	for _, payload := range [][]byte{{0, 0xff, '{', '\''}, {}} {
		ok(t, s.Quarantine(ctx, devices.Quarantined{
			Device: "g1", Site: "s1", Topic: "gatehouse/v1/devices/s1/g1/state", Payload: payload,
			Problem: "at: missing", Arrived: t0,
		}))
	}
	ok(t, s.Quarantine(ctx, devices.Quarantined{Device: "stranger", Site: "nowhere", Topic: "t", Payload: []byte("x"), Problem: "unknown device", Arrived: t0}))
	all := must[[]devices.Quarantined](t)(s.Quarantined(ctx, 0))
	if len(all) != 3 {
		t.Fatalf("%d messages, want 3", len(all))
	}
	equal(t, "newest", all[0].Device, devices.DeviceID("stranger"))
	equal(t, "bytes", all[2].Payload, []byte{0, 0xff, '{', '\''})
	equal(t, "problem", all[2].Problem, "at: missing")
	equal(t, "topic", all[2].Topic, "gatehouse/v1/devices/s1/g1/state")
	equal(t, "arrival", all[2].Arrived, t0)
	if all[0].ID <= all[1].ID || all[1].ID <= all[2].ID {
		t.Errorf("ids do not rise: %d, %d, %d", all[2].ID, all[1].ID, all[0].ID)
	}
	equal(t, "limited", len(must[[]devices.Quarantined](t)(s.Quarantined(ctx, 1))), 1)
}

func conflictKeptOnce(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	q := devices.Quarantined{
		Device: "g1", Site: "s1", Topic: "gatehouse/v1/devices/s1/g1/event", Payload: []byte(`{"id":"e1"}`), Problem: "id: …", Why: devices.OtherContent, Arrived: t0,
	}
	again, other, bad := q, q, q
	again.Arrived = t0.Add(time.Minute)
	other.Payload = []byte(`{"id":"e1","seq":2}`)
	bad.Why = devices.Malformed
	for _, m := range []devices.Quarantined{q, again, other, bad, bad} {
		ok(t, s.Quarantine(ctx, m))
	}
	all := must[[]devices.Quarantined](t)(s.Quarantined(ctx, 0))
	if len(all) != 4 {
		t.Fatalf("%d messages, want the conflict once, the other one, and each that is only malformed", len(all))
	}
	equal(t, "why", all[3].Why, devices.OtherContent)
	equal(t, "arrival", all[3].Arrived, t0)
}

func audited(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s) // 8 writes
	_, _, err := s.AddCommand(ctx, order("c-1", "key-00001", registered[0]), audit("device.command", "device:g1"))
	ok(t, err)
	rows := must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))
	if len(rows) != 9 {
		t.Fatalf("%d audit rows, want 9", len(rows))
	}
	equal(t, "entry", rows[0].AuditEntry, audit("device.command", "device:g1"))
	ok(t, s.AddAudit(ctx, audit("broker.kick", "client:g1")))
	rows = must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))
	if len(rows) != 10 {
		t.Fatalf("%d audit rows, want 10", len(rows))
	}
	equal(t, "entry of its own", rows[0].AuditEntry, audit("broker.kick", "client:g1"))
	for i := range rows[1:] {
		if rows[i].ID <= rows[i+1].ID {
			t.Errorf("row %d (%d) is not newer than the next (%d)", i, rows[i].ID, rows[i+1].ID)
		}
	}
	older := must[[]devices.AuditRow](t)(s.Audit(ctx, rows[3].ID, 2))
	equal(t, "older", older, rows[4:6])
}

func tally(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	from, to := t0, t0.Add(time.Hour)
	for id, at := range map[string]time.Time{"e1": from.Add(-time.Millisecond), "e2": from, "e3": to.Add(-time.Millisecond), "e4": to} {
		addEvent(t, s, passage(id, registered[0], at))
	}
	addEvent(t, s, passage("e5", registered[2], from)) // the other site
	movement := passage("e6", registered[0], from)
	movement.Type = "movement"
	r := addEvent(t, s, movement)
	for _, at := range []time.Time{from.Add(-time.Millisecond), from, to} {
		ok(t, s.Quarantine(ctx, devices.Quarantined{Device: "g1", Site: "s1", Topic: "t", Problem: "p", Arrived: at}))
	}
	got := must[devices.Tally](t)(s.Tally(ctx, "s1", from, to))
	equal(t, "passages", got.Passages, int64(2))
	equal(t, "quarantined", got.Quarantined, int64(1))
	equal(t, "ledger rows", got.LedgerRows, int64(0))
	if got.Revision < r {
		t.Errorf("the tally has revision %d, the site is at %d or more", got.Revision, r)
	}
}

func missingRows(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	check := func(_ any, err error) {
		t.Helper()
		wantCode(t, err, devices.NotFound)
	}
	check(s.Command(ctx, "none"))
	check(s.Event(ctx, "g1", "none"))
	check(s.SaveLink(ctx, "none", presence.Link{Status: presence.Online}))
	check(s.SaveState(ctx, "none", devices.State{}))
	check(s.SaveLadder(ctx, order("none", "key-00001", registered[0])))
	check(s.Tally(ctx, "none", t0, t0))
	nobody := registered[0]
	nobody.ID = "none"
	_, _, err := s.AddCommand(ctx, order("c-9", "key-00009", nobody), audit("device.command", "device:none"))
	wantCode(t, err, devices.NotFound)
	_, _, err = s.AddEvent(ctx, passage("e1", nobody, t0))
	wantCode(t, err, devices.NotFound)
}
