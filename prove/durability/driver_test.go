package durability

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// driver does random things with a broker, one after the other, so that after a
// crash at most one of them is in doubt.
type driver struct {
	t       *testing.T
	r       *rand.Rand
	s       *server
	guests  []*guest
	worlds  []*world // those that may be the case: one, or two after a crash
	wills   *wills
	written int // messages
	deeds   int
	crashes int
}

func newDriver(t *testing.T, s *server, r *rand.Rand) *driver {
	t.Helper()
	d := &driver{t: t, r: r, s: s, worlds: []*world{newWorld()}, wills: newWills(r)}
	for i := range 6 {
		v := []mqtt.Version{mqtt.V311, mqtt.V5}[i%2]
		d.guests = append(d.guests, &guest{name: fmt.Sprint("guest-", i), version: v, held: map[uint16]bool{}})
	}
	subscribe(t, s.Addr, d.wills.watcher.name, 2, "will/+")
	return d
}

// run does random things until the broker is gone.
func (d *driver) run() {
	d.t.Helper()
	for {
		if err := d.step(); err != nil {
			var f *flow.Fault
			if errors.As(err, &f) || !gone(d.s) {
				d.t.Fatalf("after %d deeds, %d crashes: %v: %s", d.deeds, d.crashes, err, d.s.Stderr)
			}
			break
		}
		d.deeds++
	}
	d.crashed()
}

// settled says that something was stored after all that was done so far.
func (d *driver) settled() {
	d.wills.settled()
	for _, w := range d.worlds {
		w.settled()
	}
}

// crashed notes that the broker is gone.
func (d *driver) crashed() {
	d.crashes++
	d.wills.crash()
	for _, w := range d.worlds {
		w.crash()
	}
}

// gone says whether a broker that lost a connection has ended.
func gone(s *server) bool {
	moved := make(chan struct{})
	close(moved)
	return ends(s, moved)
}

// step does one thing.
func (d *driver) step() error {
	g := d.guests[d.r.IntN(len(d.guests))]
	topic := []string{"a/0", "a/1", "b/0", "b/1"}[d.r.IntN(4)]
	filter := []string{"a/0", "a/1", "b/+"}[d.r.IntN(3)]
	switch n := d.r.IntN(20); {
	case n < 8:
		l := d.letter()
		err := d.do(g, func(v *visit) error { return v.publish(topic, l) }, func(w *world) { w.publish(g.name, topic, l) })
		if err == nil && l.retain && l.payload != "" { // surely stored, and all before it
			d.settled()
		}
		return err
	case n < 12:
		options := d.options(g)
		return d.do(g, func(v *visit) error { return v.subscribe(filter, options) }, func(w *world) {
			w.sessions[g.name].filters[filter], w.sessions[g.name].sure = options, true
		})
	case n < 14:
		return d.do(g, func(v *visit) error { return v.unsubscribe(filter) }, func(w *world) { delete(w.sessions[g.name].filters, filter) })
	case n < 15:
		return d.forget(g)
	case n < 18:
		return d.wills.change(d.s.Addr)
	default:
		return d.do(g, nil, func(*world) {})
	}
}

func (d *driver) letter() letter {
	d.written++
	l := letter{fmt.Sprintf("m%d %s", d.written, strings.Repeat("x", d.r.IntN(2000))), byte(1 + d.r.IntN(2)), d.r.IntN(3) == 0}
	if l.retain && d.r.IntN(4) == 0 {
		l.payload = "" // removes the retained message
	}
	return l
}

func (d *driver) options(g *guest) byte {
	options := byte(d.r.IntN(3))
	if g.version == mqtt.V5 {
		options |= byte(d.r.IntN(4))<<2 | sendNoRetained // any of noLocal and retainAsPublished
	}
	return options
}

// do lets a guest visit, and has every world that may be the case go along: with
// the deed if it was acknowledged, with and without it if the broker was gone.
func (d *driver) do(g *guest, work func(*visit) error, deed func(*world)) error {
	v, err := g.visit(d.s.Addr, work)
	var f *flow.Fault
	if errors.As(err, &f) {
		return err
	}
	var next []*world
	var wrong error
	for _, w := range d.worlds {
		for _, possible := range outcomes(w, g.name, deed, err == nil) {
			if e := agree(w, possible, v, err == nil); e != nil {
				wrong = errors.Join(wrong, e)
			} else {
				next = append(next, possible)
			}
		}
	}
	if len(next) == 0 {
		return &flow.Fault{What: fmt.Sprintf("%s got %v: %v", g.name, v.came, wrong)}
	}
	d.worlds = next
	return err
}

// outcomes are the worlds after a deed.
func outcomes(w *world, name string, deed func(*world), acknowledged bool) []*world {
	after := w.clone()
	after.session(name)
	deed(after)
	if acknowledged {
		return []*world{after}
	}
	connected := w.clone()
	connected.session(name)
	return []*world{after, connected, w.clone()}
}

// agree compares what came in a visit with what is owed, and takes it.
func agree(before, after *world, v *visit, whole bool) error {
	had := before.sessions[v.guest.name]
	if whole && (had == nil && v.known || had != nil && had.sure && !v.known) {
		return fmt.Errorf("session present: %v, owed: %v", v.known, had != nil)
	}
	if m := after.sessions[v.guest.name]; m != nil {
		return m.take(v.came, whole)
	}
	return nil
}

// forget has a guest end its session for good.
func (d *driver) forget(g *guest) error {
	c, err := dialWith(d.s.Addr, mqtt.Connect{ClientID: g.name, Version: g.version})
	if err == nil {
		g.held = map[uint16]bool{}
		err = leave(c)
		_ = c.Close()
	}
	var next []*world
	for _, w := range d.worlds {
		without := w.clone()
		delete(without.sessions, g.name)
		if next = append(next, without); err != nil {
			next = append(next, w)
		}
	}
	d.worlds = next
	return err
}

// check compares the broker that was started after a crash with the model: what
// everybody gets, what is retained, and who is subscribed how to what.
func (d *driver) check(s *server) {
	t := d.t
	t.Helper()
	d.s = s
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("after %d deeds, %d crashes: %v", d.deeds, d.crashes, err)
		}
	}
	must(d.wills.comeBack(s.Addr))
	nothing := func(*world) {}
	for _, g := range d.guests {
		must(d.do(g, nil, nothing))
	}
	must(d.checkRetained())
	for _, g := range d.guests {
		for _, topic := range []string{"a/0", "a/1", "b/0", "b/1"} {
			l := letter{fmt.Sprintf("probe%d", d.written), 2, true}
			d.written++
			must(d.do(g, func(v *visit) error { return v.publish(topic, l) }, func(w *world) { w.publish(g.name, topic, l) }))
		}
	}
	d.settled()
	for _, g := range d.guests {
		must(d.do(g, nil, nothing))
	}
	d.checkWills()
	d.worlds = d.worlds[:1] // what differs in nothing that can be seen is the same
	for _, m := range d.worlds[0].sessions {
		m.repeats = nil // all of it is long acknowledged
	}
}

// checkRetained compares what a new client gets with what is to be retained.
func (d *driver) checkRetained() error {
	c, err := dialWith(d.s.Addr, mqtt.Connect{ClientID: "reader", Version: mqtt.V5})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SubscribeNow(1, 0, "#"); err != nil {
		return err
	}
	c.Ping()
	if err := c.Flush(); err != nil {
		return err
	}
	found := map[string]string{}
	for {
		p, err := c.Read()
		if err != nil {
			return err
		}
		if p.Type == mqtt.PINGRESP {
			break
		}
		if !p.Publish.Retain {
			continue // of others, on its way
		}
		found[string(p.Publish.Topic)] = string(p.Publish.Payload)
	}
	d.worlds = slices.DeleteFunc(d.worlds, func(w *world) bool {
		wrong := !maps.Equal(w.retained, found)
		if wrong {
			err = errors.Join(err, fmt.Errorf("retained is %v, owed is %v", short(found), short(w.retained)))
		}
		return wrong
	})
	if len(d.worlds) == 0 {
		return err
	}
	return leave(c)
}

// short leaves out what fills the payloads.
func short(messages map[string]string) map[string]string {
	names := map[string]string{}
	for topic, payload := range messages {
		names[topic], _, _ = strings.Cut(payload, " ")
	}
	return names
}

// checkWills waits until all wills that are owed have come to the watcher.
func (d *driver) checkWills() {
	d.t.Helper()
	owed := slices.Collect(maps.Keys(d.wills.owed))
	prove.Eventually(d.t, fmt.Sprintf("the wills that are owed are published: %q", owed), func() bool {
		v, err := d.wills.watcher.visit(d.s.Addr, nil)
		if err != nil || !v.known {
			d.t.Fatalf("the watcher's session: %v", err)
		}
		if err := d.wills.arrive(v.came); err != nil {
			d.t.Fatal(err)
		}
		return len(d.wills.owed) == 0
	})
}
