package devices_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

func (w *world) history(d devices.Device) devices.PresenceHistory {
	w.t.Helper()
	return w.historyIn(d, nil)
}

func (w *world) historyIn(d devices.Device, in *devices.Reach) devices.PresenceHistory {
	w.t.Helper()
	h, err := w.c.PresenceHistory(context.Background(), d.ID, devices.Days{}, in)
	w.must(err)
	return h
}

func TestASilentDeviceIsOfflineUntilItReports(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		time.Sleep(85 * time.Second)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("before its time: %+v", l)
		}
		time.Sleep(7 * time.Second)
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Offline || l.Cause != presence.CauseHeartbeatLost {
			t.Errorf("silent: %+v", l)
		}
		c := w.send(w.gate, w.request(devices.ActionOpen))
		if len(w.link.sent()) != 0 || len(c.Ladder.Rungs) != 2 {
			t.Errorf("sent to a silent device: %+v", c.Ladder)
		}
		if on := slices.Collect(w.c.Online()); len(on) != 1 {
			t.Error("it is not told the time any more")
		}
		w.says(w.gate, "closed", "")
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID); l.Link.Status != presence.Online || l.State.Physical != devices.Closed {
			t.Errorf("after its report: %+v", l)
		}
		h := w.history(w.gate)
		if len(h.Spans) != 2 || h.Spans[1].Cause != presence.CauseHeartbeatLost || h.Causes[presence.CauseHeartbeatLost] != 1 {
			t.Errorf("history %+v", h)
		}
	})
}

func TestADeviceWhoseReportsWaitForTheDiskIsNotSilent(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(failing("state"), nil)
		if err := w.report(w.gate, wire.State, wire.StatePayload{At: 1, Mode: "controlled", Physical: "closed"}); err == nil {
			t.Fatal("the disk took it")
		}
		time.Sleep(10 * time.Minute)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("%+v", l)
		}
	})
}

func TestNobodyKnowsOfADeviceBeforeItWasConnectedFirst(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		time.Sleep(10 * time.Minute)
		if all := w.history(w.gate).Total; all.Up != 0 || all.Down != 0 {
			t.Errorf("never seen: %+v", all)
		}
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		time.Sleep(time.Minute)
		w.down(w.gate, presence.CauseLost)
		time.Sleep(time.Minute)
		synctest.Wait()
		want := presence.Availability{Up: time.Minute, Down: time.Minute, Drops: 1, Outages: 1}
		h := w.history(w.gate)
		h.Total.Unknown = 0
		if h.Total != want {
			t.Errorf("%+v, want %+v", h.Total, want)
		}
		of, err := w.c.SiteAvailability(context.Background(), w.gate.Site, presence.Period{From: time.Now().Add(-time.Hour), To: time.Now()})
		w.must(err)
		if of[w.gate.ID].Up != want.Up || of[w.gate.ID].Down != want.Down {
			t.Errorf("of the site: %+v", of[w.gate.ID])
		}
		days, err := w.c.Days(w.gate.Site, devices.Days{}, 3, 30)
		w.must(err)
		daily, err := w.c.DailyAvailability(context.Background(), w.gate.Site, []devices.DeviceID{w.gate.ID}, days)
		w.must(err)
		last := daily[w.gate.ID][len(days)-1]
		last.Unknown = 0
		if len(last.Lost) != 1 || last.Availability != want || last.Lost[0] != (presence.Loss{Cause: presence.CauseLost, Time: time.Minute}) {
			t.Errorf("by day: %+v", last)
		}
	})
}

func TestPresenceGoesOnWithThatOfTheDeviceWhosePlaceItTook(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		time.Sleep(time.Minute)
		w.down(w.gate, presence.CauseLost)
		time.Sleep(time.Minute)
		heir, err := w.c.Replace(context.Background(), guard, w.gate.ID, "struck by a lorry")
		w.must(err)
		time.Sleep(time.Minute)
		w.up(heir.Device)
		w.says(heir.Device, "closed", "")
		time.Sleep(time.Minute)
		synctest.Wait()
		want := presence.Availability{Up: 2 * time.Minute, Down: time.Minute, Drops: 1, Outages: 1}
		h := w.history(heir.Device)
		if gaps := len(h.Unknown); gaps != 2 { // before it was connected first, and while nothing stood there
			t.Errorf("%d times are not known: %+v", gaps, h.Unknown)
		}
		if h.Total.Unknown = 0; h.Total != want || len(h.Spans) != 2 || h.Causes[presence.CauseLost] != 1 {
			t.Errorf("%+v, %d connections, ends %v; want %+v", h.Total, len(h.Spans), h.Causes, want)
		}
		elsewhere := devices.Reach{}
		if own := w.historyIn(heir.Device, &elsewhere); own.Total.Up != time.Minute || own.Total.Down != 0 || len(own.Spans) != 1 {
			t.Errorf("where the old one stood is out of reach: %+v, %d connections", own.Total, len(own.Spans))
		}
	})
}

func TestADeviceWhoseOtherMessagesWaitForTheDiskIsNotSilent(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.store.set(failing("event"), nil)
		moved := wire.EventPayload{ID: "1", Seq: 1, Type: "movement", Physical: "open", Trigger: "button", At: time.Now().UnixMilli()}
		if err := w.report(w.gate, wire.Event, moved); err == nil {
			t.Fatal("the disk took it")
		}
		time.Sleep(10 * time.Minute) // it waits for the acknowledgement before it says more
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("%+v", l)
		}
		w.store.set(nil, nil)
		w.must(w.report(w.gate, wire.Event, moved))
		time.Sleep(80 * time.Second)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("it had no time to report: %+v", l)
		}
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Cause != presence.CauseHeartbeatLost {
			t.Errorf("silent: %+v", l)
		}
		if events, err := w.c.Events(context.Background(), devices.EventQuery{Device: w.gate.ID}); err != nil || len(events) != 1 {
			t.Errorf("%+v, %v", events, err)
		}
	})
}

func TestFlappingIsToldRarelyAndItsEndAlways(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		for range 40 {
			w.up(w.gate)
			time.Sleep(200 * time.Millisecond)
			w.down(w.gate, presence.CauseLost)
			time.Sleep(200 * time.Millisecond)
		}
		w.news.mu.Lock()
		said := len(w.news.devices[w.gate.ID])
		w.news.mu.Unlock()
		if said > 20 { // ten changes until it flaps, then one in three seconds
			t.Errorf("the feed was told %d times of 80 changes", said)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; !l.Flapping || l.Status != presence.Offline || l.Cause != presence.CauseLost {
			t.Errorf("the feed says %+v", l)
		}
		w.up(w.gate)
		for range 10 {
			w.says(w.gate, "closed", "")
			time.Sleep(time.Minute)
		}
		if l := w.news.deviceNow(w.gate.ID).Link; l.Flapping || l.Status != presence.Online {
			t.Errorf("after ten quiet minutes: %+v", l)
		}
		if h := w.history(w.gate); len(h.Spans) != 41 || h.Total.Drops != 40 || h.Missed != 0 {
			t.Errorf("%d spans, %+v", len(h.Spans), h.Total)
		}
	})
}

func TestWhatADiskThatStoodStillMissedIsCounted(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.store.set(failing("link"), nil)
		for range 30 {
			w.up(w.gate)
			time.Sleep(time.Millisecond)
			w.down(w.gate, presence.CauseKicked)
			time.Sleep(time.Millisecond)
		}
		w.store.set(nil, nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		h := w.history(w.gate)
		if len(h.Spans) != 16 || h.Missed != 14 || h.Total.Drops != 30 {
			t.Errorf("%d spans, %d missed, %+v", len(h.Spans), h.Missed, h.Total)
		}
	})
}

func TestAvailabilityLeavesOutWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) { // the bubble begins at midnight UTC, 8 in the morning of Shanghai
		w.up(w.gate)
		for range 60 {
			w.says(w.gate, "closed", "")
			time.Sleep(time.Minute)
		}
		w.stop()
		time.Sleep(3 * time.Hour)
		w.restart()
		time.Sleep(30 * time.Minute)
		h := w.history(w.gate)
		if len(h.Days) != 7 {
			t.Fatalf("%d days", len(h.Days))
		}
		day := h.Days[6]
		if day.Up != time.Hour || day.Down != 30*time.Minute || day.Unknown != 11*time.Hour {
			t.Errorf("%s: up %s, down %s, unknown %s", day.Day, day.Up, day.Down, day.Unknown)
		}
		if h.Causes[presence.RestartCause] != 1 {
			t.Errorf("causes %v", h.Causes)
		}
	})
}

func TestATakeOverIsNeverShownAsOffline(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.Status, wire.StatusPayload{Status: "offline", Cause: "will"})) // the will of the older one
		w.down(w.gate, presence.CauseTakeOver)
		c := w.send(w.gate, w.request(devices.ActionOpen))
		if len(w.link.sent()) != 0 || len(c.Ladder.Rungs) != 2 {
			t.Errorf("sent between two connections: %+v", c.Ladder)
		}
		time.Sleep(900 * time.Millisecond)
		w.up(w.gate)
		time.Sleep(10 * time.Second)
		w.news.mu.Lock()
		for _, l := range w.news.devices[w.gate.ID] {
			if l.Link.Status == presence.Offline {
				t.Errorf("the feed said %+v", l.Link)
			}
		}
		w.news.mu.Unlock()
		if h := w.history(w.gate); len(h.Spans) != 2 {
			t.Errorf("history %+v", h.Spans)
		}
		w.down(w.gate, presence.CauseTakeOver) // and nobody follows
		time.Sleep(3 * time.Second)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Offline {
			t.Errorf("the feed says %+v", l)
		}
	})
}

func TestTheBrokersWordOnAnEndIsToldAtOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.Status, wire.StatusPayload{Status: "offline", Cause: "will"}))
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("the will alone: %+v", l)
		}
		w.down(w.gate, presence.CauseLost)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Offline || l.Cause != "will" {
			t.Errorf("the feed says %+v", l)
		}
	})
}

func TestADeviceThatComesAndGoesBesideAStuckDiskIsNotOnlineForEver(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		time.Sleep(time.Second)
		w.store.set(failing("link"), nil)
		w.down(w.gate, presence.CauseLost) // the end of what is stored
		for range 40 {
			time.Sleep(time.Second)
			w.up(w.gate)
			time.Sleep(time.Second)
			w.down(w.gate, presence.CauseLost)
		}
		w.store.set(nil, nil)
		time.Sleep(time.Minute)
		h := w.history(w.gate)
		for _, s := range h.Spans {
			if s.Down.IsZero() {
				t.Errorf("still online since %s", s.Up)
			}
		}
		if h.Total.Up > 41*time.Second || h.Total.Drops != 41 {
			t.Errorf("%+v", h.Total)
		}
	})
}
