package devices

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

// unit is one device in memory.
type unit struct {
	device fixed // never changes; the rest of Device is live.Device
	kind   Kind

	// turn is held by whoever writes this device: store, then memory, then news.
	// That keeps the revisions of its feed in order.
	turn baton
	// lane is held by whoever sends a command to it, from the commit to the link:
	// commands reach the link in the order of their sequence numbers.
	lane baton

	// teller is held by whoever compares its modes with its layers; it guards told.
	teller baton
	told   map[string]telling // by direction

	configuring baton // held by whoever puts its configuration where it finds it

	mu           sync.Mutex               // guards what follows; held for copies only
	calm         time.Time                // until then watchLinks need not look at it
	live         Live                     // as committed and published
	issued       time.Time                // of its newest mode command
	clockSet     time.Time                // when it was ordered to set its clock
	seq          int64                    // the greatest number of its commands
	unstored     int                      // how many of its commands wait for their record
	pendingSince time.Time                // since when some do; zero: none
	link         presence.Link            // the newest word on it, not always committed yet
	spans        []presence.Span          // of its history, not saved yet
	linkTold     time.Time                // when its link was saved last
	linkFrom     time.Time                // when its newest link may be told
	configTold   ConfigStatus             // as it was told last
	doubtTold    Doubt                    // as it was told last
	stated       time.Time                // when the report came that is stored
	heard        time.Time                // when it came up, or its last report came
	owed         []owing                  // what came of it and is not taken yet
	owedSince    time.Time                // since when there is one
	reported     uint64                   // epoch of the connection that live.State came on
	running      map[CommandID]*execution // open commands, and those that ended a while ago
}

// owing is a channel on which a message came that is not taken yet.
type owing struct {
	channel wire.Channel
	epoch   uint64 // of its connection
}

// fixed is what a device is for good.
type fixed struct {
	ID   DeviceID
	Site SiteID
	Kind KindName
}

func newUnit(l Live, k Kind) *unit {
	return &unit{
		device: fixed{l.Device.ID, l.Device.Site, l.Device.Kind}, kind: k,
		turn: newBaton(), lane: newBaton(), teller: newBaton(), configuring: newBaton(),
		live: l, link: l.Link,
	}
}

// issueMode makes the times of a device's mode commands rise, whatever the clock
// does, so that the device can tell which is the newest.
func (u *unit) issueMode(at time.Time) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !at.After(u.issued) {
		at = u.issued.Add(time.Millisecond)
	}
	u.issued = at
	return at
}

// nextSeq numbers a command of a device: it rises, without asking the store. It is
// not less than the time of issue in Unix ms, so that it rises also if the store,
// which knew the greatest at the start, was an older copy of itself.
func (u *unit) nextSeq(issued time.Time) int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.seq = max(u.seq+1, issued.UnixMilli())
	return u.seq
}

// fireGroup is the fire group that its openings are released with; empty: none.
func (u *unit) fireGroup() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.live.Fire.Group
}

// snapshot is a copy that the caller may keep.
func (u *unit) snapshot() Live {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := copyLive(u.live)
	l.RecordPending = u.pendingSince
	return l
}

// live is what is known of a device, judged by the platform's clock.
func (c *Control) live(u *unit) Live {
	return u.snapshot().judged(c.d.Now())
}

// judged says of a device what depends on the time.
func (l Live) judged(now time.Time) Live {
	l.Doubt, l.Configured = l.DoubtAt(now), l.ConfigStatusAt(now)
	return l
}

func copyLive(l Live) Live {
	l.State.Counters = maps.Clone(l.State.Counters)
	l.State.Modes = maps.Clone(l.State.Modes)
	l.State.Capabilities = slices.Clone(l.State.Capabilities)
	l.State.Settings = maps.Clone(l.State.Settings)
	if l.Last != nil {
		e := *l.Last
		l.Last = &e
	}
	return l
}

// registered is what the registry says of it now.
func (u *unit) registered() Device {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.live.Device
}

// retired is whether it is out of service. Who holds turn or lane can rely on it.
func (u *unit) retired() bool { return !u.registered().Retired.IsZero() }

// linkNow is whether it is connected, by the newest word.
func (u *unit) linkNow() presence.Link {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.link
}

// executions are its commands in memory, oldest first.
func (u *unit) executions() []*execution {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := make([]*execution, 0, len(u.running))
	for _, x := range u.running {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *execution) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

func (u *unit) execution(id CommandID) *execution {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.running[id]
}

// change edits what is known of it, after the commit that made r, and tells the
// news, unless it is retired: then it is off the feed. The caller holds turn.
func (c *Control) change(u *unit, r Revision, edit func(*Live)) {
	u.mu.Lock()
	edit(&u.live)
	u.live.Revision = max(u.live.Revision, r)
	l := copyLive(u.live).judged(c.d.Now())
	l.RecordPending, u.configTold, u.doubtTold = u.pendingSince, l.Configured, l.Doubt
	u.mu.Unlock()
	if !l.Device.Retired.IsZero() {
		return
	}
	c.d.News.Device(l)
	c.said(l.Device.Site, l.Device.Zone, l.Revision)
}

// baton is a lock that can be waited for with a context.
type baton chan struct{}

func newBaton() baton { return make(baton, 1) }

func (b baton) take(ctx context.Context) error {
	select {
	case b <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b baton) give() { <-b }
