package broker

import (
	"slices"
	"time"

	"gatehouse/broker/packet"
)

// session is what the broker keeps for a client identifier (MQTT 5.0, section
// 4.1). It belongs to the turn.
type session struct {
	*author
	version  packet.Version
	expiry   time.Duration   // NeverExpires, or how long it outlives its connection
	subs     []*subscription // found by filter in the routes
	shares   int             // how many of them are shared
	attached []string        // filters, by the program
	former   []string        // filters that it had while something was queued that still is
	will     *will

	conn   *conn     // nil while absent
	since  time.Time // of the connection, or of its end
	cause  Cause     // why the last connection ended
	end    *task     // ends the session while it is absent
	gone   bool      // it ended
	stored bool      // the store has it

	incoming map[uint16]flow // open incoming QoS 2 messages
	out      outgoing
	resumes  bool       // a turn of its own comes
	draws    []*session // absent members of its groups that have still to hand on
	replay   []replay   // retained messages that new subscriptions have to get

	ticket  uint64   // the last generation that something here waits for
	effects []effect // wait for it, in order
	hit     hit      // scratch of the route that matches now
	dropped uint64
}

// subscription is one filter of a session.
type subscription struct {
	packet.Subscription
	id    uint32 // subscription identifier, 0 for none
	at    int    // place in the session's list
	after uint64 // the retained messages that it finds: up to this order
	ended bool   // unsubscribed, or replaced
	group *group // that shares it; nil if it is not shared
}

// flow is how far an incoming QoS 2 message has come.
type flow byte

const (
	flowHeld  flow = iota // a handler has it, or will
	flowOwned             // ours; PUBREL ends it
)

// lasting reports a session that outlives its connection, and the process.
func (s *session) lasting() bool { return s.expiry != 0 }

// reads are the filters by which it may have got what it has: those of its
// subscriptions, and former ones.
func (s *session) reads() []string { return append(s.filters(), s.former...) }

// filters are those of its subscriptions.
func (s *session) filters() []string {
	list := make([]string, len(s.subs))
	for i, sub := range s.subs {
		list[i] = sub.Filter
	}
	return list
}

func (s *session) record() SessionRecord {
	r := SessionRecord{Client: s.client, Identity: s.identity, Version: s.version, Expiry: s.expiry}
	if s.conn == nil {
		r.Disconnected = s.since
	}
	return r
}

// newSession makes an empty session.
func (t *turn) newSession(client ClientID, identity string) *session {
	s := &session{author: &author{client: client, identity: identity}}
	t.b.sessions[client] = s
	t.b.identities[identity]++
	return s
}

// endSession removes a session and all that belongs to it. A will that was not
// published is now, because the session ended (MQTT-3.1.2-8).
func (t *turn) endSession(s *session) {
	if s.gone {
		return
	}
	s.gone = true
	b := t.b
	b.schedule.cancel(s.end)
	for _, sub := range s.subs {
		t.unroute(s, sub)
	}
	for _, filter := range s.attached {
		b.attached.Delete(filter, s)
	}
	t.dropCommands(s, CauseLost)
	t.handOn(s, true)
	b.queued.removeAll(&s.out)
	delete(b.sessions, s.client)
	if b.identities[s.identity]--; b.identities[s.identity] <= 0 {
		delete(b.identities, s.identity)
	}
	t.dropSession(s)
	if w := s.will; w != nil {
		s.will = nil
		t.fire(w)
	}
}

// detach takes the connection from its session, whatever ended it.
func (t *turn) detach(s *session, c *conn, goodbye bool) {
	b := t.b
	s.conn, s.since, s.cause = nil, b.now(), c.cause
	b.connected--
	s.replay, s.effects, s.draws = nil, nil, nil
	for id, f := range s.incoming {
		if f == flowHeld {
			delete(s.incoming, id) // not ours: the client sends it again
		}
	}
	t.dropCommands(s, c.cause)
	t.leaveLanes(c)
	s.out.rewind()
	if b.closing {
		t.keepForRestart(s)
		return
	}
	switch {
	case goodbye && s.will != nil: // MQTT-3.1.2-10
		s.will = nil
		t.dropWill(s.client)
	case s.will != nil:
		t.willWaits(s)
	}
	if !s.lasting() {
		t.endSession(s)
		return
	}
	t.handOn(s, false)
	t.keepSession(s)
	t.expireLater(s, s.expiry)
}

// keepForRestart records the end of the connection of a session whose broker
// stops. A will stays as it is: it is published after the next start.
func (t *turn) keepForRestart(s *session) {
	if s.lasting() || s.will != nil {
		t.keepSession(s)
	}
}

// expireLater ends an absent session when its time has come.
func (t *turn) expireLater(s *session, after time.Duration) {
	if s.expiry == NeverExpires {
		return
	}
	b := t.b
	s.end = b.schedule.at(time.Now().Add(after), func() {
		t := b.turn()
		defer t.end()
		if s.conn == nil && !b.closing {
			b.tally.ended.Add(1)
			t.endSession(s)
		}
	})
}

// info describes a session for people. The lock is held.
func (b *Broker) info(s *session) ClientInfo {
	i := ClientInfo{
		Client: s.client, Identity: s.identity, Version: s.version, Connected: s.conn != nil, Since: s.since, Cause: s.cause,
		Filters: len(s.subs), Queued: s.out.waiting.len(), InFlight: len(s.out.open), Dropped: s.dropped,
		TakeOvers: b.takeOversOf(s.client),
	}
	i.Contested = i.TakeOvers >= contestFrom
	if c := s.conn; c != nil {
		i.Remote, i.Listener, i.KeepAlive = c.remote, c.via.Name, c.keepAlive
	}
	return i
}

// Clients describes all sessions, by client identifier.
func (b *Broker) Clients() []ClientInfo {
	b.mu.Lock()
	list := make([]ClientInfo, 0, len(b.sessions))
	for _, s := range b.sessions {
		list = append(list, b.info(s))
	}
	b.mu.Unlock()
	slices.SortFunc(list, func(x, y ClientInfo) int {
		switch {
		case x.Client < y.Client:
			return -1
		case x.Client > y.Client:
			return 1
		}
		return 0
	})
	return list
}
