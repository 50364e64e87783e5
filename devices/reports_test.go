package devices_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

var passed = wire.EventPayload{
	ID: "e1", Seq: 1, At: 1767225600000, Type: "passage", Direction: "in", Result: "granted",
	Credential: "plate:粤B12345", Camera: "cam", Picture: true,
}

func TestStateReportIsShownWhole(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.State, wire.StatePayload{
			At: 1767225600123, Mode: "held_open", Physical: "open", Tamper: true, Fault: "E7",
			Counters: map[string]int64{"in": 3}, Capabilities: []string{"open", "close"}, Firmware: "2.0", Command: "c-1",
		}))
		l := w.news.deviceNow(w.gate.ID)
		s := l.State
		if s.Mode != devices.HeldOpen || s.Physical != devices.Open || !s.Tamper || s.Fault != "E7" || s.Counters["in"] != 3 ||
			len(s.Capabilities) != 2 || s.Firmware != "2.0" || s.Command != "c-1" ||
			s.DeviceTime.UnixMilli() != 1767225600123 || !s.ReportedAt.Equal(time.Now()) {
			t.Errorf("the feed says %+v", s)
		}
		got, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		if got.Revision != l.Revision || got.State.Firmware != "2.0" {
			t.Errorf("Control says %+v, the feed %+v", got, l)
		}
	})
}

func TestEventIsStoredAndToldOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		for range 3 {
			w.must(w.report(w.gate, wire.Event, passed))
			time.Sleep(time.Minute)
		}
		all, err := w.c.Events(context.Background(), devices.EventQuery{Device: w.gate.ID})
		w.must(err)
		if len(all) != 1 || all[0].Zone != w.zone.ID || all[0].Credential != "plate:粤B12345" || !all[0].Picture {
			t.Errorf("the events are %+v", all)
		}
		last := w.news.deviceNow(w.gate.ID).Last
		if last == nil || last.ID != "e1" {
			t.Errorf("the feed's last event is %+v", last)
		}
	})
}

func TestMalformedMessageIsQuarantinedAndTheDeviceGoesOn(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		for _, bad := range []struct {
			channel wire.Channel
			payload string
			problem string
		}{
			{wire.State, "not json \xff", "payload: "},
			{wire.State, `{"at":"yesterday","capabilities":[]}`, "at: "},
			{wire.State, `{"at":1,"physical":"ajar","capabilities":[]}`, "physical: "},
			{wire.Event, `{"id":"e 1","seq":1,"at":1,"type":"movement","physical":"open"}`, "id: "},
			{wire.Answer, `{"id":"x","outcome":"maybe","at":1}`, "outcome: "},
			{wire.Status, `[]`, "payload: "},
			{wire.Time, `{"now":1}`, "topic: "},
		} {
			w.must(w.report(w.gate, bad.channel, []byte(bad.payload)))
			q := w.quarantined()[0]
			if !bytes.Equal(q.Payload, []byte(bad.payload)) || !strings.HasPrefix(q.Problem, bad.problem) ||
				q.Device != w.gate.ID || q.Topic != wire.Topic(string(w.site.ID), string(w.gate.ID), bad.channel) {
				t.Errorf("%s: quarantined is %+v", bad.payload, q)
			}
		}
		w.says(w.gate, "closed", "")
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Closed {
			t.Errorf("the device did not go on: %+v", s)
		}
	})
}

func TestStrangersMessagesAreQuarantined(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		stranger := devices.Device{ID: "stranger", Site: w.site.ID}
		w.must(w.report(stranger, wire.State, []byte(`{"at":1,"capabilities":[]}`)))
		moved := w.gate
		moved.Site = "elsewhere"
		w.must(w.report(moved, wire.State, []byte(`{"at":1,"physical":"open","capabilities":[]}`)))
		q := w.quarantined()
		if len(q) != 2 || !strings.HasPrefix(q[1].Problem, "device: ") || !strings.HasPrefix(q[0].Problem, "site: ") {
			t.Errorf("quarantined are %+v", q)
		}
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Unknown {
			t.Errorf("the message was believed: %+v", s)
		}
	})
}

func TestOtherContentUnderTheSameEventIDIsQuarantined(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.Event, passed))
		other := passed
		other.Direction = "out"
		w.must(w.report(w.gate, wire.Event, other))
		if q := w.quarantined(); len(q) != 1 || !strings.HasPrefix(q[0].Problem, "id: ") {
			t.Errorf("quarantined are %+v", q)
		}
		e, err := w.c.Event(context.Background(), w.gate.ID, "e1")
		w.must(err)
		if e.Direction != "in" {
			t.Errorf("the event changed: %+v", e)
		}
	})
}

func TestAnswerToAnUnknownCommandChangesNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		g.written()
		w.answers(w.gate, "never-made", "done", "")
		w.answers(w.lane, c.ID, "done", "") // of another device
		w.shows(c.ID, command.Accepted, command.Sent)
		q := w.quarantined()
		if len(q) != 2 || !strings.Contains(q[1].Problem, "never-made") || q[0].Device != w.lane.ID {
			t.Errorf("quarantined are %+v", q)
		}
	})
}

func TestMessageThatCannotBeStoredIsNotTakenNorAnyAfterIt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.store.set(failing("quarantine"), nil)
		batch := make([]devices.Report, 3)
		for i, payload := range []string{`{"at":1,"physical":"closed","capabilities":[]}`, `bad`, `{"at":2,"physical":"open","capabilities":[]}`} {
			batch[i] = devices.Report{
				Site: w.site.ID, Device: w.gate.ID, Channel: wire.State, Payload: []byte(payload), Arrived: time.Now(), Epoch: w.epoch,
			}
		}
		answers := w.c.HandleReports(context.Background(), batch)
		if answers[0] != nil || !errors.Is(answers[1], errDisk) || answers[2] == nil {
			t.Errorf("the answers are %v", answers)
		}
		if s := w.news.deviceNow(w.gate.ID).State; s.Physical != devices.Closed {
			t.Errorf("the state is %+v", s)
		}
	})
}

func TestPictureThatComesAfterItsEventIsTold(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.camera)
		w.must(w.report(w.camera, wire.Event, wire.EventPayload{ID: "e1", Seq: 1, At: 1, Type: "snapshot"}))
		before := w.news.deviceNow(w.camera.ID).Revision
		w.c.PictureStored(w.camera.ID, "e0", before+1) // of an older event
		w.c.PictureStored(w.camera.ID, "e1", before+2)
		synctest.Wait()
		if l := w.news.deviceNow(w.camera.ID); !l.Last.Picture || l.Revision != before+2 {
			t.Errorf("the feed says %+v at %d", l.Last, l.Revision)
		}
	})
}

func TestQuarantineKeepsTheBeginningOfAHugeMessageAndSaysSo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.must(w.report(w.gate, wire.State, bytes.Repeat([]byte("x"), 1<<20)))
		kept, err := w.c.Quarantined(context.Background(), 10)
		w.must(err)
		if len(kept) != 1 || len(kept[0].Payload) != 64<<10 || !strings.Contains(kept[0].Problem, "of 1048576 bytes") {
			t.Errorf("%d kept, %d bytes: %s", len(kept), len(kept[0].Payload), kept[0].Problem)
		}
	})
}

func TestOneTallyForManyChanges(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		time.Sleep(time.Second)
		before := len(w.news.todaysOf(w.site.ID))
		for i := range 50 {
			e := passed
			e.ID, e.Seq = fmt.Sprintf("e%d", i), int64(i)
			w.must(w.report(w.gate, wire.Event, e))
		}
		w.must(w.report(w.gate, wire.Event, []byte("bad")))
		w.store.AddLedgerRow(w.site.ID, time.Now(), 1500, "CNY")
		for range 100 {
			w.c.TodayChanged(w.site.ID)
		}
		time.Sleep(time.Second)
		all := w.news.todaysOf(w.site.ID)
		last := all[len(all)-1].Tally
		if last.Passages != 50 || last.Quarantined != 1 || last.LedgerRows != 1 || last.Takings["CNY"] != 1500 {
			t.Errorf("the tally is %+v", last)
		}
		if told := len(all) - before; told > 2 {
			t.Errorf("%d tallies were told for one burst", told)
		}
	})
}

func TestDayChangesInTheSitesOwnZone(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		// The bubble's clock starts at 2000-01-01 00:00 UTC: 08:00 in Shanghai.
		w.up(w.gate)
		w.must(w.report(w.gate, wire.Event, passed))
		time.Sleep(15*time.Hour + 59*time.Minute)
		all := w.news.todaysOf(w.site.ID)
		if last := all[len(all)-1]; last.Day != "2000-01-01" || last.Tally.Passages != 1 {
			t.Errorf("before midnight: %+v", last)
		}
		time.Sleep(2 * time.Minute)
		all = w.news.todaysOf(w.site.ID)
		if last := all[len(all)-1]; last.Day != "2000-01-02" || last.Tally.Passages != 0 {
			t.Errorf("after midnight: %+v", last)
		}
	})
}

func TestHeartbeatsCarryTheNewestRevisionOfEachZone(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		other, err := w.c.AddZone(context.Background(), guard, w.site.ID, "Garage")
		w.must(err)
		time.Sleep(6 * time.Second)
		w.up(w.gate)
		newest := w.news.deviceNow(w.gate.ID).Revision
		time.Sleep(5 * time.Second)
		w.news.mu.Lock()
		defer w.news.mu.Unlock()
		for key, want := range map[string]devices.Revision{
			string(w.site.ID) + "/" + string(w.zone.ID): newest,
			string(w.site.ID) + "/" + string(other.ID):  0,
		} {
			beats := w.news.beats[key]
			if len(beats) < 2 || beats[len(beats)-1] != want {
				t.Errorf("%s: %v, want %d at last", key, beats, want)
			}
		}
		if len(w.news.beats[string(w.site.ID)+"/"]) < 2 {
			t.Error("the site has no heartbeat of its own")
		}
	})
}

func TestAStartTellsEverythingAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.Event, passed))
		w.restart()
		synctest.Wait()
		for _, d := range []devices.Device{w.gate, w.lane, w.camera} {
			if w.news.deviceNow(d.ID).Device != d {
				t.Errorf("%s was not told", d.Name)
			}
		}
		all := w.news.todaysOf(w.site.ID)
		if len(all) == 0 || all[len(all)-1].Tally.Passages != 1 {
			t.Errorf("the tallies are %+v", all)
		}
	})
}

func TestAReportThatSaysNothingNewIsStoredAndToldRarely(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		before := 0
		w.store.set(func(op string) error {
			if op == "state" {
				before++
			}
			return nil
		}, nil)
		for range 20 { // one in five minutes, and the first
			w.says(w.gate, "closed", "")
			time.Sleep(time.Minute)
		}
		if before != 4 {
			t.Errorf("%d reports of 20 were stored", before)
		}
		l, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		if age := time.Since(l.State.ReportedAt); l.Doubt != devices.NoDoubt || age > time.Minute {
			t.Errorf("after %s: %+v", age, l)
		}
		w.says(w.gate, "open", "")
		if s := w.news.deviceNow(w.gate.ID).State; before != 5 || s.Physical != devices.Open {
			t.Errorf("a report with something new was not told: %+v", s)
		}
		time.Sleep(5 * time.Minute) // silent, and then the same again
		w.says(w.gate, "open", "")
		synctest.Wait()
		if l := w.news.deviceNow(w.gate.ID); l.Doubt != devices.NoDoubt || l.State.Physical != devices.Open {
			t.Errorf("after a silence: %+v", l)
		}
	})
}
