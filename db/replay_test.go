package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/command"
	"gatehouse/devices/pictures"
	"gatehouse/devices/presence"
	"gatehouse/devices/replay"
	"gatehouse/devices/timetable"
	"gatehouse/prove"
)

// told is what the model remembers of one thing that happened.
type told struct {
	at      time.Time
	what    string // kind and what names it
	device  devices.DeviceID
	zone    devices.ZoneID // of what is of a zone; empty with an empty device: of the whole site
	opens   bool
	acts    bool               // only who sees the audit trail may see it
	covered []devices.DeviceID // by a switch
}

// chronicle is a property in which things happen at random, and a model that remembers
// them.
type chronicle struct {
	t      testing.TB
	r      *rand.Rand
	d      *DB
	ctx    context.Context
	known  []devices.Device
	states map[devices.DeviceID]devices.State
	links  map[devices.DeviceID]presence.Link
	now    time.Time
	n      int
	all    []told
}

func newChronicle(t testing.TB) *chronicle {
	t.Helper()
	c := emptyChronicle(t)
	for i := range 7 {
		c.known = append(c.known, devices.Device{
			ID: devices.DeviceID(fmt.Sprintf("d%d", i)), Site: devices.SiteID(fmt.Sprintf("s%d", i/6)), Zone: devices.ZoneID(fmt.Sprintf("z%d", i/3)),
			Kind: devices.Gate, Name: fmt.Sprintf("Gate %d", i), Created: start,
		})
	}
	register(t, c.d, c.known...)
	return c
}

func emptyChronicle(t testing.TB) *chronicle {
	t.Helper()
	return &chronicle{
		t: t, r: rand.New(rand.NewPCG(uint64(prove.Seed(t)), 3)), d: opened(t), ctx: context.Background(), now: start,
		states: map[devices.DeviceID]devices.State{}, links: map[devices.DeviceID]presence.Link{},
	}
}

// happens notes a thing of a device.
func (c *chronicle) happens(d devices.Device, kind replay.Kind, key string, opens bool) {
	c.all = append(c.all, told{at: c.now, what: string(kind) + " " + key, device: d.ID, opens: opens})
}

func (c *chronicle) device() devices.Device { return c.known[c.r.IntN(len(c.known))] }

func (c *chronicle) id(kind string) string {
	c.n++
	return fmt.Sprintf("%s%05d", kind, c.n)
}

// step has one thing happen.
func (c *chronicle) step() {
	c.now = c.now.Add(time.Duration(c.r.IntN(3)*c.r.IntN(20)) * time.Second) // many at one moment
	d := c.device()
	[]func(devices.Device){c.order, c.report, c.say, c.connect, c.photograph, c.alarm, c.hold, c.turn, c.write}[c.r.IntN(9)](d)
}

func (c *chronicle) order(d devices.Device) {
	cmd := devices.Command{
		ID: devices.CommandID(c.id("k")), Device: d.ID, Site: d.Site, Zone: d.Zone, Seq: int64(c.n), Issued: c.now, TTL: time.Second,
		Action: []devices.Action{devices.ActionOpen, devices.ActionClose, devices.ActionMode}[c.r.IntN(3)],
		Actor:  devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Li"}, Reason: "visitor", Ladder: command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: c.now}}},
	}
	opens := cmd.Action == devices.ActionOpen
	if cmd.Action == devices.ActionMode {
		opens = c.r.IntN(2) == 0
		cmd.Args = map[string]string{"mode": map[bool]string{true: "held_open", false: "controlled"}[opens]}
	}
	_, _, err := c.d.Devices().AddCommand(c.ctx, cmd, c.entry("device.command", d.Site, "device:"+string(d.ID), "{}"))
	ok(c.t, err)
	c.happens(d, replay.Command, string(cmd.ID), opens)
}

func (c *chronicle) entry(verb string, site devices.SiteID, object, detail string) devices.AuditEntry {
	return devices.AuditEntry{
		At: c.now, Actor: devices.Actor{Kind: devices.ActorSystem, ID: "arbiter", Name: "arbiter"}, Verb: verb, Site: site, Object: object, Detail: detail, Outcome: devices.OutcomeOK,
	}
}

func (c *chronicle) report(d devices.Device) {
	was := c.states[d.ID]
	is := devices.State{
		Mode: []devices.Mode{devices.Controlled, devices.HeldOpen}[c.r.IntN(2)], Physical: []devices.Physical{devices.Open, devices.Closed}[c.r.IntN(2)],
		Tamper: c.r.IntN(5) == 0, ReportedAt: c.now, DeviceTime: c.now, Heartbeat: time.Minute,
	}
	_, err := c.d.Devices().SaveState(c.ctx, d.ID, is)
	ok(c.t, err)
	for _, change := range devices.StateChanges(d.ID, was, is) {
		c.happens(d, replay.Change, string(d.ID)+" "+change.Field+"="+change.Now, false)
	}
	c.states[d.ID] = is
}

func (c *chronicle) say(d devices.Device) {
	e := devices.Event{Device: d.ID, ID: devices.EventID(c.id("e")), Site: d.Site, Zone: d.Zone, Seq: int64(c.n), DeviceTime: c.now, ArrivedAt: c.now}
	opens := c.r.IntN(2) == 0
	switch e.Type = []string{"passage", "movement", "fault"}[c.r.IntN(3)]; e.Type {
	case "passage":
		e.Result = map[bool]string{true: "granted", false: "denied"}[opens]
	case "movement":
		e.Physical = map[bool]devices.Physical{true: devices.MovingOpen, false: devices.Closed}[opens]
	default:
		opens = false
	}
	_, _, err := c.d.Devices().AddEvent(c.ctx, e)
	ok(c.t, err)
	c.happens(d, replay.Event, string(e.ID), opens)
}

func (c *chronicle) connect(d devices.Device) {
	was := c.links[d.ID]
	if was.Since.Equal(c.now) {
		return
	}
	is := presence.Link{Status: presence.Online, Since: c.now, Epoch: was.Epoch + 1}
	edge := "online"
	if was.Status == presence.Online {
		is.Status, is.Cause, edge = presence.Offline, presence.CauseKeepAlive, "offline"
	}
	_, err := c.d.Devices().SaveLink(c.ctx, d.ID, is, presence.Trace(nil, was, is, 10)...)
	ok(c.t, err)
	c.links[d.ID] = is
	c.happens(d, replay.Link, string(d.ID)+"/"+edge, false)
}

func (c *chronicle) photograph(d devices.Device) {
	p := pictures.Record{Device: d.ID, Event: devices.EventID(c.id("p")), Site: d.Site, ArrivedAt: c.now, Hash: [32]byte{byte(c.n), byte(c.n >> 8)}, Size: 1}
	_, err := c.d.Pictures().AddPicture(c.ctx, p)
	ok(c.t, err)
	c.happens(d, replay.Picture, string(d.ID)+"/"+string(p.Event), false)
}

func (c *chronicle) alarm(d devices.Device) {
	a := alarms.Alarm{ID: alarms.ID(c.id("a")), Site: d.Site, Zone: d.Zone, Device: d.ID, Type: "tamper", Severity: "major", Raised: c.now, LastSeen: c.now, Count: 1, Resolved: c.now}
	entries := []alarms.Entry{{Alarm: a.ID, At: c.now, What: alarms.WasRaised}, {Alarm: a.ID, At: c.now, What: alarms.WasResolved}}
	_, err := c.d.Alarms().Apply(c.ctx, alarms.Change{Site: d.Site, Alarms: []alarms.Alarm{a}, Entries: entries})
	ok(c.t, err)
	for _, e := range entries {
		c.happens(d, replay.Alarm, string(a.ID)+" "+string(e.What), false)
	}
}

func (c *chronicle) hold(d devices.Device) {
	l := devices.Layer{Set: c.r.IntN(2) == 0, Zone: d.Zone, Setting: arbiter.Setting{
		Layer: arbiter.Hold, Mode: devices.HeldOpen, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: string(d.Site), ID: string(d.ID)}, Since: c.now,
	}}
	s := told{at: c.now, device: d.ID, opens: true}
	switch c.r.IntN(3) {
	case 1:
		l.Layer, l.Mode, l.Scope.Kind, l.Scope.ID, s.device, s.zone = arbiter.Lockdown, devices.LockedDown, arbiter.OfZone, string(d.Zone), "", d.Zone
	case 2:
		l.Layer, l.Mode, l.Scope.Kind, l.Scope.ID, l.Zone, s.device = arbiter.Lockdown, devices.LockedDown, arbiter.OfSite, "", "", ""
	}
	s.opens = !l.Set || l.Mode == devices.HeldOpen
	verb := "layer.lock_down"
	if !l.Set {
		l.Mode, verb = devices.Controlled, "layer.expired"
	}
	_, err := c.d.Devices().SaveLayers(c.ctx, []devices.Layer{l}, []devices.AuditEntry{c.entry(verb, d.Site, "layer:"+l.ID(), `{"mode":"`+string(l.Mode)+`"}`)})
	ok(c.t, err)
	s.what = fmt.Sprintf("layer %s %s %v", l.ID(), l.Scope.Site, l.Set)
	c.all = append(c.all, s)
}

func (c *chronicle) turn(d devices.Device) {
	run := timetable.Run{
		Timetable: timetable.ID(c.id("t")), Site: d.Site, Name: "Day", Due: c.now.Add(-time.Duration(c.r.IntN(3)) * time.Second), Claimed: c.now,
		Why: timetable.Began, Mode: devices.HeldOpen, Outcome: timetable.Claimed,
	}
	opens := c.r.IntN(2) == 0
	if !opens {
		run.Mode = devices.HeldClosed
	}
	_, err := c.d.Timetables().Claim(c.ctx, []timetable.Run{run})
	ok(c.t, err)
	run.Outcome = timetable.Done
	ok(c.t, c.d.Timetables().Finish(c.ctx, []timetable.Run{run}, []timetable.Result{{Timetable: run.Timetable, Due: run.Due, Device: d.ID, Effect: timetable.Set, At: c.now}}))
	c.all = append(c.all, told{at: c.now, what: "switch " + string(run.Timetable) + " " + string(d.Site), covered: []devices.DeviceID{d.ID}, opens: opens})
}

// write has something written down that no other line tells.
func (c *chronicle) write(d devices.Device) {
	key := c.id("w")
	ok(c.t, c.d.Devices().AddAudit(c.ctx, c.entry("device.rename", d.Site, "device:"+string(d.ID), `{"key":"`+key+`"}`)))
	s := told{at: c.now, what: "act " + key, device: d.ID, acts: true}
	c.all = append(c.all, s)
}

// name is how the model calls a line.
func name(l replay.Line) string {
	switch l.Kind {
	case replay.Change:
		return "change " + string(l.Device) + " " + l.Change.Field + "=" + l.Change.Now
	case replay.Alarm:
		return "alarm " + string(l.Alarm.Alarm) + " " + string(l.Alarm.What)
	case replay.Layer:
		return fmt.Sprintf("layer %s %s %v", l.Layer.ID(), l.Layer.Scope.Site, l.Layer.Set)
	case replay.Switch:
		return "switch " + l.Key + " " + string(l.Switch.Site)
	case replay.Act:
		return "act " + strings.Split(l.Act.Detail, `"`)[3]
	}
	return string(l.Kind) + " " + l.Key
}

// wanted are what the model remembers for a query, in any order of one moment.
func (c *chronicle) wanted(q replay.Query) []string {
	inside := map[devices.DeviceID]devices.Device{}
	zones := map[devices.ZoneID]bool{}
	site := q.Site
	for _, d := range c.known {
		if d.ID == q.Device || d.Zone == q.Zone {
			site = d.Site
		}
	}
	for _, d := range c.known {
		if d.Site == site && (q.Zone == "" || d.Zone == q.Zone) && (q.Device == "" || d.ID == q.Device) && q.Within.Admits(d.Site, d.Zone) {
			inside[d.ID], zones[d.Zone] = d, true
		}
	}
	all := []string{}
	for _, s := range c.all {
		var is bool
		switch {
		case s.at.Before(q.From) || !s.at.Before(q.To) || q.Openings && !s.opens || s.acts && !q.Audit:
		case s.covered != nil:
			_, is = inside[s.covered[0]]
		case s.device != "":
			_, is = inside[s.device]
		case s.zone != "":
			is = zones[s.zone]
		default:
			is = strings.Contains(s.what, " "+string(site)+" ")
		}
		if is {
			all = append(all, s.at.Format(time.RFC3339)+" "+s.what)
		}
	}
	return all
}

// query is one that somebody may ask.
func (c *chronicle) query() replay.Query {
	d := c.device()
	q := replay.Query{Openings: c.r.IntN(3) == 0, Audit: c.r.IntN(2) == 0}
	switch c.r.IntN(3) {
	case 0:
		q.Site = d.Site
	case 1:
		q.Zone = d.Zone
	default:
		q.Device = d.ID
	}
	if c.r.IntN(3) == 0 {
		reach := devices.Scope{Places: []devices.Place{{Site: d.Site, Zone: d.Zone}}}.Reach(c.now, devices.Clocks{"s0": time.UTC, "s1": time.UTC})
		q.Within = &reach
	}
	q.From = start.Add(time.Duration(c.r.Int64N(int64(c.now.Sub(start)))))
	q.To = q.From.Add(time.Minute + time.Duration(c.r.Int64N(int64(6*time.Hour))))
	return q
}

// property is what of devices.Control a replay asks.
type property struct{ *chronicle }

func (p property) Device(_ context.Context, id devices.DeviceID) (devices.Live, error) {
	for _, d := range p.known {
		if d.ID == id {
			return devices.Live{Device: d}, nil
		}
	}
	return devices.Live{}, notFound("device", string(id))
}

func (p property) Devices() []devices.Live {
	return mapped(p.known, func(d devices.Device) devices.Live { return devices.Live{Device: d} })
}
func (p property) Retired() []devices.Live { return nil }
func (p property) Zones() []devices.Zone {
	return mapped(p.known, func(d devices.Device) devices.Zone { return devices.Zone{ID: d.Zone, Site: d.Site} })
}
func (p property) Site(id devices.SiteID) (devices.Site, error) {
	return devices.Site{ID: id, TimeZone: "UTC"}, nil
}
func (p property) Line(id devices.DeviceID) []devices.DeviceID { return []devices.DeviceID{id} }

func TestReplayIsWhatAModelRemembers(t *testing.T) {
	t.Parallel()
	c := newChronicle(t)
	for range prove.Size(400, 8000) {
		c.step()
	}
	s := replay.New(c.d.Replay(), property{c})
	for i := range prove.Size(40, 600) {
		q := c.query()
		got, err := s.Replay(c.ctx, q)
		ok(t, err)
		for !got.UpTo.IsZero() { // more than is given at once: what is before the cut is judged
			q.To = got.UpTo
			got, err = s.Replay(c.ctx, q)
			ok(t, err)
		}
		names := mapped(got.Lines, func(l replay.Line) string { return l.At.Format(time.RFC3339) + " " + name(l) })
		want := c.wanted(q)
		slices.Sort(want)
		slices.Sort(names)
		if d := cmp.Diff(want, names); d != "" {
			t.Fatalf("query %d, %+v (-want +got):\n%s", i, q, d)
		}
		if !slices.IsSortedFunc(got.Lines, replay.Line.Compare) {
			t.Errorf("query %d is not in order", i)
		}
		again, err := s.Replay(c.ctx, q)
		ok(t, err)
		if d := cmp.Diff(mapped(got.Lines, name), mapped(again.Lines, name)); d != "" {
			t.Errorf("query %d comes in another order the second time:\n%s", i, d)
		}
	}
}

// TestReplayThatIsCutLacksNothingBeforeItsCut compares every bound with the whole.
func TestReplayThatIsCutLacksNothingBeforeItsCut(t *testing.T) {
	t.Parallel()
	c := newChronicle(t)
	for range prove.Size(150, 2000) {
		c.step()
	}
	s := replay.New(c.d.Replay(), property{c})
	q := replay.Query{Site: "s0", From: start, To: start.Add(replay.MaxSpan), Audit: true}
	whole, err := s.Replay(c.ctx, q)
	ok(t, err)
	for q.Limit = 1; q.Limit < min(len(whole.Lines), 200); q.Limit += 1 + c.r.IntN(7) {
		part, err := s.Replay(c.ctx, q)
		ok(t, err)
		if len(part.Lines) > q.Limit || part.UpTo.IsZero() {
			t.Fatalf("limit %d gave %d lines, whole up to %s", q.Limit, len(part.Lines), part.UpTo)
		}
		before := func(all []replay.Line) []string {
			return mapped(slices.DeleteFunc(slices.Clone(all), func(l replay.Line) bool { return !l.At.Before(part.UpTo) }), name)
		}
		if d := cmp.Diff(before(whole.Lines), before(part.Lines)); d != "" {
			t.Fatalf("limit %d lacks lines before %s:\n%s", q.Limit, part.UpTo, d)
		}
	}
}

func TestReplayTellsHowDevicesStoodBefore(t *testing.T) {
	t.Parallel()
	c := newChronicle(t)
	type stood struct {
		at    time.Time
		state map[devices.DeviceID]devices.State
		links map[devices.DeviceID]presence.Link
	}
	var all []stood
	for range prove.Size(150, 3000) {
		c.step()
		s := stood{c.now.Add(time.Microsecond), map[devices.DeviceID]devices.State{}, map[devices.DeviceID]presence.Link{}}
		for _, d := range c.known {
			s.state[d.ID], s.links[d.ID] = c.states[d.ID], c.links[d.ID]
		}
		if n := len(all); n > 0 && all[n-1].at.Equal(s.at) {
			all = all[:n-1]
		}
		all = append(all, s)
	}
	ids := mapped(c.known, func(d devices.Device) devices.DeviceID { return d.ID })
	for _, s := range all {
		got, err := c.d.Replay().Before(c.ctx, ids, s.at)
		ok(t, err)
		for _, id := range ids {
			state, link, b := s.state[id], s.links[id], got[id]
			if b.Values["physical"] != string(state.Physical) || b.Values["mode"] != string(state.Mode) ||
				b.Online != (link.Status == presence.Online) || b.Connected != (link.Status != "") || !b.Since.Equal(link.Since) || b.Cause != link.Cause {
				t.Fatalf("%s at %s stood %+v, told %+v", id, s.at, struct {
					State devices.State
					Link  presence.Link
				}{state, link}, b)
			}
		}
	}
}
