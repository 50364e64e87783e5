package broker

import (
	"slices"
	"time"

	"gatehouse/broker/packet"
)

// will is the message that is published for a client that is gone. It belongs to
// the turn.
type will struct {
	m        *message // its life begins when it is published
	life     *uint32  // seconds
	client   ClientID
	identity string
	epoch    uint64
	delay    time.Duration
	due      time.Time // zero while the client is connected
	wait     *task
	grant    Grant // nil after a restart: its right was there when the will was made
	done     bool  // fired, or cancelled

	cancelled bool // after it was fired
}

func (b *Broker) newWill(w *packet.Will, client ClientID, g Grant) *will {
	m := b.newMessage(Message{Topic: w.Topic, Payload: w.Payload, QoS: w.QoS, Retain: w.Retain, Properties: w.Properties})
	return &will{
		m: m, life: w.Properties.MessageExpiry, client: client, identity: g.Identity(), grant: g,
		delay: time.Duration(w.Properties.WillDelay) * time.Second,
	}
}

func (w *will) record() WillRecord {
	r := WillRecord{Message: w.m.public(), Identity: w.identity, Delay: w.delay, Due: w.due}
	r.Message.Properties.MessageExpiry = w.life
	return r
}

// willWaits lets the will of a session whose connection ended wait for its delay,
// or for the end of the session if that comes first (MQTT-3.1.3-9).
func (t *turn) willWaits(s *session) {
	w, b := s.will, t.b
	delay := w.delay
	if s.expiry != NeverExpires {
		delay = min(delay, s.expiry)
	}
	if delay == 0 {
		s.will = nil
		t.fire(w)
		return
	}
	w.due = b.now().Add(delay)
	t.keepWill(w)
	t.willLater(s, w, delay)
}

// willLater publishes a will when its time has come, unless it was cancelled.
func (t *turn) willLater(s *session, w *will, delay time.Duration) {
	b := t.b
	w.wait = b.schedule.at(time.Now().Add(delay), func() {
		t := b.turn()
		defer t.end()
		if s.will == w && s.conn == nil && !b.closing {
			s.will = nil
			t.fire(w)
		}
	})
}

// fire publishes a will that no session has any more. Its right is asked for once
// more, so that is not done in this turn; until it is out it stays stored, also
// without its session, unless the store has a newer one of the client: it has
// place for one.
func (t *turn) fire(w *will) {
	if w.done {
		return
	}
	w.done = true
	b := t.b
	b.schedule.cancel(w.wait)
	w.due = b.now()
	if newest := b.stored[w.client]; newest == nil || newest == w {
		t.keepWill(w)
	}
	if h := b.handlerFor(w.m.topic); h != nil {
		t.handOverWill(w, h)
		return
	}
	b.fired[w.client] = append(b.fired[w.client], w)
	t.fired = append(t.fired, w)
}

// permitted says whether the will's right still stands.
func (b *Broker) permitted(w *will) bool {
	if w.grant == nil {
		return b.mayStill(author{client: w.client, identity: w.identity}, w.m.topic)
	}
	return w.grant.Valid() && w.grant.MayPublish(w.m.topic)
}

func (b *Broker) refusedWill(w *will) {
	b.notices.say("will not published: its right has ended", "client", w.client, "topic", w.m.topic)
}

// routeFired publishes what a client's older connections left, before its new one
// says anything.
func (b *Broker) routeFired(client ClientID) {
	b.mu.Lock()
	list := slices.Clone(b.fired[client])
	b.mu.Unlock()
	if len(list) > 0 {
		b.routeWills(list)
	}
}

// routeWills publishes wills that no handler has to own, if their rights still
// stand, in one turn.
func (b *Broker) routeWills(list []*will) {
	permitted := make([]bool, len(list))
	for done := false; !done; {
		done = b.routeJudged(list, permitted)
	}
	for i, w := range list {
		if !permitted[i] {
			b.refusedWill(w)
		}
	}
}

// routeJudged is false, and has published nothing, if rights have changed while
// they were asked for.
func (b *Broker) routeJudged(list []*will, permitted []bool) bool {
	seen := b.rechecks.Load()
	for i, w := range list {
		permitted[i] = b.permitted(w)
	}
	t := b.turn()
	defer t.end()
	if b.rechecks.Load() != seen {
		return false
	}
	for i, w := range list {
		if waiting := b.fired[w.client]; slices.Contains(waiting, w) { // nobody else has
			t.routeWill(w, permitted[i])
			if b.fired[w.client] = slices.DeleteFunc(waiting, func(x *will) bool { return x == w }); len(waiting) == 1 {
				delete(b.fired, w.client)
			}
		}
	}
	return true
}

func (t *turn) routeWill(w *will, permitted bool) {
	b := t.b
	if permitted && !w.cancelled {
		m := w.m.again()
		m.expires = expiryOf(w.life, b.now)
		t.number(m)
		t.trace(TraceReceived, m, "", "will")
		t.route(m)
	} else {
		t.lost(nil, w.m, droppedWill)
	}
	if b.stored[w.client] == w {
		t.dropWill(w.client)
	}
}
