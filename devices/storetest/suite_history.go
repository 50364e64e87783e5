package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// ever is all time.
var ever = presence.Period{To: t0.AddDate(10, 0, 0)}

func minute(n int) time.Time { return t0.Add(time.Duration(n) * time.Minute) }

func spansComeBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	up := presence.Link{Status: presence.Online, Since: minute(1), Epoch: 4, Remote: "192.0.2.9:1", Flapping: true, FlappingSince: minute(1)}
	r1 := must[devices.Revision](t)(s.SaveLink(ctx, "g1", up, presence.Span{Up: minute(1), Remote: "192.0.2.9:1", Missed: 3}))
	equal(t, "open", must[[]presence.Span](t)(s.Spans(ctx, "g1", ever)), []presence.Span{{Up: minute(1), Remote: "192.0.2.9:1", Missed: 3}})
	down := presence.Link{Status: presence.Offline, Since: minute(3), Cause: "keep-alive", Epoch: 4}
	r2 := must[devices.Revision](t)(s.SaveLink(ctx, "g1", down,
		presence.Span{Up: minute(1), Down: minute(2), Cause: "take-over", Remote: "192.0.2.9:1"},
		presence.Span{Up: minute(2), Down: minute(3), Cause: "keep-alive", Remote: "192.0.2.9:2"}))
	if r2 <= r1 {
		t.Errorf("revision %d after %d", r2, r1)
	}
	want := []presence.Span{
		{Up: minute(1), Down: minute(2), Cause: "take-over", Remote: "192.0.2.9:1", Missed: 3},
		{Up: minute(2), Down: minute(3), Cause: "keep-alive", Remote: "192.0.2.9:2"},
	}
	equal(t, "ended", must[[]presence.Span](t)(s.Spans(ctx, "g1", ever)), want)
	equal(t, "of the site", must[map[devices.DeviceID][]presence.Span](t)(s.SiteSpans(ctx, "s1", ever)),
		map[devices.DeviceID][]presence.Span{"g1": want})
	equal(t, "of another site", len(must[map[devices.DeviceID][]presence.Span](t)(s.SiteSpans(ctx, "s2", ever))), 0)
	equal(t, "link", live(t, s, "g1").Link, down)
	equal(t, "first", must[map[devices.DeviceID]time.Time](t)(s.FirstConnected(ctx, []devices.DeviceID{"g1", "c1"})),
		map[devices.DeviceID]time.Time{"g1": minute(1)})
}

func spansChosen(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	var all []presence.Span
	for i := range 4 {
		all = append(all, presence.Span{Up: minute(10 * i), Down: minute(10*i + 5), Cause: "disconnect"})
	}
	all[3].Down, all[3].Cause = time.Time{}, ""
	must[devices.Revision](t)(s.SaveLink(ctx, "g1", presence.Link{Status: presence.Online, Since: minute(30)}, all...))
	for _, test := range []struct{ from, to, first, end int }{
		{-5, 100, 0, 4}, {-5, 0, 0, 0}, {2, 3, 0, 1}, {5, 10, 0, 0}, {4, 11, 0, 2}, {12, 33, 1, 4}, {20, 21, 2, 3}, {90, 95, 3, 4}, {26, 29, 0, 0},
	} {
		in := presence.Period{From: minute(test.from), To: minute(test.to)}
		equal(t, "spans", must[[]presence.Span](t)(s.Spans(ctx, "g1", in)), all[test.first:test.end])
		of := must[map[devices.DeviceID][]presence.Span](t)(s.SiteSpans(ctx, "s1", in))
		equal(t, "spans of the site", of["g1"], all[test.first:test.end])
	}
	if more := must[bool](t)(s.Forget(ctx, minute(16))); more {
		t.Error("there is more to forget")
	}
	equal(t, "after forgetting", must[[]presence.Span](t)(s.Spans(ctx, "g1", ever)), all[2:])
}

func linksTogether(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	off := presence.Link{Status: presence.Offline, Since: t0, Cause: presence.RestartCause}
	span := []presence.Span{{Up: minute(-5), Down: minute(-1), Cause: presence.RestartCause}}
	_, err := s.SaveLinks(ctx, []devices.LinkChange{{Device: "g1", Link: off, History: span}, {Device: "none", Link: off}})
	wantCode(t, err, devices.NotFound)
	equal(t, "untouched", live(t, s, "g1").Link.Status, presence.NeverSeen)
	revisions := must[[]devices.Revision](t)(s.SaveLinks(ctx, []devices.LinkChange{{Device: "g1", Link: off, History: span}, {Device: "t1", Link: off}}))
	equal(t, "first", live(t, s, "g1").Revision, revisions[0])
	equal(t, "second", live(t, s, "t1").Revision, revisions[1])
	equal(t, "link", live(t, s, "t1").Link, off)
	equal(t, "history", must[[]presence.Span](t)(s.Spans(ctx, "g1", ever)), span)
}

func retirementEndsSpan(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	must[devices.Revision](t)(s.SaveLink(ctx, "g1", presence.Link{Status: presence.Online, Since: t0}, presence.Span{Up: t0}))
	_, _, err := s.Retire(ctx, devices.Retirement{Device: "g1", At: minute(7)}, audit("device.retire", "device:g1"))
	ok(t, err)
	equal(t, "spans", must[[]presence.Span](t)(s.Spans(ctx, "g1", ever)), []presence.Span{{Up: t0, Down: minute(7), Cause: devices.CauseRetired}})
}

func runsKept(t *testing.T, s devices.Store) {
	ctx := context.Background()
	for _, r := range []struct{ start, seen int }{{0, 0}, {0, 4}, {0, 2}, {6, 9}, {20, 21}} {
		ok(t, s.Ran(ctx, minute(r.start), minute(r.seen)))
	}
	all := []presence.Period{{From: minute(0), To: minute(4)}, {From: minute(6), To: minute(9)}, {From: minute(20), To: minute(21)}}
	equal(t, "runs", must[[]presence.Period](t)(s.Runs(ctx, ever)), all)
	equal(t, "some", must[[]presence.Period](t)(s.Runs(ctx, presence.Period{From: minute(5), To: minute(20)})), all[1:2])
	must[bool](t)(s.Forget(ctx, minute(10)))
	equal(t, "the rest", must[[]presence.Period](t)(s.Runs(ctx, ever)), all[2:])
}
