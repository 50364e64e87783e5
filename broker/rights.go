package broker

import (
	"maps"
	"slices"

	"gatehouse/broker/packet"
)

// Recheck asks again what an identity may do, after its rights have changed: a
// client that may not be connected any more is cut, and subscriptions that are
// not permitted any more end. When it returns, nothing of what the identity lost
// is accepted from it or given to it, and what it has no right to publish any more
// is not retained: see Overseer. Its absent sessions are looked at when they
// connect. What was accepted while the right stood, and waits for receivers, is
// theirs.
func (b *Broker) Recheck(identity string) {
	b.recheck(func(s *session) bool { return s.identity == identity })
	b.recheckWills(identity)
	b.recheckRetained(identity, b.mayStill)
}

// RecheckAll is Recheck for everybody, after something has changed that may be
// anybody's right. Wills that wait since before a restart stay.
func (b *Broker) RecheckAll() {
	b.recheck(func(*session) bool { return true })
	for _, identity := range b.Identities() {
		b.recheckRetained(identity, b.mayStill)
	}
}

func (b *Broker) recheck(concerns func(*session) bool) {
	for _, c := range b.connectionsOf(concerns) {
		g := c.rights()
		if !g.Valid() {
			c.end(CauseRevoked, packet.AdministrativeAction)
			continue
		}
		b.dropDenied(c, notPermitted(g, b.filtersOf(c)))
	}
}

// Identities gives whom sessions and retained messages belong to, in no order:
// those who may have to be asked for again when rights change.
func (b *Broker) Identities() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Collect(maps.Keys(b.identities))
	for identity := range b.retained.of {
		if b.identities[identity] == 0 {
			list = append(list, identity)
		}
	}
	return list
}

// connectionsOf gives the clients that a change concerns. What was judged before,
// and is not seen here because it was not yet applied, is judged again.
func (b *Broker) connectionsOf(concerns func(*session) bool) (list []*conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rechecks.Add(1)
	for c := range b.conns {
		if c.session != nil && concerns(c.session) {
			list = append(list, c)
		}
	}
	return list
}

func (b *Broker) filtersOf(c *conn) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return c.session.reads()
}

func (b *Broker) dropDenied(c *conn, denied []string) {
	t := b.turn()
	defer t.end()
	if !c.dead {
		t.takeFilters(c, denied)
	}
}

// takeFilters removes subscriptions of a client that is connected. What waits for a
// slow one is encoded already and cannot be told apart any more: it is thrown away
// with the connection, and the session has what the client still may have.
func (t *turn) takeFilters(c *conn, denied []string) {
	if len(denied) == 0 {
		return
	}
	if t.dropFilters(c.session, denied); c.out.behind() {
		t.drop(c, CauseRevoked, packet.AdministrativeAction)
	}
}

// recheckWills drops waiting wills that were restored from the store, if nobody
// can be asked for their right. The others are asked about when they are published.
func (b *Broker) recheckWills(identity string) {
	if b.overseer() != nil {
		return
	}
	t := b.turn()
	defer t.end()
	for _, s := range b.sessions {
		if w := s.will; s.identity == identity && w != nil && w.grant == nil {
			t.cancelWill(s)
		}
	}
	t.cancelStored(func(w *will) bool { return w.identity == identity && w.grant == nil })
}

// cancelStored drops stored wills whose sessions have ended, and that are not yet
// on their way: those of a start.
func (t *turn) cancelStored(which func(*will) bool) {
	for client, w := range t.b.stored {
		if s := t.b.sessions[client]; (s == nil || s.will != w) && which(w) {
			w.cancelled = true
			t.dropWill(client)
		}
	}
}

func (t *turn) cancelWill(s *session) {
	s.will.done = true
	t.b.schedule.cancel(s.will.wait)
	s.will = nil
	t.dropWill(s.client)
}

// Forget cuts the clients of an identity and deletes its sessions with all that
// waits in them, and removes what it published and is retained. Its wills are not
// published.
func (b *Broker) Forget(identity string) {
	b.forgetSessions(identity)
	b.recheckRetained(identity, func(author, string) bool { return false })
}

func (b *Broker) forgetSessions(identity string) {
	t := b.turn()
	defer t.end()
	t.b.rechecks.Add(1) // who is about to be given a session is asked for again
	t.cancelFired(identity)
	for _, s := range b.sessions {
		if s.identity != identity {
			continue
		}
		if s.will != nil {
			t.cancelWill(s)
		}
		if s.conn != nil {
			t.drop(s.conn, CauseRevoked, packet.AdministrativeAction)
		}
		t.endSession(s)
	}
}

// cancelFired drops the wills of an identity that are on their way.
func (t *turn) cancelFired(identity string) {
	for _, list := range t.b.fired {
		for _, w := range list {
			w.cancelled = w.cancelled || w.identity == identity
		}
	}
	for _, l := range t.b.lanes {
		for i := range l.queue {
			if w := l.queue[i].will; w != nil && w.identity == identity {
				w.cancelled = true
			}
		}
	}
	t.cancelStored(func(w *will) bool { return w.identity == identity })
}

// Kick ends a client's connection with a reason, which a v5 client is told; false
// if it is not connected.
func (b *Broker) Kick(client ClientID, reason packet.ReasonCode) bool {
	t := b.turn()
	defer t.end()
	s := b.sessions[client]
	if s == nil || s.conn == nil {
		return false
	}
	t.drop(s.conn, CauseKicked, reason)
	return true
}
