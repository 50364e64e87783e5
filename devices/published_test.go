package devices_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
	"gatehouse/prove"
)

// The link counts what is published to devices, whoever is behind it: people, schedules,
// orders to many, layers, fire releases, and the server itself.
func TestEveryPathToADeviceHasItsAuditRowAndItsActor(t *testing.T) {
	t.Parallel()
	inFire(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		schedule := devices.Actor{Kind: devices.ActorSchedule, ID: "s1", Name: "夜间"}
		paths := []struct {
			name  string
			actor devices.Actor
			do    func() error
		}{
			{"a person's order", guard, func() error {
				_, err := w.c.Send(ctx, guard, w.gate.ID, w.request(devices.ActionOpen))
				return err
			}},
			{"a schedule's order", schedule, func() error {
				_, err := w.c.Send(ctx, schedule, w.gate.ID, w.request(devices.ActionClose))
				return err
			}},
			{"an order to many", guard, func() error {
				r := w.request(devices.ActionOpen)
				r.Reason = "搬家"
				_, err := w.c.SendBatch(ctx, guard, devices.BatchRequest{Request: r, Devices: []devices.DeviceID{w.gate.ID}})
				return err
			}},
			{"a clock that is off", devices.Actor{Kind: devices.ActorSystem, ID: "clock", Name: "clock"}, func() error { return w.clockIsOff() }},
			{"a layer", guard, func() error {
				w.layer(devices.LayerRequest{Action: devices.LockDown, Site: w.site.ID})
				return nil
			}},
			{"a fire release", guard, func() error { w.burns(); return nil }},
		}
		counted, ordered, bypasses := 0, 0, 0
		for _, p := range paths {
			before := len(w.link.sent())
			w.must(p.do())
			synctest.Wait()
			sent := w.link.sent()[before:]
			if len(sent) == 0 {
				t.Errorf("%s published nothing", p.name)
			}
			rows := w.commandRows()
			for _, g := range sent {
				counted++
				if g.command.Args["mode"] == string(devices.FireRelease) { // told again and again, and one act
					if row := w.fireRows(); len(row) != 1 || row[0].Key() != p.actor.Key() {
						bypasses++
						t.Errorf("the fire release has the rows %+v", row)
					}
					continue
				}
				ordered++
				if row := rows[g.command.ID]; len(row) != 1 || row[0].Key() != p.actor.Key() {
					bypasses++
					t.Errorf("%s: command %s (%s) has the rows %+v, want one of %+v", p.name, g.command.ID, g.command.Action, row, p.actor)
				}
			}
		}
		if rows := w.commandRows(); len(rows) != ordered {
			t.Errorf("%d rows for %d published orders", len(rows), ordered)
		}
		prove.Record(t, "internal paths that publish to a device without one audit row of who is behind it", "0",
			fmt.Sprintf("%d of %d messages on %d paths", bypasses, counted, len(paths)))
	})
}

// commandRows are the actors of the rows that tell of an order that was not refused, by
// command.
func (w *world) commandRows() map[string][]devices.Actor {
	w.t.Helper()
	rows, err := w.store.Audit(context.Background(), 0, 10_000)
	w.must(err)
	all := map[string][]devices.Actor{}
	for _, r := range rows {
		var d struct{ Command string }
		if r.Verb == "device.command" && r.Outcome == devices.OutcomeOK && json.Unmarshal([]byte(r.Detail), &d) == nil {
			all[d.Command] = append(all[d.Command], r.Actor)
		}
	}
	return all
}

// fireRows are the actors of the rows of fire releases.
func (w *world) fireRows() (all []devices.Actor) {
	w.t.Helper()
	rows, err := w.store.Audit(context.Background(), 0, 10_000)
	w.must(err)
	for _, r := range rows {
		if r.Verb == "fire.release" {
			all = append(all, r.Actor)
		}
	}
	return all
}

// clockIsOff has a device report with a clock that is a minute ahead.
func (w *world) clockIsOff() error {
	return w.report(w.lane, wire.State, wire.StatePayload{
		At: w.c.OrderClock().Add(time.Minute).UnixMilli(), Mode: "controlled", Physical: "closed",
		Capabilities: append([]string{"mode", "set_time"}, capabilities[w.lane.Kind]...),
	})
}
