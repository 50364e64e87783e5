package presence_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"gatehouse/devices/presence"
)

func at(seconds int) time.Time { return t0.Add(time.Duration(seconds) * time.Second) }

func step(t *testing.T, l presence.Link, c presence.Change) presence.Link {
	t.Helper()
	next, changed := presence.Apply(l, c)
	if !changed {
		t.Fatalf("%+v changed nothing of %+v", c, l)
	}
	return next
}

func online(t *testing.T) presence.Link {
	t.Helper()
	return step(t, presence.Link{Status: presence.NeverSeen}, presence.Change{Up: true, Epoch: 1, At: at(0), Remote: "192.0.2.1:1"})
}

func TestSilenceIsOfflineUntilTheNextReportOfTheSameConnection(t *testing.T) {
	t.Parallel()
	silent, changed := presence.Silence(online(t), at(90))
	if !changed || silent.Status != presence.Offline || silent.Cause != presence.CauseHeartbeatLost || !silent.Connected || !silent.Reachable() {
		t.Fatalf("silent: %+v", silent)
	}
	if _, again := presence.Silence(silent, at(91)); again {
		t.Error("silent twice")
	}
	if l, heard := presence.Heard(silent, 2, at(95)); heard {
		t.Errorf("a report of another connection: %+v", l)
	}
	back, heard := presence.Heard(silent, 1, at(95))
	if !heard || back.Status != presence.Online || !back.Since.Equal(at(95)) || back.Connected || back.Remote != "192.0.2.1:1" {
		t.Errorf("back: %+v", back)
	}
	gone := step(t, silent, presence.Change{Epoch: 1, At: at(99), Cause: presence.CauseKeepAlive})
	if gone.Cause != presence.CauseKeepAlive || !gone.Since.Equal(at(90)) || gone.Reachable() {
		t.Errorf("gone: %+v", gone)
	}
	if l, heard := presence.Heard(gone, 1, at(100)); heard {
		t.Errorf("a late report brought back %+v", l)
	}
}

func TestADropShorterThanTheGraceTimeIsNoOutage(t *testing.T) {
	t.Parallel()
	off := step(t, online(t), presence.Change{Epoch: 1, At: at(10), Cause: presence.CauseLost})
	grace := 5 * time.Second
	if from, offline := off.Outage(grace); !offline || !from.Equal(at(15)) {
		t.Errorf("the outage begins at %v, not with the end of the grace time", from)
	}
	restart := presence.Restart(online(t), at(10))
	if from, offline := restart.Outage(grace); !offline || !from.Equal(at(40)) {
		t.Errorf("after a restart the outage begins at %v: devices have half a minute", from)
	}
	if _, offline := online(t).Outage(0); offline {
		t.Error("online is no outage")
	}
}

func TestFiveDropsWithinThreeQuartersOfAMinuteFlapAndQuietEndsIt(t *testing.T) {
	t.Parallel()
	l := online(t)
	drop := func(second int) {
		l = step(t, l, presence.Change{Epoch: l.Epoch, At: at(second), Cause: presence.CauseLost})
		l = step(t, l, presence.Change{Up: true, Epoch: l.Epoch + 1, At: at(second + 1)})
	}
	for i := range 5 {
		if l.Flapping {
			t.Fatalf("flaps after %d drops", i)
		}
		drop(10 + 5*i)
	}
	if !l.Flapping || !l.FlappingSince.Equal(at(30)) {
		t.Fatalf("after five drops: %+v", l)
	}
	for i := range 100 {
		drop(40 + 5*i)
	}
	last := 40 + 5*99
	if quiet := l.Flaps.CalmAt().Sub(at(last)); quiet > 6*time.Minute || quiet < 3*time.Minute {
		t.Errorf("calm after %s", quiet)
	}
	if _, calm := presence.Calm(l, at(last+60)); calm {
		t.Error("calm after a minute")
	}
	l, calm := presence.Calm(l, l.Flaps.CalmAt())
	if !calm || l.Flapping || l.Status != presence.Online {
		t.Errorf("after the quiet time: %+v", l)
	}
}

func TestHoweverFiveDropsLieWithinThreeQuartersOfAMinuteTheyFlap(t *testing.T) {
	t.Parallel()
	for _, seconds := range [][]int{{0, 1, 2, 3, 45}, {0, 42, 43, 44, 45}, {0, 11, 22, 33, 45}, {0, 1, 22, 44, 45}} {
		l := online(t)
		for i, s := range seconds {
			if l.Flapping {
				t.Errorf("%v: flaps after %d drops", seconds, i)
			}
			l = step(t, l, presence.Change{Epoch: l.Epoch, At: at(10 + s), Cause: presence.CauseLost})
			l = step(t, l, presence.Change{Up: true, Epoch: l.Epoch + 1, At: at(10 + s)})
		}
		if !l.Flapping {
			t.Errorf("%v: does not flap", seconds)
		}
		// One more just before it would be calm keeps it for two minutes at least.
		calm := l.Flaps.CalmAt()
		again := l.Flaps.Drop(calm.Add(-time.Second))
		if quiet := again.CalmAt().Sub(again.At); quiet < 2*time.Minute {
			t.Errorf("%v: calm %s after its last drop", seconds, quiet)
		}
	}
}

func TestEveryCauseOfBeingOfflineIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/mqtt.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cause := range []string{
		presence.CauseDisconnect, presence.CauseLost, presence.CauseKeepAlive, presence.CauseTakeOver, presence.CauseKicked, presence.CauseRevoked,
		presence.CauseProtocol, presence.CauseSlow, presence.CauseShutdown, presence.CauseHeartbeatLost, presence.CauseSaidOffline, presence.RestartCause,
	} {
		if !strings.Contains(string(text), "`"+cause+"`") {
			t.Errorf("docs/mqtt.md does not know the cause %s", cause)
		}
	}
}

func TestFiveDropsInAnHourDoNotFlap(t *testing.T) {
	t.Parallel()
	l := online(t)
	for i := range 20 {
		second := 720 * (i + 1)
		l = step(t, l, presence.Change{Epoch: l.Epoch, At: at(second), Cause: presence.CauseLost})
		l = step(t, l, presence.Change{Up: true, Epoch: l.Epoch + 1, At: at(second + 1)})
	}
	if l.Flapping {
		t.Errorf("%+v", l)
	}
}

func TestWhatPeopleDoIsNoFlapping(t *testing.T) {
	t.Parallel()
	l := online(t)
	for i := range 20 {
		l = step(t, l, presence.Change{Epoch: l.Epoch, At: at(i + 1), Cause: presence.CauseKicked})
		l = step(t, l, presence.Change{Up: true, Epoch: l.Epoch + 1, At: at(i + 1)})
	}
	if l.Flapping {
		t.Errorf("%+v", l)
	}
	for range 5 { // take-overs are: two programs have one device's name
		l = step(t, l, presence.Change{Up: true, Epoch: l.Epoch + 1, At: at(30)})
	}
	if !l.Flapping {
		t.Errorf("taken over again and again: %+v", l)
	}
}

func TestHistoryIsCompleteUntilTooMuchWaits(t *testing.T) {
	t.Parallel()
	var waiting []presence.Span
	l := presence.Link{Status: presence.NeverSeen}
	move := func(c presence.Change, keep int) {
		next := step(t, l, c)
		waiting, l = presence.Trace(waiting, l, next, keep), next
	}
	move(presence.Change{Up: true, Epoch: 1, At: at(1), Remote: "a"}, 3)
	move(presence.Change{Up: true, Epoch: 2, At: at(2), Remote: "b"}, 3) // took over
	move(presence.Change{Epoch: 2, At: at(3), Cause: "will"}, 3)
	want := []presence.Span{
		{Up: at(1), Down: at(2), Cause: presence.CauseTakeOver, Remote: "a"}, {Up: at(2), Down: at(3), Cause: "will", Remote: "b"},
	}
	if len(waiting) != 2 || waiting[0] != want[0] || waiting[1] != want[1] {
		t.Fatalf("waiting are %+v", waiting)
	}
	for e := uint64(3); e < 9; e++ {
		move(presence.Change{Up: true, Epoch: e, At: at(10 * int(e))}, 3)
		move(presence.Change{Epoch: e, At: at(10*int(e) + 1), Cause: "x"}, 3)
	}
	if len(waiting) != 3 || waiting[0] != want[0] || waiting[1].Missed != 5 || !waiting[1].Up.Equal(at(70)) {
		t.Errorf("waiting are %+v", waiting) // the first may be the end of one that is stored
	}
	again := presence.Join([]presence.Span{{Up: at(80), Missed: 2}}, []presence.Span{{Up: at(80), Down: at(81)}}, 3)
	if len(again) != 1 || again[0].Missed != 2 || again[0].Down.IsZero() {
		t.Errorf("a span that was being saved when it ended: %+v", again)
	}
}

func TestTwoConnectionsInOneMillisecondAreTwoSpans(t *testing.T) {
	t.Parallel()
	l := online(t)
	next := step(t, l, presence.Change{Up: true, Epoch: 2, At: at(0)})
	if !next.Since.After(l.Since) {
		t.Errorf("both are since %s", next.Since)
	}
}

func TestUnknownTimeIsNeitherUpNorDown(t *testing.T) {
	t.Parallel()
	spans := []presence.Span{
		{Up: at(0), Down: at(100), Cause: "connection lost"},
		{Up: at(103), Down: at(200), Cause: presence.RestartCause}, // the server was away from 200 to 500
		{Up: at(520), Down: at(700), Cause: "keep-alive"},
		{Up: at(800)},
	}
	known := []presence.Period{{From: at(-50), To: at(200)}, {From: at(500), To: at(1000)}}
	a := presence.Available(spans, known, 5*time.Second, presence.Period{From: at(-100), To: at(1000)})
	want := presence.Availability{
		Up: 100*time.Second + 97*time.Second + 180*time.Second + 200*time.Second,
		// 50 before the first, 3 between, 20 after the start, 100 of the outage
		Down: 173 * time.Second, Unknown: 350 * time.Second, Drops: 3, Outages: 1,
	}
	if a != want {
		t.Errorf("%+v, want %+v", a, want)
	}
	if share, known := a.Share(); !known || share < 0.769 || share > 0.77 {
		t.Errorf("share %v", share)
	}
	none := presence.Available(nil, nil, 0, presence.Period{From: at(0), To: at(10)})
	if _, known := none.Share(); known || none.Unknown != 10*time.Second {
		t.Errorf("nothing known: %+v", none)
	}
	gaps := presence.Gaps(known, presence.Period{From: at(-100), To: at(1000)})
	if len(gaps) != 2 || gaps[0].To != at(-50) || gaps[1].From != at(200) || gaps[1].To != at(500) {
		t.Errorf("gaps %v", gaps)
	}
}

func TestAClockThatWasSetBackMakesNoDeviceMoreThanAlwaysOnline(t *testing.T) {
	t.Parallel()
	spans := []presence.Span{
		{Up: at(0), Down: at(1000), Cause: "connection lost"}, // after it the clock was set back
		{Up: at(400), Down: at(450), Cause: "connection lost"},
		{Up: at(460), Down: at(1200), Cause: "connection lost"},
	}
	known := []presence.Period{{From: at(0), To: at(1000)}, {From: at(390), To: at(1500)}}
	a := presence.Available(spans, known, 5*time.Second, presence.Period{From: at(0), To: at(1500)})
	if a.Up != 1200*time.Second || a.Down != 300*time.Second || a.Unknown != 0 {
		t.Errorf("%+v", a)
	}
}
