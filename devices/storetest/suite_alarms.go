package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/command"
)

// RunAlarms checks every promise of alarms.Store. open gives a new, empty store of
// alarms and the devices.Store that it follows.
func RunAlarms(t *testing.T, open func(t *testing.T) (devices.Store, alarms.Store)) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, d devices.Store, s alarms.Store)
	}{
		{"AlarmComesBackWithItsHistory", alarmComesBack},
		{"OneOfADeviceAndTypeIsOpen", oneOpen},
		{"CauseIsCountedOnce", causeOnce},
		{"ChangeIsDoneWholeOrNotAtAll", changeWhole},
		{"AlarmsAreSelected", alarmsSelected},
		{"AlarmsAreCountedByWhenTheyWereRaised", alarmsCounted},
		{"WhatIsCommittedIsFound", committedFound},
		{"WhatIsFoundInPartsIsComplete", foundInParts},
		{"CursorsRise", cursorsRise},
		{"MutesComeBackUntilTheyAreTakenAway", mutesComeBack},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, s := open(t)
			property(t, d)
			test.run(t, d, s)
		})
	}
}

func anAlarm(id alarms.ID, d devices.Device, typ alarms.Type) alarms.Alarm {
	k, _ := alarms.KindOf(typ)
	return alarms.Alarm{
		ID: id, Site: d.Site, Zone: d.Zone, Device: d.ID, Type: typ, Severity: k.Severity,
		Raised: t0, LastSeen: t0.Add(time.Second), Count: 3, Detail: "说明", Cause: alarms.Cause{Kind: alarms.CauseEvent, ID: string(d.ID) + "/e1"},
	}
}

func alarmsCounted(t *testing.T, _ devices.Store, s alarms.Store) {
	put := func(id alarms.ID, d devices.Device, typ alarms.Type, raised time.Duration, resolved bool) {
		a := anAlarm(id, d, typ)
		a.Raised = t0.Add(raised)
		if resolved {
			a.Resolved = a.Raised.Add(time.Minute)
		}
		putAlarm(t, s, a)
	}
	g := registered[0]
	put("a1", g, alarms.Offline, -time.Microsecond, true)
	put("a2", g, alarms.Offline, 0, true)
	put("a3", g, alarms.Fault, time.Minute, true)
	put("a4", g, alarms.Offline, time.Hour-time.Microsecond, false)
	put("a5", g, alarms.Fault, time.Hour, false)
	for name, c := range map[string]struct {
		q    alarms.CountQuery
		want map[alarms.Type][2]int
	}{
		"an hour":      {alarms.CountQuery{Site: g.Site}, map[alarms.Type][2]int{alarms.Offline: {2, 1}, alarms.Fault: {1, 0}}},
		"elsewhere":    {alarms.CountQuery{Site: "s2"}, map[alarms.Type][2]int{}},
		"out of reach": {alarms.CountQuery{Site: g.Site, Within: &devices.Reach{}}, map[alarms.Type][2]int{}},
	} {
		c.q.From, c.q.To = t0, t0.Add(time.Hour)
		got := map[alarms.Type][2]int{}
		for _, n := range must[[]alarms.Count](t)(s.Count(context.Background(), c.q)) {
			got[n.Type] = [2]int{n.Raised, n.Open}
			if k, _ := alarms.KindOf(n.Type); n.Severity != k.Severity {
				t.Errorf("%s is %s", n.Type, n.Severity)
			}
		}
		equal(t, name, got, c.want)
	}
}

func apply(t *testing.T, s alarms.Store, c alarms.Change) devices.Revision {
	t.Helper()
	return must[devices.Revision](t)(s.Apply(context.Background(), c))
}

func putAlarm(t *testing.T, s alarms.Store, a alarms.Alarm) alarms.Alarm {
	t.Helper()
	a.Revision = apply(t, s, alarms.Change{Site: a.Site, Alarms: []alarms.Alarm{a}})
	return a
}

func alarmComesBack(t *testing.T, d devices.Store, s alarms.Store) {
	ctx := context.Background()
	rows := len(must[[]devices.AuditRow](t)(d.Audit(ctx, 0, 0)))
	a := anAlarm("a1", registered[0], alarms.Fault)
	who := alarms.Who{Kind: devices.ActorOperator, ID: "op-1", Name: "王芳"}
	raised := alarms.Entry{Alarm: "a1", At: t0, What: alarms.WasRaised, By: alarms.Who{Kind: devices.ActorSystem, ID: "alarms", Name: "alarms"}, Text: "E7", Cause: a.Cause}
	r1 := apply(t, s, alarms.Change{Site: a.Site, Alarms: []alarms.Alarm{a}, Entries: []alarms.Entry{raised}})
	a.Over, a.Acknowledged, a.AcknowledgedBy, a.Assignee = t0.Add(time.Minute), t0.Add(2*time.Minute), who, who
	a.Escalated, a.Muted, a.Resolved, a.ResolvedBy = t0.Add(time.Hour), true, t0.Add(2*time.Hour), who
	seen := alarms.Entry{Alarm: "a1", At: t0.Add(time.Minute), What: alarms.WasAcknowledged, By: who, Text: "我去看"}
	a.Revision = apply(t, s, alarms.Change{
		Site: a.Site, Alarms: []alarms.Alarm{a}, Entries: []alarms.Entry{seen}, Audit: []devices.AuditEntry{audit("alarm.acknowledge", "alarm:a1")},
	})
	if a.Revision <= r1 {
		t.Errorf("revision %d after %d", a.Revision, r1)
	}
	equal(t, "alarm", must[alarms.Alarm](t)(s.Alarm(ctx, "a1")), a)
	history := must[[]alarms.Entry](t)(s.History(ctx, "a1", 0))
	if len(history) != 2 || history[0].N <= history[1].N {
		t.Fatalf("history is %+v", history)
	}
	seen.N, raised.N = history[0].N, history[1].N
	equal(t, "history", history, []alarms.Entry{seen, raised})
	equal(t, "limited", len(must[[]alarms.Entry](t)(s.History(ctx, "a1", 1))), 1)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(d.Audit(ctx, 0, 0))), rows+1)
	_, err := s.Alarm(ctx, "none")
	wantCode(t, err, devices.NotFound)
}

func oneOpen(t *testing.T, _ devices.Store, s alarms.Store) {
	ctx := context.Background()
	a := putAlarm(t, s, anAlarm("a1", registered[0], alarms.Fault))
	_, err := s.Apply(ctx, alarms.Change{Site: "s1", Alarms: []alarms.Alarm{anAlarm("a2", registered[0], alarms.Fault)}})
	wantCode(t, err, devices.Conflict)
	putAlarm(t, s, anAlarm("a3", registered[0], alarms.Tamper))
	putAlarm(t, s, anAlarm("a4", registered[1], alarms.Fault))
	a.Resolved = t0.Add(time.Hour)
	putAlarm(t, s, a)
	putAlarm(t, s, anAlarm("a2", registered[0], alarms.Fault))
	open := must[[]alarms.Alarm](t)(s.Open(ctx))
	if len(open) != 3 || open[0].ID != "a4" || open[2].ID != "a2" {
		t.Errorf("open are %+v", open)
	}
}

func causeOnce(t *testing.T, _ devices.Store, s alarms.Store) {
	ctx := context.Background()
	a := anAlarm("a1", registered[0], alarms.Tailgating)
	one, two := alarms.Cause{Kind: alarms.CauseEvent, ID: "g1/e1"}, alarms.Cause{Kind: alarms.CauseCommand, ID: "g1/e1"}
	entry := func(c alarms.Cause) alarms.Entry {
		return alarms.Entry{Alarm: "a1", At: t0, What: alarms.WasRepeated, Cause: c}
	}
	apply(t, s, alarms.Change{Site: "s1", Alarms: []alarms.Alarm{a}, Entries: []alarms.Entry{entry(one), entry(alarms.Cause{}), entry(alarms.Cause{})}})
	equal(t, "known", must[[]alarms.Cause](t)(s.Known(ctx, []alarms.Cause{two, one, {}})), []alarms.Cause{one})
	_, err := s.Apply(ctx, alarms.Change{Site: "s1", Alarms: []alarms.Alarm{a}, Entries: []alarms.Entry{entry(one)}})
	wantCode(t, err, devices.Conflict)
	apply(t, s, alarms.Change{Site: "s1", Alarms: []alarms.Alarm{a}, Entries: []alarms.Entry{entry(two)}})
}

func changeWhole(t *testing.T, d devices.Store, s alarms.Store) {
	ctx := context.Background()
	putAlarm(t, s, anAlarm("a1", registered[0], alarms.Fault))
	rows := len(must[[]devices.AuditRow](t)(d.Audit(ctx, 0, 0)))
	_, err := s.Apply(ctx, alarms.Change{
		Site: "s1", Cursor: 5, Alarms: []alarms.Alarm{anAlarm("a2", registered[0], alarms.Tamper), anAlarm("a3", registered[0], alarms.Fault)},
		Mutes: []alarms.Mute{{Site: "s1", Device: "g1", Until: t0}}, Audit: []devices.AuditEntry{audit("alarm.mute", "device:g1")},
	})
	wantCode(t, err, devices.Conflict)
	equal(t, "open", len(must[[]alarms.Alarm](t)(s.Open(ctx))), 1)
	equal(t, "mutes", len(must[[]alarms.Mute](t)(s.Mutes(ctx))), 0)
	equal(t, "cursor", must[map[devices.SiteID]devices.Revision](t)(s.Cursors(ctx))["s1"], devices.Revision(0))
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(d.Audit(ctx, 0, 0))), rows)
}

func alarmsSelected(t *testing.T, _ devices.Store, s alarms.Store) {
	ctx := context.Background()
	a1, a2, a3, a4 := anAlarm("a1", registered[0], alarms.Fault), anAlarm("a2", registered[1], alarms.Tailgating),
		anAlarm("a3", registered[2], alarms.Offline), anAlarm("a4", registered[0], alarms.Tamper)
	a1.Resolved, a1.Acknowledged = t0, t0
	a2.Over = t0
	a3.Acknowledged = t0
	a3.Assignee = alarms.Who{Kind: devices.ActorOperator, ID: "o2", Name: "Li"}
	a4.Detail = "Lid is OPEN"
	for _, a := range []alarms.Alarm{a1, a2, a3, a4} {
		putAlarm(t, s, a)
	}
	for name, test := range map[string]struct {
		q    alarms.Query
		want []alarms.ID
	}{
		"all":           {alarms.Query{}, []alarms.ID{"a4", "a3", "a2", "a1"}},
		"open":          {alarms.Query{Open: true}, []alarms.ID{"a4", "a3", "a2"}},
		"site":          {alarms.Query{Site: "s2"}, []alarms.ID{"a3"}},
		"zone":          {alarms.Query{Zone: "z1"}, []alarms.ID{"a4", "a1"}},
		"device":        {alarms.Query{Device: "t1"}, []alarms.ID{"a2"}},
		"type":          {alarms.Query{Type: alarms.Offline}, []alarms.ID{"a3"}},
		"severity":      {alarms.Query{Severity: alarms.Major}, []alarms.ID{"a4", "a3", "a1"}},
		"raised":        {alarms.Query{State: alarms.Raised}, []alarms.ID{"a4"}},
		"over":          {alarms.Query{State: alarms.Over}, []alarms.ID{"a2"}},
		"acknowledged":  {alarms.Query{State: alarms.Acknowledged}, []alarms.ID{"a3"}},
		"resolved":      {alarms.Query{State: alarms.Resolved}, []alarms.ID{"a1"}},
		"assignee":      {alarms.Query{Assignee: "o2"}, []alarms.ID{"a3"}},
		"detail":        {alarms.Query{Text: "is open"}, []alarms.ID{"a4"}},
		"name":          {alarms.Query{Text: strings.ToUpper(registered[1].Name)}, []alarms.ID{"a2"}},
		"no text":       {alarms.Query{Text: "100%"}, nil},
		"text of open":  {alarms.Query{Text: "说明", Open: true}, []alarms.ID{"a3", "a2"}},
		"out of reach":  {alarms.Query{Within: &devices.Reach{}}, nil},
		"site in reach": {alarms.Query{Within: reaches(devices.Place{Site: "s2"})}, []alarms.ID{"a3"}},
		"zone in reach": {alarms.Query{Within: reaches(devices.Place{Site: "s1", Zone: "z1"})}, []alarms.ID{"a4", "a1"}},
		"page":          {alarms.Query{Before: "a4", Limit: 2}, []alarms.ID{"a3", "a2"}},
	} {
		var got []alarms.ID
		for _, a := range must[[]alarms.Alarm](t)(s.Alarms(ctx, test.q)) {
			got = append(got, a.ID)
		}
		equal(t, name, got, test.want)
	}
}

// ends makes a command of a device and ends it.
func ends(t *testing.T, d devices.Store, id string, of devices.Device, step command.Step) devices.Command {
	t.Helper()
	c, _, err := d.AddCommand(context.Background(), order(id, "key-"+id, of), audit("device.command", "device:"+string(of.ID)))
	ok(t, err)
	c.Ladder, _ = command.Record(c.Ladder, command.Rung{Step: step, At: t0})
	c.Revision = must[devices.Revision](t)(d.SaveLadder(context.Background(), c))
	return c
}

func said(id string, of devices.Device, typ string) devices.Event {
	e := passage(id, of, t0)
	e.Type = typ
	return e
}

func committedFound(t *testing.T, d devices.Store, s alarms.Store) {
	ctx := context.Background()
	start := must[alarms.Found](t)(s.Committed(ctx, "s1", 0, 100)).UpTo
	addEvent(t, d, passage("e1", registered[0], t0))
	want := said("e2", registered[0], "tamper")
	want.Revision = addEvent(t, d, want)
	addEvent(t, d, said("e3", registered[2], "tamper")) // of the other site
	c := ends(t, d, "c-1", registered[0], command.Uncertain)
	_, _, err := d.AddCommand(ctx, order("c-2", "key-00002", registered[0]), audit("device.command", "device:g1")) // goes on
	ok(t, err)
	ok(t, d.Quarantine(ctx, devices.Quarantined{Device: "t1", Site: "s1", Topic: "t", Payload: []byte("x"), Problem: "p", Why: devices.WrongKind, Arrived: t0}))
	ok(t, d.Quarantine(ctx, devices.Quarantined{Device: "nobody", Site: "s1", Topic: "t", Payload: []byte("x"), Problem: "p", Why: devices.Stranger, Arrived: t0}))
	f := must[alarms.Found](t)(s.Committed(ctx, "s1", start, 100))
	equal(t, "events", f.Events, []devices.Event{want})
	if len(f.Commands) != 1 || f.Commands[0].ID != "c-1" || f.Commands[0].Revision != c.Revision {
		t.Errorf("commands are %+v", f.Commands)
	}
	if q := f.Quarantined; len(q) != 2 || q[0].Zone != registered[1].Zone || q[0].Why != devices.WrongKind || q[1].Zone != "" {
		t.Errorf("quarantined are %+v", q)
	}
	if f.More || f.UpTo <= start {
		t.Errorf("up to %d, more %v", f.UpTo, f.More)
	}
	again := must[alarms.Found](t)(s.Committed(ctx, "s1", f.UpTo, 100))
	equal(t, "again", again, alarms.Found{UpTo: f.UpTo})
	_, err = s.Committed(ctx, "none", 0, 100)
	wantCode(t, err, devices.NotFound)
}

func foundInParts(t *testing.T, d devices.Store, s alarms.Store) {
	want := map[string]bool{}
	at := must[alarms.Found](t)(s.Committed(context.Background(), "s1", 0, 100)).UpTo
	for i := range 7 {
		e, c := fmt.Sprintf("e%d", i), fmt.Sprintf("c-%d", i)
		addEvent(t, d, said(e, registered[0], "tailgating"))
		want[e] = true
		if i%2 == 0 {
			ends(t, d, c, registered[0], command.Uncertain)
			want[c] = true
		}
	}
	got, order := map[string]int{}, devices.Revision(0)
	for more := true; more; {
		f := must[alarms.Found](t)(s.Committed(context.Background(), "s1", at, 2))
		for _, e := range f.Events {
			got[string(e.ID)]++
		}
		for _, c := range f.Commands {
			got[string(c.ID)]++
		}
		if f.UpTo < at || f.UpTo < order {
			t.Fatalf("up to %d after %d", f.UpTo, at)
		}
		at, more, order = f.UpTo, f.More, f.UpTo
	}
	for id := range want {
		if got[id] != 1 {
			t.Errorf("%s was found %d times", id, got[id])
		}
	}
	equal(t, "found", len(got), len(want))
}

func cursorsRise(t *testing.T, _ devices.Store, s alarms.Store) {
	cursors := func() map[devices.SiteID]devices.Revision {
		return must[map[devices.SiteID]devices.Revision](t)(s.Cursors(context.Background()))
	}
	equal(t, "new", cursors(), map[devices.SiteID]devices.Revision{"s1": 0, "s2": 0})
	equal(t, "revision", apply(t, s, alarms.Change{Site: "s1", Cursor: 7}), devices.Revision(0))
	apply(t, s, alarms.Change{Site: "s1", Cursor: 5})
	apply(t, s, alarms.Change{Site: "s1"})
	equal(t, "risen", cursors(), map[devices.SiteID]devices.Revision{"s1": 7, "s2": 0})
}

func mutesComeBack(t *testing.T, _ devices.Store, s alarms.Store) {
	ctx := context.Background()
	m := alarms.Mute{Site: "s1", Device: "g1", Since: t0, Until: t0.Add(time.Hour), By: alarms.Who{Kind: devices.ActorOperator, ID: "op-1", Name: "王芳"}, Reason: "换电机"}
	of := m
	of.Type = alarms.Fault
	apply(t, s, alarms.Change{Site: "s1", Mutes: []alarms.Mute{m, of}})
	m.Until = t0.Add(2 * time.Hour)
	apply(t, s, alarms.Change{Site: "s1", Mutes: []alarms.Mute{m}})
	apply(t, s, alarms.Change{Site: "s1", Unmutes: []alarms.Mute{of}})
	equal(t, "mutes", must[[]alarms.Mute](t)(s.Mutes(ctx)), []alarms.Mute{m})
}
