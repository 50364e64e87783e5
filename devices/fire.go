package devices

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"gatehouse/devices/arbiter"
)

// FireReport is one release of a fire group (消防联动), from its start to its end,
// with the proof of each opening.
type FireReport struct {
	ID        string
	Site      SiteID
	Group     string
	By        arbiter.Who
	Reason    string
	Trigger   FireTrigger // the input event that started it, if one did
	Since     time.Time
	Ended     time.Time // zero: it stands
	EndedBy   arbiter.Who
	EndReason string
	// Unlatched is true if the latch could not be written before the first command:
	// the release would not have outlived a restart at that moment.
	Unlatched bool
	Openings  []FireProof
	Revision  Revision `json:"-"`
}

// FireTrigger is an event of a device that is the input of a fire group.
type FireTrigger struct {
	Device DeviceID
	Event  EventID
}

// FireProof is what is known of one opening of a release.
type FireProof struct {
	Device    DeviceID
	Name      string
	Direction string
	Commanded time.Time // the first time that it was told; zero: not yet
	Confirmed time.Time // the first time that it reported itself open for this; zero: not yet
	Holds     bool      // its newest report says so
	Problem   string    // offline, unable, or why it refused
}

// Latched is what a Latch keeps.
type Latched struct {
	Releases []FireReport // those that stand
	// Ended are releases that have ended, and whose end is not stored yet.
	Ended []FireReport `json:",omitempty"`
	// Triggers are events that have done their work: the same event, which comes
	// again until it is stored, starts nothing anew.
	Triggers []FireTrigger
}

// Latch keeps which fire groups are released where no database is needed. Its
// methods need not be safe for concurrent use.
type Latch interface {
	Load() (Latched, error)
	// Save is durable when it returns nil.
	Save(Latched) error
}

// FireStore keeps the reports of fire releases, and what devices have to do with
// fire groups. See Store for what all its methods promise.
type FireStore interface {
	// SaveFire replaces the report with this id, or adds it, with audit entries.
	SaveFire(ctx context.Context, f FireReport, entries ...AuditEntry) (Revision, error)
	// Fires gives reports, the newest first.
	Fires(ctx context.Context, limit int) ([]FireReport, error)
	SaveFireWiring(ctx context.Context, d DeviceID, f FireWiring, a AuditEntry) (Revision, error)
}

const (
	// latchWait is how long the first command waits for the latch: a disk that
	// stands still must not keep people in.
	latchWait = 200 * time.Millisecond
	// fireAgain is how often an opening that does not report itself open is told.
	fireAgain    = 2 * time.Second
	maxGroup     = 40
	keptTriggers = 256
)

// ReleaseFire releases a fire group: it is latched, then all its openings are told
// at once, and only then anything is stored. It needs no database, and outranks
// every other layer until EndFire. A group that is released already stays so.
// Errors: Invalid (Field is group or reason), NotFound (no such site).
func (c *Control) ReleaseFire(ctx context.Context, a Actor, site SiteID, group, reason string) (FireReport, error) {
	const op = "fire.release"
	if err := checkReason(op, reason, NeedsReason("fire_release")); err != nil {
		return FireReport{}, err
	}
	if _, ok := c.places.site(site); !ok {
		return FireReport{}, notFound(op, "site "+string(site))
	}
	return c.releaseFire(ctx, op, a, fireKey{site, group}, reason, FireTrigger{})
}

func (c *Control) releaseFire(ctx context.Context, op string, a Actor, k fireKey, reason string, by FireTrigger) (FireReport, error) {
	if !c.group.enter() {
		return FireReport{}, stopping(op)
	}
	defer c.group.leave()
	units := c.fireUnits(k)
	if len(units) == 0 {
		return FireReport{}, invalid(op, "group", "no device that opens something belongs to this fire group")
	}
	if err := c.fires.turn.take(ctx); err != nil {
		return FireReport{}, &Error{Op: op, Code: Unavailable, Message: "another fire release is being started or ended", Err: err}
	}
	defer c.fires.turn.give()
	if f, stands := c.fires.get(k); stands {
		if by.Event == "" || !c.fires.known(by) { // an input's event comes twice: see Glance
			c.fires.again(k, by)
		}
		return f, nil
	}
	if by.Event != "" && c.fires.known(by) {
		return FireReport{}, nil // it did its work, which has been ended since
	}
	id, err := newID(op)
	if err != nil {
		return FireReport{}, err
	}
	f := FireReport{ID: id, Site: k.site, Group: k.group, By: who(a), Reason: reason, Trigger: by, Since: c.now()}
	for _, u := range units {
		f.Openings = append(f.Openings, newProofs(u)...)
	}
	c.fires.start(f)
	unlatched := !c.latch()
	c.fires.mark(k, func(f *FireReport) { f.Unlatched = unlatched })
	c.ruleFire(f, true)
	for _, u := range units {
		c.assertFire(u)
	}
	detail := map[string]any{"group": k.group, "reason": reason, "event": by.Event, "device": by.Device}
	c.fires.changed(k, c.audit(a, op, k.site, "fire:"+k.group, detail))
	f, _ = c.fires.get(k)
	return f, nil
}

// EndFire ends the release of a group; the layers below rule again. Errors:
// Invalid (reason), NotFound (it is not released), Unavailable (the latch could not
// be written: the group stays released), Conflict (it was released again meanwhile).
func (c *Control) EndFire(ctx context.Context, a Actor, site SiteID, group, reason string) (FireReport, error) {
	const op = "fire.end"
	if err := checkReason(op, reason, NeedsReason("fire_end")); err != nil {
		return FireReport{}, err
	}
	if !c.group.enter() {
		return FireReport{}, stopping(op)
	}
	defer c.group.leave()
	k := fireKey{site, group}
	if err := c.fires.latching.take(ctx); err != nil {
		return FireReport{}, &Error{Op: op, Code: Unavailable, Message: "the latch does not answer, so the group stays released", Err: err}
	}
	defer c.fires.latching.give()
	asked := c.fires.asks(k)
	f, stands := c.fires.get(k)
	if !stands {
		return FireReport{}, notFound(op, "a release of the fire group "+group)
	}
	f.Ended, f.EndedBy, f.EndReason = c.now(), who(a), reason
	// Written down without fires.turn: a disk that stands still must not keep another
	// group from being released.
	if err := c.d.Latch.Save(c.fires.content(&f)); err != nil {
		c.fires.setLatched(false) // what it keeps now is not known
		return FireReport{}, &Error{Op: op, Code: Unavailable, Message: "the end cannot be written down, so the group stays released", Err: err}
	}
	if err := c.fires.turn.take(ctx); err != nil {
		c.fires.setLatched(false)
		return FireReport{}, &Error{Op: op, Code: Unavailable, Message: "another fire release is being started or ended, so the group stays released", Err: err}
	}
	defer c.fires.turn.give()
	if c.fires.asks(k) != asked {
		c.fires.setLatched(false)
		return FireReport{}, &Error{Op: op, Code: Conflict, Message: "it was released again meanwhile, so the group stays released"}
	}
	c.fires.mark(k, func(now *FireReport) { now.Ended, now.EndedBy, now.EndReason = f.Ended, f.EndedBy, f.EndReason })
	f, _ = c.fires.get(k)
	c.ruleFire(f, false)
	c.fires.changed(k, c.audit(a, op, site, "fire:"+group, map[string]any{"group": group, "reason": reason}))
	c.fires.end(k)
	c.touch(fireScope(k))
	return f, nil
}

// latch writes what stands, and waits a moment for it. What cannot be written is
// tried again for as long as it stands.
func (c *Control) latch() bool {
	saved := make(chan bool, 1)
	c.fires.setLatched(false)
	c.group.start(func() {
		if c.fires.latching.take(c.group.life) == nil {
			defer c.fires.latching.give()
			saved <- c.writeLatch()
		}
	})
	timer := time.NewTimer(latchWait)
	defer timer.Stop()
	select {
	case ok := <-saved:
		return ok
	case <-timer.C:
		c.d.Log.Error("the latch of the fire release does not answer; releasing all the same")
		return false
	}
}

// writeLatch writes what stands. Its caller holds fires.latching.
func (c *Control) writeLatch() bool {
	err := c.d.Latch.Save(c.fires.content(nil))
	if err != nil {
		c.d.Log.Error("fire release not latched; it would not outlive a restart; trying again", "err", err)
	}
	c.fires.setLatched(err == nil)
	return err == nil
}

// ruleFire makes the layer count, or no more, in memory.
func (c *Control) ruleFire(f FireReport, set bool) {
	c.rulings.apply(c.fires.layer(f, set))
}

// fireUnits are the devices of a group that open something.
func (c *Control) fireUnits(k fireKey) []*unit {
	var found []*unit
	for _, u := range c.places.allUnits() {
		if u.device.Site == k.site && k.group != "" && u.fireGroup() == k.group && len(u.kind.Openings()) > 0 {
			found = append(found, u)
		}
	}
	return found
}

func newProofs(u *unit) []FireProof {
	var all []FireProof
	for _, direction := range u.kind.Openings() {
		all = append(all, FireProof{Device: u.device.ID, Name: u.registered().Name, Direction: direction})
	}
	return all
}

// Fires gives the releases that stand, from memory; it never waits for the store.
func (c *Control) Fires() []FireReport { return c.fires.all() }

// PastFires gives the reports of releases that have ended, the newest first.
func (c *Control) PastFires(ctx context.Context, limit int) ([]FireReport, error) {
	all, err := c.d.Store.Fires(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("fire.list: %w", err)
	}
	var past []FireReport
	for _, f := range all {
		if !f.Ended.IsZero() {
			past = append(past, f)
		}
	}
	return past, nil
}

// SetFireWiring says what a device has to do with fire groups of its site. Errors:
// NotFound, Invalid (Field is group or input), Unavailable.
func (c *Control) SetFireWiring(ctx context.Context, a Actor, id DeviceID, w FireWiring) (Live, error) {
	const op = "device.fire"
	u, ok := c.places.unit(id)
	if !ok {
		return Live{}, notFound(op, "device "+string(id))
	}
	for field, name := range map[string]*string{"group": &w.Group, "input": &w.Input} {
		*name = strings.TrimSpace(*name)
		if !groupName(*name) {
			return Live{}, invalid(op, field, fmt.Sprintf("must be a name of at most %d letters, digits, spaces, points and dashes, or empty", maxGroup))
		}
	}
	if w.Group != "" && len(u.kind.Openings()) == 0 {
		return Live{}, invalid(op, "group", fmt.Sprintf("a %s opens nothing", u.device.Kind))
	}
	if err := u.turn.takeFor(ctx, op, "an earlier change of this device"); err != nil {
		return Live{}, err
	}
	defer u.turn.give()
	if u.retired() {
		return Live{}, notFound(op, "device "+string(id))
	}
	entry := c.audit(a, op, u.device.Site, "device:"+string(id), map[string]any{"group": w.Group, "input": w.Input})
	r, err := c.d.Store.SaveFireWiring(ctx, id, w, entry)
	if err != nil {
		return Live{}, fmt.Errorf("%s: %w", op, err)
	}
	c.change(u, r, func(l *Live) { l.Fire = w })
	c.fires.join(fireKey{u.device.Site, w.Group}, newProofs(u))
	c.alarmed.add(u)
	c.tells.add(u)
	return c.live(u), nil
}

// groupName is whether a text can name a fire group: it stands in topics.
func groupName(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" .-_", r) {
			return false
		}
	}
	return len([]rune(s)) <= maxGroup
}
