package presence_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/devices/presence"
)

var t0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func up(epoch uint64) presence.Change {
	return presence.Change{Up: true, Epoch: epoch, At: t0.Add(time.Duration(epoch) * time.Minute), Remote: "192.0.2.1:1"}
}

func down(epoch uint64, cause string) presence.Change {
	return presence.Change{Epoch: epoch, At: t0.Add(time.Duration(epoch)*time.Minute + time.Second), Cause: cause}
}

func TestChangesAreOrderedByTheirConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes []presence.Change
		status  presence.Status
		cause   string
		epoch   uint64
	}{
		"nothing yet":             {nil, presence.NeverSeen, "", 0},
		"up":                      {[]presence.Change{up(1)}, presence.Online, "", 1},
		"up and down":             {[]presence.Change{up(1), down(1, "lost")}, presence.Offline, "lost", 1},
		"late down":               {[]presence.Change{up(1), up(2), down(1, "take-over")}, presence.Online, "", 2},
		"late up":                 {[]presence.Change{down(1, "lost"), up(1)}, presence.Offline, "lost", 1},
		"old up":                  {[]presence.Change{up(2), down(2, "lost"), up(1)}, presence.Offline, "lost", 2},
		"will and watcher":        {[]presence.Change{up(1), down(1, "keep-alive"), down(1, "will")}, presence.Offline, "keep-alive", 1},
		"down of unseen":          {[]presence.Change{up(1), down(2, "kicked")}, presence.Offline, "kicked", 2},
		"back":                    {[]presence.Change{up(1), down(1, "lost"), up(2)}, presence.Online, "", 2},
		"will of an earlier life": {[]presence.Change{down(0, "old")}, presence.NeverSeen, "", 0},
	} {
		l := presence.Link{Status: presence.NeverSeen}
		for _, c := range test.changes {
			l, _ = presence.Apply(l, c)
		}
		if l.Status != test.status || l.Cause != test.cause || l.Epoch != test.epoch {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestALinkRemembersSinceWhenAndFromWhere(t *testing.T) {
	t.Parallel()
	l, _ := presence.Apply(presence.Link{Status: presence.NeverSeen}, up(3))
	if !l.Since.Equal(up(3).At) || l.Remote != "192.0.2.1:1" {
		t.Errorf("online: %+v", l)
	}
	l, _ = presence.Apply(l, down(3, "lost"))
	if !l.Since.Equal(down(3, "").At) || l.Remote != "192.0.2.1:1" {
		t.Errorf("offline: %+v", l)
	}
}

func TestARestartEndsWhatWasOnlineAndEpochsBeginAnew(t *testing.T) {
	t.Parallel()
	on, _ := presence.Apply(presence.Link{Status: presence.NeverSeen}, up(900))
	off, _ := presence.Apply(on, down(900, "lost"))
	for _, l := range []presence.Link{on, off, {Status: presence.NeverSeen}} {
		r := presence.Restart(l, t0)
		if r.Epoch != 0 || r.Status == presence.Online {
			t.Errorf("%+v restarts as %+v", l, r)
		}
		if l.Status == presence.Offline && (r.Cause != "lost" || !r.Since.Equal(l.Since)) {
			t.Errorf("offline forgot why: %+v", r)
		}
		if again, _ := presence.Apply(r, up(1)); again.Status != presence.Online {
			t.Errorf("the first connection of the new run is %+v", again)
		}
	}
}

// TestAnyOrderOfTheSameNewsGivesTheSameStatus shuffles the news of connections
// that each came up, and went down but for the last of some runs.
func TestAnyOrderOfTheSameNewsGivesTheSameStatus(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 5).Draw(t, "connections")
		lastIsUp := rapid.Bool().Draw(t, "last is up")
		var news []presence.Change
		for e := uint64(1); e <= n; e++ {
			news = append(news, up(e))
			if e < n || !lastIsUp {
				news = append(news, down(e, "lost"))
			}
		}
		news = append(news, rapid.SliceOfN(rapid.SampledFrom(news), 0, 4).Draw(t, "repeated")...)
		l := presence.Link{Status: presence.NeverSeen}
		epoch := uint64(0)
		for _, c := range rapid.Permutation(news).Draw(t, "order") {
			next, changed := presence.Apply(l, c)
			if changed == (next == l) {
				t.Fatalf("changed is %v from %+v to %+v", changed, l, next)
			}
			if l = next; l.Epoch < epoch {
				t.Fatalf("went back to connection %d from %d", l.Epoch, epoch)
			}
			epoch = l.Epoch
		}
		want := presence.Offline
		if lastIsUp {
			want = presence.Online
		}
		if l.Status != want || l.Epoch != n {
			t.Fatalf("%+v, want %s of connection %d", l, want, n)
		}
	})
}
