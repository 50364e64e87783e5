package broker

import "slices"

// group is those who share a subscription: of each message one of them gets a
// copy, besides what it gets by other subscriptions (MQTT 5.0, section 4.8.2). It
// belongs to the turn.
type group struct {
	filter  string // $share/{group}/{filter} or $queue/{filter}
	members []member
	next    int  // whose turn it is
	backlog bool // something waits for an absent member; see turn.owe
}

type member struct {
	s   *session
	sub *subscription
}

// join makes a session a member of the group of its subscription, or replaces the
// subscription that it is a member by.
func (t *turn) join(s *session, n *subscription, plain string) {
	b := t.b
	g := b.groups[n.Filter]
	if g == nil {
		g = &group{filter: n.Filter}
		b.groups[n.Filter] = g
		b.shared.Set(plain, g, struct{}{})
	}
	n.group = g
	if i := g.find(s); i >= 0 {
		g.members[i].sub = n
		return
	}
	g.members = append(g.members, member{s, n})
	s.shares++
}

// leave ends the membership.
func (t *turn) leave(s *session, g *group, plain string) {
	i := g.find(s)
	if i < 0 {
		return
	}
	g.members = slices.Delete(g.members, i, i+1)
	s.shares--
	if len(g.members) == 0 {
		t.owe(g, false)
		delete(t.b.groups, g.filter)
		t.b.shared.Delete(plain, g)
	}
}

func (g *group) find(s *session) int {
	return slices.IndexFunc(g.members, func(x member) bool { return x.s == s })
}

// share gives a message to one member.
func (t *turn) share(g *group, m *message) {
	if !t.shareWith(g, m, nil, true) {
		t.lost(nil, m, droppedShared)
	}
}

// shareWith gives a message to one member other than not; absent says whether
// that may be one who is not connected. False: nobody can take it.
func (t *turn) shareWith(g *group, m *message, not *session, absent bool) bool {
	x := t.pick(g, m, not, absent)
	if x == nil {
		return false
	}
	if x.s.conn == nil {
		t.owe(g, true)
	}
	how := terms{qos: min(m.qos, x.sub.QoS), retain: m.retain && x.sub.RetainAsPublished, shared: g.filter}
	if x.sub.id != 0 {
		how.ids = []uint32{x.sub.id}
	}
	t.give(x.s, m, how)
	return true
}

// owe notes whether something waits for an absent member of the group: whoever
// connects, joins or has room again gets it.
func (t *turn) owe(g *group, owes bool) {
	if g.backlog == owes {
		return
	}
	if g.backlog = owes; owes {
		t.b.owing++
	} else {
		t.b.owing--
	}
}

// pick chooses who gets a message: whoever can be sent it at once, by turns;
// otherwise the connected member for whom the fewest wait; otherwise an absent
// one.
func (t *turn) pick(g *group, m *message, not *session, absent bool) (best *member) {
	shortest, n := 0, len(g.members)
	for i := range n {
		place := (g.next + i) % n
		x := &g.members[place]
		if x.s == not || x.s.conn == nil && !absent {
			continue
		}
		waits, able := t.wouldWait(x, m)
		if able && (best == nil || waits < shortest) {
			best, shortest = x, waits
		}
		if able && waits == 0 {
			g.next = place + 1
			return best
		}
	}
	g.next++
	return best
}

// absentWaits is more than ever wait for somebody who is connected.
const absentWaits = 1 << 30

// wouldWait says for how many others a message would wait at a member, if that can
// take it at all.
func (t *turn) wouldWait(x *member, m *message) (others int, able bool) {
	s := x.s
	c, o := s.conn, &s.out
	switch {
	case min(m.qos, x.sub.QoS) == 0:
		return 0, c != nil && c.ready && c.hasRoom()
	case !t.hasRoom(s, m) || t.b.queued.refuses(m, &t.b.limits) != 0:
		return 0, false
	case c == nil:
		return absentWaits + o.waiting.len(), !m.command && s.lasting()
	case c.ready && len(o.open) < c.window:
		return o.waiting.len(), true
	}
	return o.waiting.len() + 1, true
}

// handOn gives what came to a session by shared subscriptions to others of the
// groups: what was not sent when its connection has ended, to those who are
// connected; when the session itself ends also what was sent at QoS 1 and not
// acknowledged. A QoS 2 message that was begun is nobody else's (MQTT-4.8.2-4,
// MQTT-4.8.2-5).
func (t *turn) handOn(s *session, ends bool) {
	if s.out.shared == 0 {
		return
	}
	stuck := make(map[*group]bool) // nobody of them has room
	s.out.keep(func(e *entry) bool {
		g := t.b.groups[e.shared]
		if g == nil || !e.handable(ends) {
			return true
		}
		if stuck[g] || !t.move(s, e, g, ends) {
			stuck[g] = true
			t.owe(g, true)
			if ends {
				t.lost(nil, e.m, droppedShared)
			}
			return true
		}
		return false
	})
}

// move gives an entry to another member of the group; false if nobody takes it. The
// place that it has in all queues together is free for it.
func (t *turn) move(s *session, e *entry, g *group, absent bool) bool {
	q := &t.b.queued
	q.moves = e.m
	moved := t.shareWith(g, e.m.again(), s, absent)
	q.moves = nil
	if moved {
		t.forget(s, e)
	}
	return moved
}

// handable says whether an entry may be given to another member.
func (e *entry) handable(ends bool) bool {
	return !e.m.command && (e.state == Waiting || e.state == Sent && e.qos == 1 && ends)
}

// drawStep is how many entries of absent members are looked at, about, while the
// lock is held.
const drawStep = 10_000

// drawOn has the absent members of groups hand on what waits for them, to those who
// are there: this session among others. It may go on in later turns.
func (t *turn) drawOn(s *session, groups []*group) {
	known := make(map[*session]bool, len(s.draws))
	for _, x := range s.draws {
		known[x] = true
	}
	for _, g := range groups {
		t.owe(g, false)
		for _, x := range g.members {
			if x.s.conn == nil && x.s.out.shared > 0 && !known[x.s] {
				known[x.s] = true
				s.draws = append(s.draws, x.s)
			}
		}
	}
	t.draw(s)
}

// draw goes on with drawOn.
func (t *turn) draw(s *session) {
	for left := drawStep; left > 0 && len(s.draws) > 0; {
		x := s.draws[0]
		s.draws = s.draws[1:]
		if x.conn == nil && !x.gone {
			left -= x.out.waiting.len()
			t.handOn(x, false)
		}
	}
	if len(s.draws) == 0 {
		s.draws = nil
		return
	}
	t.later(s)
}

// refill has a session that has room draw on the groups that owe something.
func (t *turn) refill(s *session) {
	if t.b.owing == 0 || s.shares == 0 || s.conn == nil || s.out.waiting.len() > 0 || s.draws != nil {
		return
	}
	var groups []*group
	for _, sub := range s.subs {
		if g := sub.group; g != nil && g.backlog {
			groups = append(groups, g)
		}
	}
	if len(groups) > 0 {
		t.drawOn(s, groups)
	}
}
