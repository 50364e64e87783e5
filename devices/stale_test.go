package devices_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

func TestReportsAreGoodForOneAndAHalfHeartbeats(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for promised, want := range map[time.Duration]time.Duration{
		0: 90 * time.Second, 10 * time.Second: 15 * time.Second, time.Minute: 90 * time.Second, time.Hour: 90 * time.Second,
	} {
		s := devices.State{ReportedAt: at, Heartbeat: promised}
		if s.TooOld(at.Add(want)) || !s.TooOld(at.Add(want+time.Millisecond)) {
			t.Errorf("a promise of %v: good until %v, want %v", promised, s.FreshUntil().Sub(at), want)
		}
	}
	if (devices.State{}).TooOld(at) {
		t.Error("no report is too old")
	}
}

func TestStateIsUnknownFromTheMomentThatReportsAreTooOld(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		doubts := func(want devices.Doubt, physical string) {
			t.Helper()
			l, err := w.c.Device(context.Background(), w.gate.ID)
			w.must(err)
			if d := feed.DeviceOf(l); d.Doubt != string(want) || d.Physical != physical {
				t.Errorf("doubt %q, physical %q; want %q, %q", d.Doubt, d.Physical, want, physical)
			}
		}
		doubts(devices.NeverSeen, "unknown")
		w.up(w.gate)
		doubts(devices.NotReported, "unknown")
		beat := func() {
			w.must(w.report(w.gate, wire.State, wire.StatePayload{At: time.Now().UnixMilli(), Physical: "open", Heartbeat: 20, Capabilities: []string{"open"}}))
		}
		beat()
		time.Sleep(30 * time.Second)
		doubts(devices.NoDoubt, "open")
		time.Sleep(time.Second)
		l, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		if d := feed.DeviceOf(l); d.Physical != "unknown" || d.Doubt == "" {
			t.Errorf("a report of 31 s ago is shown as now: %+v", d)
		}
		beat()
		synctest.Wait()
		doubts(devices.NoDoubt, "open")
		w.down(w.gate, "keep-alive")
		doubts(devices.OffLine, "unknown")
	})
}

func TestWhatADeviceSaidIsDoubtedOnTheFeedWhileItsReportsWaitForTheDisk(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.store.set(failing("state"), nil)
		if err := w.report(w.gate, wire.State, wire.StatePayload{At: 1, Mode: "controlled", Physical: "open"}); err == nil {
			t.Fatal("the disk took it")
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID); l.Link.Status != presence.Online || l.Doubt != devices.TooOld {
			t.Errorf("the feed says %s, %q", l.Link.Status, l.Doubt)
		}
		w.store.set(nil, nil)
		w.says(w.gate, "open", "")
		if l := w.news.deviceNow(w.gate.ID); l.Doubt != devices.NoDoubt || l.State.Physical != devices.Open {
			t.Errorf("afterwards %q, %s", l.Doubt, l.State.Physical)
		}
	})
}

func TestClockDriftIsMeasuredAgainstTheOrderClockAndOutlivesTheLine(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.State, wire.StatePayload{At: w.c.OrderClock().Add(7 * time.Second).UnixMilli(), Capabilities: []string{}}))
		want := devices.Drift{By: 7 * time.Second, At: w.c.OrderClock()}
		if got := w.news.deviceNow(w.gate.ID).State.Drift; got != want || !got.Wrong() {
			t.Errorf("drift %+v, want %+v", got, want)
		}
		time.Sleep(time.Second)
		w.down(w.gate, "")
		w.up(w.gate)
		if got := w.news.deviceNow(w.gate.ID).State.Drift; got != want {
			t.Errorf("after the line was lost: %+v", got)
		}
	})
}

func TestTelemetryIsToldWithTheNextNewsAndNeverStored(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		before := w.news.deviceNow(w.gate.ID).Revision
		volts := 23.5
		w.must(w.report(w.gate, wire.Telemetry, wire.TelemetryPayload{At: 1, Voltage: &volts, Signal: -70}))
		l, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		if l.Telemetry.Voltage == nil || *l.Telemetry.Voltage != volts || l.Telemetry.Signal != -70 || l.Revision != before {
			t.Errorf("Control says %+v at %d", l.Telemetry, l.Revision)
		}
		w.says(w.gate, "closed", "")
		if got := w.news.deviceNow(w.gate.ID).Telemetry; got.Signal != -70 {
			t.Errorf("the feed says %+v", got)
		}
		w.must(w.report(w.gate, wire.Telemetry, []byte(`{"at":1,"voltage":"much"}`)))
		if q := w.quarantined(); len(q) != 1 {
			t.Errorf("quarantined are %+v", q)
		}
	})
}
