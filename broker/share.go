package broker

import "slices"

// group is those who share a subscription: of each message one of them gets a
// copy, besides what it gets by other subscriptions (MQTT 5.0, section 4.8.2). It
// belongs to the turn.
type group struct {
	filter  string // $share/{group}/{filter} or $queue/{filter}
	members []member
	next    int  // whose turn it is
	backlog bool // something waits for an absent member that the others had no room for
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
	how := terms{qos: min(m.qos, x.sub.QoS), retain: m.retain && x.sub.RetainAsPublished, shared: g.filter}
	if x.sub.id != 0 {
		how.ids = []uint32{x.sub.id}
	}
	t.give(x.s, m, how)
	return true
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
const absentWaits = 1 << 40

// wouldWait says for how many others a message would wait at a member, if that can
// take it at all.
func (t *turn) wouldWait(x *member, m *message) (others int, able bool) {
	s := x.s
	c, o := s.conn, &s.out
	switch {
	case min(m.qos, x.sub.QoS) == 0:
		return 0, c != nil && c.ready && c.hasRoom()
	case !o.hasRoom(m, &t.b.limits) || t.b.queued.refuses(m, &t.b.limits) != 0:
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
	if !s.out.shared {
		return
	}
	var stuck *group // nobody of it has room
	s.out.keep(func(e *entry) bool {
		g := t.b.groups[e.shared]
		if g == nil || g == stuck || !e.handable(ends) {
			return true
		}
		if !t.shareWith(g, e.m.again(), s, ends) {
			g.backlog, stuck = true, g
			return true
		}
		t.forget(s, e)
		return false
	})
}

// handable says whether an entry may be given to another member.
func (e *entry) handable(ends bool) bool {
	return !e.m.command && (e.state == Waiting || e.state == Sent && e.qos == 1 && ends)
}

// drawOn gives what waits for absent members of a group to those who are there.
func (t *turn) drawOn(g *group) {
	g.backlog = false
	for _, x := range g.members {
		if x.s.conn == nil {
			t.handOn(x.s, false)
		}
	}
}

// drawOnAll is drawOn for a session that has connected, in all of its groups.
func (t *turn) drawOnAll(s *session) {
	if s.shares == 0 {
		return
	}
	for _, sub := range s.subs {
		if sub.group != nil {
			t.drawOn(sub.group)
		}
	}
}

// refill goes on with what absent members left, once all that waited for a session
// was sent.
func (t *turn) refill(s *session) {
	if s.shares == 0 || s.out.waiting.len() > 0 {
		return
	}
	for _, sub := range s.subs {
		if g := sub.group; g != nil && g.backlog {
			t.drawOn(g)
		}
	}
}
