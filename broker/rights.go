package broker

import "gatehouse/broker/packet"

// Recheck asks again what an identity may do, after its rights have changed: a
// client that may not be connected any more is cut, and subscriptions that are
// not permitted any more end. When it returns, nothing of what the identity lost
// is accepted from it or given to it. Its absent sessions are looked at when they
// connect.
func (b *Broker) Recheck(identity string) {
	b.recheck(func(s *session) bool { return s.identity == identity })
	b.recheckWills(identity)
}

// RecheckAll is Recheck for every client that is connected, after something has
// changed that may be anybody's right. Wills that wait since before a restart stay.
func (b *Broker) RecheckAll() {
	b.recheck(func(*session) bool { return true })
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
	return c.session.filters()
}

func (b *Broker) dropDenied(c *conn, denied []string) {
	t := b.turn()
	defer t.end()
	if !c.dead {
		t.dropFilters(c.session, denied)
	}
}

// recheckWills drops waiting wills that were restored from the store: nobody can
// be asked for their right. Those that were made since are asked about when they
// are published.
func (b *Broker) recheckWills(identity string) {
	t := b.turn()
	defer t.end()
	for _, s := range b.sessions {
		if w := s.will; s.identity == identity && w != nil && w.grant == nil {
			t.cancelWill(s)
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
// waits in them. Its wills are not published.
func (b *Broker) Forget(identity string) {
	t := b.turn()
	defer t.end()
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
	for client, w := range t.b.stored {
		if w.cancelled {
			t.dropWill(client)
		}
	}
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
