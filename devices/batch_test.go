package devices_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
)

// crowd adds gates to the property, and connects each second one.
func (w *world) crowd(n int) (all []devices.Device) {
	w.t.Helper()
	for i := range n {
		l, err := w.c.AddDevice(context.Background(), guard, w.zone.ID, devices.Gate, "Gate")
		w.must(err)
		if i%2 == 0 {
			w.up(l.Device)
		}
		all = append(all, l.Device)
	}
	return all
}

func (w *world) batch(r devices.BatchRequest) devices.BatchResult {
	w.t.Helper()
	b, err := w.c.SendBatch(context.Background(), guard, r)
	w.must(err)
	synctest.Wait()
	return b
}

func wanted(key string) devices.BatchRequest {
	return devices.BatchRequest{Request: devices.Request{Key: key, Action: devices.ActionOpen, Reason: "moving in"}}
}

func TestAnOrderToAZoneIsOneCommandForEachDeviceThatCan(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		gates := w.crowd(40)
		w.up(w.gate)
		r := wanted("close-of-day")
		r.Zone = w.zone.ID
		b := w.batch(r)
		if len(b.Members) != len(gates)+1 { // no turnstile, no camera
			t.Fatalf("%d members, want %d", len(b.Members), len(gates)+1)
		}
		for i, m := range b.Members {
			step := command.Shown(b.Commands[i].Ladder)
			online := m.Device == w.gate.ID || i%2 == 1 // w.gate is the first
			if m.Command != b.Commands[i].ID || m.Device != b.Commands[i].Device || online != (step == command.Accepted) || !online != (step == command.Failed) {
				t.Errorf("device %d (online %v): %+v shows %s", i, online, m, step)
			}
		}
		if n := len(w.link.sent()); n != 21 {
			t.Errorf("%d commands on the wire, want 21", n)
		}
		// The key again changes nothing; who asks later sees how far each has come.
		w.link.sent()[0].written()
		synctest.Wait()
		again := w.batch(r)
		if again.ID != b.ID || len(w.link.sent()) != 21 {
			t.Errorf("the key again gave batch %s, want %s; %d on the wire", again.ID, b.ID, len(w.link.sent()))
		}
		r.Reason = "another"
		if _, err := w.c.SendBatch(context.Background(), guard, r); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("the key for another order: %v", err)
		}
		got, err := w.c.Batch(context.Background(), b.ID)
		w.must(err)
		sent := 0
		for _, c := range got.Commands {
			if command.Has(c.Ladder, command.Sent) {
				sent++
			}
		}
		if sent != 1 {
			t.Errorf("%d are shown as sent, want 1", sent)
		}
	})
}

func TestOneThatIsRefusedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		gates := w.crowd(3)
		w.up(gates[1])
		_, err := w.c.SetLayer(context.Background(), guard, devices.LayerRequest{Action: devices.HoldClosed, Device: gates[0].ID})
		w.must(err)
		r := wanted("three-gates")
		for _, g := range gates {
			r.Devices = append(r.Devices, g.ID)
		}
		b := w.batch(r)
		if m := b.Members[0]; m.Code != devices.Refused || m.Problem == "" || b.Commands[0].ID != "" {
			t.Errorf("the held one: %+v with command %q", m, b.Commands[0].ID)
		}
		for i := 1; i < 3; i++ {
			if b.Members[i].Code != "" || command.Shown(b.Commands[i].Ladder) != command.Accepted {
				t.Errorf("gate %d: %+v shows %s", i, b.Members[i], command.Shown(b.Commands[i].Ladder))
			}
		}
		w.restart()
		got, err := w.c.Batch(context.Background(), b.ID)
		w.must(err)
		if got.Members[0].Code != devices.Refused || command.Shown(got.Commands[1].Ladder) != command.Uncertain {
			t.Errorf("after a restart: %+v, %s", got.Members[0], command.Shown(got.Commands[1].Ladder))
		}
	})
}

func TestEachCommandOfABatchIsAuditedAndSoIsTheBatch(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.crowd(4)
		r := wanted("audited-once")
		r.Site = w.site.ID
		b := w.batch(r)
		rows, err := w.c.Audit(context.Background(), 0, 500)
		w.must(err)
		batches, commands := 0, 0
		for _, row := range rows {
			switch {
			case row.Verb == "batch.send" && row.Object == "batch:"+string(b.ID) && strings.Contains(row.Detail, "moving in"):
				batches++
			case row.Verb == "device.command":
				commands++
			}
		}
		if batches != 1 || commands != 5 {
			t.Errorf("%d rows of the batch, %d of its commands, want 1 and 5", batches, commands)
		}
	})
}

func TestABatchThatIsNotRecordedSendsNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(failing("AddBatch"), nil)
		r := wanted("disk-is-full")
		r.Site = w.site.ID
		if _, err := w.c.SendBatch(context.Background(), guard, r); devices.CodeOf(err) != devices.Unavailable {
			t.Errorf("error %v", err)
		}
		synctest.Wait()
		if n := len(w.link.sent()); n != 0 {
			t.Errorf("%d commands on the wire", n)
		}
	})
}

func TestSendBatchNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		for field, spoil := range map[string]func(*devices.BatchRequest){
			"key":     func(r *devices.BatchRequest) { r.Key = "short" },
			"reason":  func(r *devices.BatchRequest) { r.Reason = " " },
			"devices": func(r *devices.BatchRequest) { r.Zone = w.zone.ID },
			"action":  func(r *devices.BatchRequest) { r.Action = "dance" },
			"args.x":  func(r *devices.BatchRequest) { r.Args = map[string]string{"x": "1"} },
			"ttlMs":   func(r *devices.BatchRequest) { r.TTL = time.Minute },
		} {
			r := wanted("a-good-key")
			r.Site = w.site.ID
			spoil(&r)
			_, err := w.c.SendBatch(context.Background(), guard, r)
			if e := fieldOf(err); devices.CodeOf(err) != devices.Invalid || e != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, spoil := range []func(*devices.BatchRequest){
			func(r *devices.BatchRequest) { r.Site = "nowhere" },
			func(r *devices.BatchRequest) { r.Zone = "nowhere" },
			func(r *devices.BatchRequest) { r.Devices = []devices.DeviceID{"nobody"} },
		} {
			r := wanted("a-good-key")
			spoil(&r)
			if _, err := w.c.SendBatch(context.Background(), guard, r); devices.CodeOf(err) != devices.NotFound {
				t.Errorf("%v", err)
			}
		}
		if n := len(w.link.sent()); n != 0 {
			t.Errorf("%d sent", n)
		}
	})
}

func fieldOf(err error) string {
	var e *devices.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}
