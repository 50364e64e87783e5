package devices

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/devices/arbiter"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
)

const (
	heartbeat = 5 * time.Second
	// savers is how many links are saved at once: enough to share commits.
	savers = 32
)

// Load reads everything from the store, and tells the truth about what a stop of
// the server left open: nothing is connected, and a command that was open may
// have been sent. It must be called once, before everything else.
func (c *Control) Load(ctx context.Context) error {
	const op = "control.load"
	sites, err := c.d.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("%s: sites: %w", op, err)
	}
	for _, s := range sites {
		c.said(s.ID, "", s.Revision)
		if err := c.places.addSite(s); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	zones, err := c.d.Store.Zones(ctx)
	if err != nil {
		return fmt.Errorf("%s: zones: %w", op, err)
	}
	for _, z := range zones {
		c.places.addZone(z)
	}
	lives, err := c.d.Store.Devices(ctx)
	if err != nil {
		return fmt.Errorf("%s: devices: %w", op, err)
	}
	if err := c.loadDevices(ctx, lives); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	layers, err := c.d.Store.Layers(ctx)
	if err != nil {
		return fmt.Errorf("%s: layers: %w", op, err)
	}
	for _, l := range layers {
		c.rulings.apply(l)
		c.said(SiteID(l.Scope.Site), l.Zone, l.Revision)
	}
	if err := c.loadFires(ctx); err != nil {
		return fmt.Errorf("%s: fire releases: %w", op, err)
	}
	if err := c.loadNumbers(ctx); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if err := c.closeCommands(ctx); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

func (c *Control) loadDevices(ctx context.Context, lives []Live) error {
	c.started = c.now()
	seen, err := c.lastSeen(ctx)
	if err != nil {
		return err
	}
	var ended []LinkChange
	var of []*unit
	for _, l := range lives {
		k, ok := KindOf(l.Device.Kind)
		if !ok {
			return &Error{Op: "device.load", Code: Internal, Message: fmt.Sprintf("device %s has the unknown kind %q", l.Device.ID, l.Device.Kind)}
		}
		if !l.Device.Retired.IsZero() {
			c.places.retire(newUnit(l, k))
			continue
		}
		was := l.Link
		l.Link = presence.Restart(l.Link, c.started)
		u := newUnit(l, k)
		c.places.addUnit(u)
		c.said(l.Device.Site, l.Device.Zone, l.Revision)
		if l.Link.Cause == presence.RestartCause && was.Cause != presence.RestartCause {
			ended = append(ended, LinkChange{l.Device.ID, l.Link, endedByStop(was, seen)})
			of = append(of, u)
		}
	}
	return c.saveRestart(ctx, ended, of)
}

// saveRestart saves the links that the stop of the server ended, in one commit.
func (c *Control) saveRestart(ctx context.Context, ended []LinkChange, of []*unit) error {
	if len(ended) == 0 {
		return nil
	}
	revisions, err := c.d.Store.SaveLinks(ctx, ended)
	if err != nil {
		return fmt.Errorf("links: %w", err)
	}
	for i, u := range of {
		u.live.Revision = revisions[i] // nobody else knows of u yet
		c.said(u.device.Site, u.live.Device.Zone, revisions[i])
	}
	return nil
}

// loadNumbers takes over which numbers and keys commands have had: new ones are made
// and compared without the store.
func (c *Control) loadNumbers(ctx context.Context) error {
	seqs, err := c.d.Store.CommandSeqs(ctx)
	if err != nil {
		return fmt.Errorf("numbers of commands: %w", err)
	}
	for _, u := range c.places.allUnits() {
		u.seq = seqs[u.device.ID] // nobody else knows of u yet
	}
	now := c.now()
	keys, err := c.d.Store.CommandKeys(ctx, now.Add(-keyMemory), mostKeys)
	if err != nil {
		return fmt.Errorf("keys of commands: %w", err)
	}
	for _, k := range keys {
		c.keys.note(k.Device, k.Key, k.ID, now, now)
	}
	return nil
}

// closeCommands ends every open command: its sending had begun, or may have.
func (c *Control) closeCommands(ctx context.Context) error {
	open, err := c.d.Store.OpenCommands(ctx)
	if err != nil {
		return fmt.Errorf("open commands: %w", err)
	}
	saving, ctx := errgroup.WithContext(ctx)
	saving.SetLimit(savers)
	now := c.now()
	for _, cmd := range open {
		saving.Go(func() error {
			detail := "the server restarted while it was open"
			cmd.Ladder, _ = command.Record(cmd.Ladder, command.Rung{Step: command.Uncertain, At: now, Detail: detail})
			r, err := c.d.Store.SaveLadder(ctx, cmd)
			if err != nil {
				return fmt.Errorf("command %s: %w", cmd.ID, err)
			}
			cmd.Revision = r
			c.resume(cmd)
			return nil
		})
	}
	return saving.Wait()
}

// resume keeps a command that has ended on the feed for a while.
func (c *Control) resume(cmd Command) {
	u, ok := c.places.unit(cmd.Device)
	if !ok || !c.group.enter() {
		return
	}
	defer c.group.leave()
	c.execute(u, cmd, c.d.Now(), nil)
}

// Run tells everything once, and then keeps links, tallies, heartbeats and
// commands going until ctx ends. When it returns nothing of Control runs any
// more, and Send is Unavailable.
func (c *Control) Run(ctx context.Context) error {
	defer c.group.close()
	stop := context.AfterFunc(ctx, c.group.end)
	defer stop()
	for range savers {
		c.group.start(func() { c.keepLinks(c.group.life) })
	}
	for range tellers {
		c.group.start(func() { c.keepModes(c.group.life) })
	}
	c.group.start(func() { c.watchModes(c.group.life) })
	for range savers {
		c.group.start(func() { c.keepAlarmed(c.group.life) })
	}
	for range putters {
		c.group.start(func() { c.keepConfigs(c.group.life) })
	}
	c.putAllConfigs()
	c.group.start(func() { c.watchFires(c.group.life) })
	c.group.start(func() { c.recordFires(c.group.life) })
	c.group.start(func() { c.tellTodays(c.group.life) })
	c.group.start(func() { c.watchLinks(c.group.life) })
	c.group.start(func() { c.keepHistory(c.group.life) })
	c.tellAll(ctx)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		c.beat()
		c.newDays()
		c.sayClockStep()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tellAll publishes every device and asks for every tally; commands are told by
// their executions.
func (c *Control) tellAll(ctx context.Context) {
	for _, s := range c.places.allSites() {
		c.TodayChanged(s.ID)
	}
	for _, l := range c.rulings.all() {
		if l.Layer != arbiter.Fire { // its report tells of it
			c.d.News.Layer(l)
		}
	}
	for _, u := range c.places.allUnits() {
		if u.turn.take(ctx) != nil {
			return
		}
		c.change(u, 0, func(*Live) {})
		u.turn.give()
	}
}

// beat tells each zone, and each site, its newest revision.
func (c *Control) beat() {
	now := c.now()
	for _, s := range c.places.allSites() {
		c.d.News.Heartbeat(s.ID, "", now, c.pulse.of(s.ID, ""))
	}
	for _, z := range c.places.allZones() {
		c.d.News.Heartbeat(z.Site, z.ID, now, c.pulse.of(z.Site, z.ID))
	}
}
