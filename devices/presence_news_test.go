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

func TestOfflineIsShownWithItsCauseAndTime(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("the feed says %+v", l)
		}
		time.Sleep(time.Minute)
		at := time.Now()
		w.down(w.gate, "keep-alive")
		l := w.news.deviceNow(w.gate.ID).Link
		if l.Status != presence.Offline || l.Cause != "keep-alive" || !l.Since.Equal(at) {
			t.Errorf("the feed says %+v", l)
		}
	})
}

func TestLateDownOfAnOlderConnectionChangesNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.up(w.gate)
		w.c.Presence(w.gate.ID, presence.Change{Epoch: w.epoch - 1, At: time.Now(), Cause: "take-over"})
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("the feed says %+v", l)
		}
		w.send(w.gate, w.request(devices.ActionOpen))
		if len(w.link.sent()) != 1 {
			t.Error("the open was not sent")
		}
	})
}

func TestStateIsUnknownUntilTheDevicesOwnReport(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "open", "")
		w.down(w.gate, "connection lost")
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Open {
			t.Errorf("offline: the last report is gone: %+v", s)
		}
		w.up(w.gate)
		s := w.news.deviceNow(w.gate.ID).State
		if s.Physical != devices.Unknown || s.Mode != "" || !s.ReportedAt.IsZero() || len(s.Capabilities) != 0 {
			t.Errorf("back online: %+v, want everything unknown", s)
		}
		w.says(w.gate, "closed", "")
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Closed {
			t.Errorf("after the report: %+v", s)
		}
	})
}

func TestReportThatOvertakesItsConnectionIsKept(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "open", "")
		w.epoch++ // a new connection, whose report is handled first
		w.says(w.gate, "closed", "")
		w.c.Presence(w.gate.ID, presence.Change{Up: true, Epoch: w.epoch, At: time.Now()})
		synctest.Wait()
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Closed {
			t.Errorf("the state is %+v, want the report of the new connection", s)
		}
		w.epoch--
		w.says(w.gate, "opening", "") // of the old connection, late
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Closed {
			t.Errorf("an old connection's report is shown: %+v", s)
		}
	})
}

func TestReportThatOvertakesTwoConnectionsIsKept(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.store.set(failing("link"), nil) // the older connection cannot be saved yet
		w.c.Presence(w.gate.ID, presence.Change{Up: true, Epoch: 5, At: time.Now()})
		synctest.Wait()
		w.epoch = 7
		w.says(w.gate, "open", "")
		w.store.set(nil, nil)
		time.Sleep(10 * time.Second)
		w.c.Presence(w.gate.ID, presence.Change{Up: true, Epoch: 7, At: time.Now()})
		time.Sleep(time.Second)
		if l := w.news.deviceNow(w.gate.ID); l.Link.Epoch != 7 || l.State.Physical != devices.Open {
			t.Errorf("connection %d, state %+v", l.Link.Epoch, l.State)
		}
	})
}

func TestAStartSaysThatWhatWasOnlineIsOffline(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.lane)
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.down(w.lane, "disconnect")
		time.Sleep(time.Minute)
		w.restart()
		gate, lane, camera := w.news.deviceNow(w.gate.ID), w.news.deviceNow(w.lane.ID), w.news.deviceNow(w.camera.ID)
		if l := gate.Link; l.Status != presence.Offline || l.Cause != presence.RestartCause || !l.Since.Equal(time.Now()) {
			t.Errorf("was online: %+v", l)
		}
		if gate.State.Physical != devices.Closed {
			t.Errorf("its last report is gone: %+v", gate.State)
		}
		if l := lane.Link; l.Cause != "disconnect" {
			t.Errorf("was offline: %+v", l)
		}
		if l := camera.Link; l.Status != presence.NeverSeen {
			t.Errorf("was never seen: %+v", l)
		}
		w.up(w.gate) // epochs begin anew
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("back: %+v", l)
		}
	})
}

func TestPresenceNeverBlocksAndActsAtOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		disk := make(chan struct{})
		w.store.set(func(op string) error {
			if op == "link" {
				<-disk
			}
			return nil
		}, nil)
		for range 100 {
			w.down(w.gate, "connection lost")
			w.up(w.gate)
		}
		w.down(w.gate, "kicked")
		c, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionOpen))
		w.must(err)
		if len(c.Ladder.Rungs) != 2 {
			t.Errorf("sent to a device that is gone: %+v", c.Ladder)
		}
		close(disk)
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Offline || l.Cause != "kicked" {
			t.Errorf("the feed says %+v", l)
		}
	})
}

func TestLinkIsSavedWhenTheDiskComesBack(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.store.set(failing("link"), nil)
		w.up(w.gate)
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.NeverSeen {
			t.Errorf("the feed says what is not committed: %+v", l)
		}
		w.store.set(nil, nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("the feed says %+v", l)
		}
	})
}

func TestStatusIsTheDevicesOwnWordOnItsConnection(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.Status, wire.StatusPayload{Status: "online"}))
		w.must(w.report(w.gate, wire.Status, wire.StatusPayload{Status: "offline", Cause: "maintenance"}))
		w.down(w.gate, "disconnect") // what the broker saw next says no more
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Offline || l.Cause != "maintenance" {
			t.Errorf("the feed says %+v", l)
		}
		will := w.epoch
		w.up(w.gate)
		w.epoch = will
		w.must(w.report(w.gate, wire.Status, wire.StatusPayload{Status: "offline"})) // a late will
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID).Link; l.Status != presence.Online {
			t.Errorf("the feed says %+v", l)
		}
	})
}

func TestOnlineNamesTheDevicesThatAreConnected(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.up(w.lane)
		w.down(w.lane, "disconnect")
		if on := slices.Collect(w.c.Online()); len(on) != 1 || on[0] != w.gate {
			t.Errorf("online are %+v", on)
		}
	})
}
