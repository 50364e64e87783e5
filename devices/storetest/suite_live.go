package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
)

func linkAndState(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	link := presence.Link{Status: presence.Offline, Since: t0, Cause: "keep-alive", Epoch: 7, Remote: "192.0.2.9:5123"}
	r1 := must[devices.Revision](t)(s.SaveLink(ctx, "g1", link))
	state := devices.State{
		Mode: devices.Controlled, Modes: map[string]devices.Mode{"in": devices.HeldOpen}, Physical: devices.MovingOpen, Tamper: true, Fault: "E12",
		Counters: map[string]int64{"in": 12, "out": 9}, Capabilities: []devices.Action{devices.ActionOpen, devices.ActionClose},
		Firmware: "1.4.2", Command: "cmd-1", DeviceTime: t0.Add(-time.Second), ReportedAt: t0,
		Alarm: devices.ForcedOpen, Power: devices.LowBattery, Signal: -67, Heartbeat: 30 * time.Second, Config: 3,
		Settings: map[string]string{"pulse": "500"}, Drift: devices.Drift{By: -1500 * time.Millisecond, At: t0},
	}
	r2 := must[devices.Revision](t)(s.SaveState(ctx, "g1", state))
	l := live(t, s, "g1")
	equal(t, "link", l.Link, link)
	equal(t, "state", l.State, state)
	equal(t, "revision", l.Revision, r2)
	if r2 <= r1 {
		t.Errorf("revision %d after %d", r2, r1)
	}
	// A later state replaces the whole of the earlier one.
	r3 := must[devices.Revision](t)(s.SaveState(ctx, "g1", devices.State{Physical: devices.Closed, ReportedAt: t0}))
	l = live(t, s, "g1")
	equal(t, "state", l.State, devices.State{Physical: devices.Closed, ReportedAt: t0})
	equal(t, "link", l.Link, link)
	equal(t, "revision", l.Revision, r3)
}

func revisionsRise(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	last := live(t, s, "t1").Revision
	for i, write := range []func() (devices.Revision, error){
		func() (devices.Revision, error) { return s.SaveLink(ctx, "g1", presence.Link{Status: presence.Online}) },
		func() (devices.Revision, error) { return s.SaveState(ctx, "t1", devices.State{Physical: devices.Open}) },
		func() (devices.Revision, error) {
			c, _, err := s.AddCommand(ctx, order("c-1", "key-00001", registered[0]), audit("device.command", "device:g1"))
			return c.Revision, err
		},
		func() (devices.Revision, error) {
			return s.SaveLadder(ctx, order("c-1", "key-00001", registered[0]))
		},
		func() (devices.Revision, error) {
			r, _, err := s.AddEvent(ctx, passage("e1", registered[0], t0))
			return r, err
		},
	} {
		r := must[devices.Revision](t)(write())
		if r <= last {
			t.Errorf("write %d: revision %d after %d", i, r, last)
		}
		last = r
	}
	for _, site := range must[[]devices.Site](t)(s.Sites(ctx)) {
		if site.ID == "s1" && site.Revision != last {
			t.Errorf("the site's revision is %d, want that of the last write: %d", site.Revision, last)
		}
	}
}

func commandComesBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	want := order("c-1", "key-00001", registered[0])
	stored, existed, err := s.AddCommand(ctx, want, audit("device.command", "device:g1"))
	ok(t, err)
	if existed || stored.Revision < 1 {
		t.Errorf("existed %v, revision %d", existed, stored.Revision)
	}
	want.Revision = stored.Revision
	want.Actor.Address = stored.Actor.Address
	equal(t, "stored", stored, want)
	back := must[devices.Command](t)(s.Command(ctx, "c-1"))
	want.Actor.Address = back.Actor.Address // the audit trail keeps it; the command need not
	equal(t, "command", back, want)
}

func sameKey(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	one, _, err := s.AddCommand(ctx, order("c-1", "key-00001", registered[0]), audit("device.command", "device:g1"))
	ok(t, err)
	rows := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	other := order("c-2", "key-00001", registered[0])
	other.Reason = "another"
	two, existed, err := s.AddCommand(ctx, other, audit("device.command", "device:g1"))
	ok(t, err)
	equal(t, "existed", existed, true)
	equal(t, "id", two.ID, one.ID)
	equal(t, "reason", two.Reason, one.Reason)
	equal(t, "ladder", two.Ladder, one.Ladder)
	equal(t, "commands", len(must[[]devices.Command](t)(s.Commands(ctx, devices.CommandQuery{Device: "g1"}))), 1)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), rows)
}

func sameKeyParallel(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	const n = 8
	type result struct {
		c       devices.Command
		existed bool
		err     error
	}
	results := make(chan result)
	for i := range n {
		go func() {
			c, existed, err := s.AddCommand(ctx, order("c-"+string(rune('a'+i)), "key-00001", registered[0]), audit("device.command", "device:g1"))
			results <- result{c, existed, err}
		}()
	}
	made, ids := 0, map[devices.CommandID]bool{}
	for range n {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
			continue
		}
		ids[r.c.ID] = true
		if !r.existed {
			made++
		}
	}
	if made != 1 || len(ids) != 1 {
		t.Errorf("%d commands made, ids %v; want one", made, ids)
	}
}

func keysPerDevice(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	for i, c := range []devices.Command{
		order("c-1", "key-00001", registered[0]), order("c-2", "key-00002", registered[0]), order("c-3", "key-00001", registered[1]),
	} {
		_, existed, err := s.AddCommand(ctx, c, audit("device.command", "device:"+string(c.Device)))
		ok(t, err)
		if existed {
			t.Errorf("command %d existed", i)
		}
	}
	for _, d := range registered[:2] {
		c := must[devices.Command](t)(s.CommandByKey(ctx, d.ID, "key-00001"))
		equal(t, "device of the key", c.Device, d.ID)
	}
	_, err := s.CommandByKey(ctx, registered[1].ID, "key-00002")
	wantCode(t, err, devices.NotFound)
}

func numbersAreRemembered(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	equal(t, "numbers before the first", must[map[devices.DeviceID]int64](t)(s.CommandSeqs(ctx)), map[devices.DeviceID]int64{})
	for _, id := range []string{"c-3", "c-1", "c-2"} { // records that were late come in any order
		stored, _, err := s.AddCommand(ctx, order(id, "key-"+id, registered[0]), audit("device.command", "device:g1"))
		ok(t, err)
		equal(t, "number", stored.Seq, order(id, "", registered[0]).Seq)
	}
	want := map[devices.DeviceID]int64{"g1": order("c-3", "", registered[0]).Seq}
	equal(t, "greatest numbers", must[map[devices.DeviceID]int64](t)(s.CommandSeqs(ctx)), want)
}

func keysAreRemembered(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	for i, id := range []string{"c-1", "c-2", "c-3"} {
		c := order(id, "key-"+id, registered[0])
		c.Issued = t0.Add(time.Duration(i) * time.Minute)
		_, _, err := s.AddCommand(ctx, c, audit("device.command", "device:g1"))
		ok(t, err)
	}
	newest := devices.CommandKey{Device: "g1", Key: "key-c-3", ID: "c-3"}
	before := devices.CommandKey{Device: "g1", Key: "key-c-2", ID: "c-2"}
	equal(t, "keys", must[[]devices.CommandKey](t)(s.CommandKeys(ctx, t0.Add(time.Minute), 10)), []devices.CommandKey{newest, before})
	equal(t, "keys within the limit", must[[]devices.CommandKey](t)(s.CommandKeys(ctx, t0, 1)), []devices.CommandKey{newest})
}

func ladderSaved(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	c, _, err := s.AddCommand(ctx, order("c-1", "key-00001", registered[0]), audit("device.command", "device:g1"))
	ok(t, err)
	equal(t, "open", len(must[[]devices.Command](t)(s.OpenCommands(ctx))), 1)
	for _, step := range []command.Step{command.Sent, command.Done, command.Confirmed} {
		c.Ladder, _ = command.Record(c.Ladder, command.Rung{Step: step, At: t0.Add(time.Second), Detail: "说明"})
		c.Revision = must[devices.Revision](t)(s.SaveLadder(ctx, c))
	}
	back := must[devices.Command](t)(s.Command(ctx, "c-1"))
	equal(t, "ladder", back.Ladder, c.Ladder)
	equal(t, "revision", back.Revision, c.Revision)
	equal(t, "open", len(must[[]devices.Command](t)(s.OpenCommands(ctx))), 0)
}

func commandsNewestFirst(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	for _, id := range []string{"c-1", "c-2", "c-3"} {
		_, _, err := s.AddCommand(ctx, order(id, "key-"+id, registered[0]), audit("device.command", "device:g1"))
		ok(t, err)
	}
	equal(t, "commands", idsOf(t, s, devices.CommandQuery{Device: "g1", Limit: 2}), []devices.CommandID{"c-3", "c-2"})
	equal(t, "the next page", idsOf(t, s, devices.CommandQuery{Device: "g1", Older: "c-2", Limit: 2}), []devices.CommandID{"c-1"})
	equal(t, "the page after the last", len(idsOf(t, s, devices.CommandQuery{Device: "g1", Older: "c-1"})), 0)
}

// commandsSelected has one order of a guard and, an hour later, one of a schedule.
func commandsSelected(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	first, second := order("c-1", "key-c-1", registered[0]), order("c-2", "key-c-2", registered[0])
	second.Action, second.Issued = devices.ActionClose, t0.Add(time.Hour)
	second.Actor = devices.Actor{Kind: devices.ActorSchedule, ID: "s1", Name: "evenings"}
	for _, c := range []devices.Command{first, second} {
		_, _, err := s.AddCommand(ctx, c, audit("device.command", "device:g1"))
		ok(t, err)
	}
	for q, want := range map[devices.CommandQuery]devices.CommandID{
		{Action: devices.ActionOpen}:    "c-1",
		{Action: devices.ActionClose}:   "c-2",
		{By: devices.ActorOperator}:     "c-1",
		{By: devices.ActorSchedule}:     "c-2",
		{From: t0.Add(time.Second)}:     "c-2",
		{Before: t0.Add(time.Hour)}:     "c-1",
		{Older: "c-2", From: t0}:        "c-1",
		{From: t0, Before: t0.Add(1e9)}: "c-1",
	} {
		q.Device = "g1"
		equal(t, fmt.Sprintf("selected by %+v", q), idsOf(t, s, q), []devices.CommandID{want})
	}
	equal(t, "of another device", len(idsOf(t, s, devices.CommandQuery{Device: "t1"})), 0)
}

func idsOf(t *testing.T, s devices.Store, q devices.CommandQuery) (ids []devices.CommandID) {
	t.Helper()
	for _, c := range must[[]devices.Command](t)(s.Commands(context.Background(), q)) {
		ids = append(ids, c.ID)
	}
	return ids
}
