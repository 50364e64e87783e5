package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
)

// reported is a report at a minute.
func reported(minute int, change func(*devices.State)) devices.State {
	at := t0.Add(time.Duration(minute) * time.Minute)
	s := devices.State{
		Mode: devices.Controlled, Physical: devices.Closed, Counters: map[string]int64{"in": int64(minute)}, Signal: -50 - minute,
		Firmware: "1.0", Settings: map[string]string{"pulse": "500"}, DeviceTime: at.Add(-time.Second), ReportedAt: at,
	}
	if change != nil {
		change(&s)
	}
	return s
}

func fieldsOf(list []devices.StateChange) (all []string) {
	for _, c := range list {
		all = append(all, string(c.Device)+" "+c.Field+": "+c.Was+" → "+c.Now)
	}
	return all
}

func changesKept(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	save := func(d devices.DeviceID, state devices.State) devices.Revision {
		t.Helper()
		return must[devices.Revision](t)(s.SaveState(ctx, d, state))
	}
	find := func(q devices.ChangeQuery) []devices.StateChange {
		t.Helper()
		return must[[]devices.StateChange](t)(s.Changes(ctx, q))
	}
	gate := devices.ChangeQuery{Devices: []devices.DeviceID{"g1"}}
	save("g1", reported(0, nil))
	first := len(find(gate))
	for minute := 1; minute <= 3; minute++ {
		save("g1", reported(minute, nil)) // heartbeats
	}
	equal(t, "rows after heartbeats", len(find(gate)), first)

	open := reported(4, func(s *devices.State) { s.Physical, s.Command = devices.Open, "cmd-1" })
	r := save("g1", open)
	list := find(gate)
	equal(t, "the newest", list[0], devices.StateChange{
		ID: list[0].ID, Device: "g1", Field: "physical", Was: "closed", Now: "open",
		DeviceTime: open.DeviceTime, ArrivedAt: open.ReportedAt, Command: "cmd-1", Revision: r,
	})
	equal(t, "rows of one change", len(list), first+1)
	save("t1", reported(5, nil))
	save("g1", reported(6, func(s *devices.State) { s.Fault, s.Settings = "E7", map[string]string{"pulse": "700", "form": "door"} }))
	equal(t, "newest first", fieldsOf(find(devices.ChangeQuery{Devices: []devices.DeviceID{"g1"}, Limit: 4})), []string{
		"g1 settings.pulse: 500 → 700", "g1 settings.form:  → door", "g1 fault:  → E7", "g1 physical: open → closed",
	})
	equal(t, "of one field", fieldsOf(find(devices.ChangeQuery{Devices: []devices.DeviceID{"g1"}, Field: "physical"})), []string{
		"g1 physical: open → closed", "g1 physical: closed → open", "g1 physical:  → closed",
	})
	equal(t, "of settings", fieldsOf(find(devices.ChangeQuery{Devices: []devices.DeviceID{"g1"}, Field: devices.SettingsField, Limit: 2})), []string{
		"g1 settings.pulse: 500 → 700", "g1 settings.form:  → door",
	})
	equal(t, "of a span", fieldsOf(find(devices.ChangeQuery{
		Devices: []devices.DeviceID{"g1"}, From: open.ReportedAt, To: open.ReportedAt.Add(time.Minute),
	})), []string{"g1 physical: closed → open"})
	equal(t, "of nobody", len(find(devices.ChangeQuery{})), 0)

	all := find(devices.ChangeQuery{Devices: []devices.DeviceID{"t1", "g1"}})
	var paged []devices.StateChange
	for q := (devices.ChangeQuery{Devices: []devices.DeviceID{"g1", "t1"}, Limit: 3}); ; {
		page := find(q)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		q.Before = page[len(page)-1].ID
	}
	equal(t, "pages of two devices", paged, all)

	for more := true; more; {
		var err error
		more, err = s.ForgetChanges(ctx, open.ReportedAt.Add(time.Second))
		ok(t, err)
	}
	for _, c := range find(devices.ChangeQuery{Devices: []devices.DeviceID{"g1", "t1"}}) {
		if !c.ArrivedAt.After(open.ReportedAt) {
			t.Errorf("kept is %+v", c)
		}
	}
}
