package devices

import (
	"context"
	"time"

	"gatehouse/devices/presence"
)

const (
	// keepSpans is how long the history of connections is kept: a year and a month, so
	// that a month can be compared with that of the year before.
	keepSpans = 400 * 24 * time.Hour
	// runEvery is how often a run of the server notes that it lives: after a crash the
	// time since the last note is unknown.
	runEvery = 30 * time.Second
	// maxDays is the longest history of connections in one answer.
	maxDays = 92
	// maxSpans is how many of its spans are told one by one, the newest.
	maxSpans = 500
)

// HistoryStore keeps when devices were online and when the server ran.
type HistoryStore interface {
	// SaveLinks is SaveLink for many devices in one transaction, all or none; a
	// revision for each.
	SaveLinks(ctx context.Context, all []LinkChange) ([]Revision, error)
	// Spans of one device that lie in a part of time or reach into it, oldest first.
	Spans(ctx context.Context, d DeviceID, in presence.Period) ([]presence.Span, error)
	// SiteSpans are Spans of all devices of a site that have any.
	SiteSpans(ctx context.Context, s SiteID, in presence.Period) (map[DeviceID][]presence.Span, error)
	// FirstConnected is when each of these devices was connected first, as far as that is
	// kept; one of which no connection is kept is not in it.
	FirstConnected(ctx context.Context, of []DeviceID) (map[DeviceID]time.Time, error)
	// Ran notes that the run of the server that began at start lived at seen.
	Ran(ctx context.Context, start, seen time.Time) error
	// Runs of the server that lie in a part of time or reach into it, oldest first.
	Runs(ctx context.Context, in presence.Period) ([]presence.Period, error)
	// Forget removes what ended before a time, some thousand rows at once, and says
	// whether there may be more.
	Forget(ctx context.Context, before time.Time) (more bool, err error)
}

// LinkChange is the link of one device with what is new in its history.
type LinkChange struct {
	Device  DeviceID
	Link    presence.Link
	History []presence.Span
}

// lastSeen is when the server was seen alive before this start; zero: never.
func (c *Control) lastSeen(ctx context.Context) (time.Time, error) {
	runs, err := c.d.Store.Runs(ctx, presence.Period{To: c.started.Add(time.Millisecond)})
	if err != nil || len(runs) == 0 {
		return time.Time{}, err
	}
	return runs[len(runs)-1].To, nil
}

// endedByStop is the history of a link that the stop of the server ended: it was
// online until the server was last seen, and nobody knows for how long after.
func endedByStop(was presence.Link, seen time.Time) []presence.Span {
	if was.Status != presence.Online {
		return nil
	}
	down := was.Since
	if seen.After(down) {
		down = seen
	}
	return []presence.Span{{Up: was.Since, Down: down, Cause: presence.RestartCause, Remote: was.Remote}}
}

// keepHistory notes that the server lives, and forgets what is too old, until ctx
// ends.
func (c *Control) keepHistory(ctx context.Context) {
	tick := time.NewTicker(runEvery)
	defer tick.Stop()
	forget := c.started
	for {
		if err := c.d.Store.Ran(ctx, c.started, c.now()); err != nil && ctx.Err() == nil {
			c.d.Log.Error("cannot note that the server runs", "err", err)
		}
		if now := c.now(); !now.Before(forget) {
			forget = now.Add(time.Hour)
			c.forget(ctx, "connections", now.Add(-keepSpans), c.d.Store.Forget)
			c.forget(ctx, "changes of states", now.Add(-c.d.KeepChanges), c.d.Store.ForgetChanges)
		}
		select {
		case <-ctx.Done():
			c.noteEnd()
			return
		case <-tick.C:
		}
	}
}

// noteEnd notes the end of this run, so that an orderly stop leaves nothing unknown
// but the time until the next start.
func (c *Control) noteEnd() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := c.d.Store.Ran(ctx, c.started, c.now()); err != nil {
		c.d.Log.Warn("cannot note the end of this run", "err", err)
	}
}

// forget removes what is older, part by part; what fails is removed the next time.
func (c *Control) forget(ctx context.Context, what string, before time.Time, some func(context.Context, time.Time) (more bool, err error)) {
	for more := true; more; {
		var err error
		if more, err = some(ctx, before); err != nil {
			if ctx.Err() == nil {
				c.d.Log.Error("cannot forget what is old", "what", what, "err", err)
			}
			return
		}
	}
}
