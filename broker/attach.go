package broker

import (
	"slices"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// attach gives the connection its session (MQTT 5.0, section 3.1.4): it takes
// over an older connection, resumes or makes the session, and welcomes the
// client when that is durable.
func (c *conn) attach(p *packet.Connect, w *will, told *packet.Properties) bool {
	client := ClientID(p.ClientID)
	var reason packet.ReasonCode
	for again := true; again; {
		var filters []string
		seen := c.b.rechecks.Load()
		if !c.grant.Valid() { // it ended while it was not yet seen: no session of it is touched, or made
			reason = packet.NotAuthorized
			c.b.tally.count(refusedLogin)
			break
		}
		c.letFinish(client)
		if reason, filters = c.takeOver(client, p); reason != packet.Success {
			break
		}
		c.b.routeFired(client)
		denied := notPermitted(c.grant, filters)
		reason, again = c.join(p, w, told, denied, seen)
	}
	if reason != packet.Success {
		c.refuse(&Refusal{Reason: reason, Detail: "client " + p.ClientID + " of " + c.grant.Identity(), Told: whyNoSession(reason)})
		return false
	}
	if !c.grant.Valid() { // or has just ended
		c.end(CauseRevoked, packet.AdministrativeAction)
	}
	return true
}

// whyNoSession says more than the reason.
func whyNoSession(reason packet.ReasonCode) string {
	switch reason {
	case packet.ClientIdentifierNotValid:
		return "the client identifier is in use by another identity"
	case packet.QuotaExceeded:
		return "the identity has as many sessions as it may have"
	}
	return ""
}

// How long the older connection of a client may take to be read to its end.
const (
	finishGrace = 100 * time.Millisecond
	finishPause = time.Millisecond
)

// letFinish lets what the client sent on its older connection be applied before
// that is taken over: a client that says something, goodbye, and connects again
// at once is not to lose what it said.
func (c *conn) letFinish(client ClientID) {
	old := c.b.connOf(client, c.grant.Identity())
	if old == nil {
		return
	}
	for end := time.Now().Add(finishGrace); old.busy() && time.Now().Before(end); {
		select {
		case <-old.done.wait():
			return
		case <-time.After(finishPause):
		}
	}
}

// busy says that something came from the client that is not yet applied. The
// order of the two questions matters: see input.waits.
func (c *conn) busy() bool { return unread(c.nc) || !c.in.waits.Load() }

// connOf gives the connection of a client, if it is this identity's.
func (b *Broker) connOf(client ClientID, identity string) *conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.sessions[client]; s != nil && s.identity == identity {
		return s.conn
	}
	return nil
}

// takeOver ends the session's older connection, if the session is this
// identity's, and gives the filters of the session. The older connection's will
// is out before the new one says anything (MQTT-3.1.4-3, MQTT-3.1.4-2).
func (c *conn) takeOver(client ClientID, p *packet.Connect) (packet.ReasonCode, []string) {
	t := c.b.turn()
	defer t.end()
	s := t.b.sessions[client]
	if s == nil {
		return packet.Success, nil
	}
	if s.identity != c.grant.Identity() {
		t.b.tally.count(refusedIdentity)
		return packet.ClientIdentifierNotValid, nil
	}
	if p.CleanStart && t.b.tooManySessions(c.grant, s) {
		return packet.QuotaExceeded, nil
	}
	if s.conn != nil {
		t.takeOver(s, c)
	}
	if p.CleanStart || s.gone {
		return packet.Success, nil
	}
	return packet.Success, s.reads()
}

// notPermitted asks which filters a client may not have any more.
func notPermitted(g Grant, filters []string) (denied []string) {
	for _, f := range filters {
		if !maySubscribe(g, f) {
			denied = append(denied, f)
		}
	}
	return denied
}

// join makes the connection the session's; again: rights may have changed since
// denied was found out, and nothing was done.
func (c *conn) join(p *packet.Connect, w *will, told *packet.Properties, denied []string, seen uint64) (r packet.ReasonCode, again bool) {
	t := c.b.turn()
	defer t.end()
	b := t.b
	if c.dead {
		return packet.ServerShuttingDown, false
	}
	if b.rechecks.Load() != seen {
		return packet.Success, true
	}
	mark := t.mark()
	s, present, reason := t.sessionFor(c, p)
	if reason != packet.Success {
		return reason, false
	}
	b.schedule.cancel(s.end)
	expiry := b.expiryAsked(p)
	if present {
		t.dropFilters(s, denied)
		t.setExpiry(s, expiry)
	}
	s.grant = c.grant
	s.expiry, s.version, s.conn, s.since, s.end = expiry, p.Version, c, b.now(), nil
	b.connected++
	b.mostConnected = max(b.mostConnected, b.connected)
	b.epoch++
	c.session, c.epoch = s, b.epoch
	c.granted.Store(&c.grant)
	s.will, w = w, s.will
	t.recordJoin(s, w)
	b.tell(Presence{Client: s.client, Identity: s.identity, Up: true, Epoch: c.epoch, At: s.since, Remote: c.remote})
	welcome := effect{kind: effectWelcome, c: c, bytes: c.welcome(p, told, present, expiry)}
	if b.commit.full {
		t.happen(welcome)
	} else {
		t.then(s, welcome, mark)
	}
	return packet.Success, false
}

// recordJoin stores the session, if it is to outlive something, and its will. The
// will of the connection before was not published in time: it is cancelled.
func (t *turn) recordJoin(s *session, before *will) {
	if before != nil {
		before.done = true
		t.b.schedule.cancel(before.wait)
	}
	if s.lasting() || s.will != nil {
		t.keepSession(s)
	}
	switch {
	case s.will != nil:
		s.will.epoch, s.will.m.from = t.b.epoch, s.author
		t.keepWill(s.will)
	case before != nil:
		t.dropWill(s.client)
	}
}

// sessionFor finds or makes the session. It looks again at everything: another
// connection may have come between.
func (t *turn) sessionFor(c *conn, p *packet.Connect) (s *session, present bool, r packet.ReasonCode) {
	b := t.b
	client, identity := ClientID(p.ClientID), c.grant.Identity()
	s = b.sessions[client]
	if s != nil && s.identity != identity {
		b.tally.count(refusedIdentity)
		return nil, false, packet.ClientIdentifierNotValid
	}
	if s != nil && s.conn != nil {
		t.takeOver(s, c)
	}
	ends := s != nil && (p.CleanStart || s.gone)
	if s != nil && !ends {
		return s, true, packet.Success
	}
	if b.tooManySessions(c.grant, s) {
		return nil, false, packet.QuotaExceeded
	}
	if ends {
		t.endSession(s)
	}
	return t.newSession(client, identity), false, packet.Success
}

// notShared gives what those of the filters match that are not shared.
func notShared(filters []string) (list []string) {
	for _, f := range filters {
		if plain, shared := topic.Plain(f); !shared {
			list = append(list, plain)
		}
	}
	return list
}

// tooManySessions says whether an identity may have no session in the place of s,
// and counts that; nil and one that has ended stand for none.
func (b *Broker) tooManySessions(g Grant, s *session) bool {
	n := b.identities[g.Identity()]
	if s != nil && !s.gone {
		n--
	}
	if most := g.Sessions(); most == 0 || n < most {
		return false
	}
	b.tally.count(refusedSessions)
	return true
}

// dropFilters removes subscriptions that the client may not have any more, and
// what is queued because of them only.
func (t *turn) dropFilters(s *session, denied []string) {
	if len(denied) == 0 {
		return
	}
	for _, f := range denied {
		t.unsubscribe(s, f)
	}
	s.former = slices.DeleteFunc(s.former, func(f string) bool { return slices.Contains(denied, f) })
	left, lost := append(notShared(s.reads()), s.attached...), notShared(denied)
	s.out.keep(func(e *entry) bool {
		switch {
		case e.state == Released:
			return true
		case e.shared != "":
			if !slices.Contains(denied, e.shared) {
				return true
			}
			if g := t.b.groups[e.shared]; g != nil && e.handable(true) && t.move(s, e, g, true) {
				return false
			}
		case matchAny(left, e.m.topic) || !matchAny(lost, e.m.topic) || t.b.addressee(e.m) == s:
			return true
		}
		t.forget(s, e)
		t.lost(s, e.m, droppedRights)
		return false
	})
}
