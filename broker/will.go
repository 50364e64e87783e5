package broker

import (
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
	grant    Grant    // nil after a restart: its right was there when the will was made
	handler  *handler // of its topic, once it is fired
	done     bool     // published, or cancelled
}

func (b *Broker) newWill(w *packet.Will, client ClientID, g Grant) *will {
	m := b.newMessage(Message{Topic: w.Topic, Payload: w.Payload, QoS: w.QoS, Retain: w.Retain, Properties: w.Properties})
	m.from = client
	return &will{
		m: m, life: w.Properties.MessageExpiry, client: client, identity: g.Identity(), grant: g,
		delay: time.Duration(w.Properties.WillDelay) * time.Second,
	}
}

func (w *will) record() WillRecord {
	r := WillRecord{Message: w.m.public(), Delay: w.delay, Due: w.due}
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

// fire publishes a will that no session has any more: at the end of the turn,
// because its right is asked for again. Until it is out it stays stored, also
// without its session.
func (t *turn) fire(w *will) {
	if w.done {
		return
	}
	w.done = true
	b := t.b
	b.schedule.cancel(w.wait)
	w.due = b.now()
	t.keepWill(w)
	if w.handler = b.handlerFor(w.m.topic); w.handler == nil {
		t.wills = append(t.wills, w)
		return
	}
	waiting := b.wills[w.client]
	b.wills[w.client] = append(waiting, w)
	if len(waiting) == 0 {
		t.later(func() { b.spawn(func() { b.offerWills(w) }) })
	}
}

// permitted says whether the will's right still stands.
func (w *will) permitted() bool {
	return w.grant == nil || w.grant.Valid() && w.grant.MayPublish(w.m.topic)
}

// offerWills gives a client's wills to their handlers, which have to own them
// first, like any other message of the client, and in order with those: what the
// next connection has for the same handler waits (see turn.runLane).
func (b *Broker) offerWills(w *will) {
	for w != nil {
		permitted := w.permitted()
		if permitted {
			from := Sender{Client: w.client, Identity: w.identity, Epoch: w.epoch}
			if !b.offerUntilTaken(b.ctx, w.handler, from, Incoming{Message: w.m.public(), Arrived: b.now()}) {
				return // the broker stops; the will is stored
			}
		}
		w = b.endWill(w, permitted)
	}
}

// endWill routes the first waiting will of a client, and gives the one behind it.
func (b *Broker) endWill(w *will, permitted bool) (next *will) {
	t := b.turn()
	defer t.end()
	t.routeWill(w, permitted)
	waiting := b.wills[w.client][1:]
	if b.wills[w.client] = waiting; len(waiting) > 0 {
		next = waiting[0]
	} else {
		delete(b.wills, w.client)
	}
	t.runLanes(w.client)
	return next
}

// routeWills publishes wills that no handler has to own, if their rights still
// stand, in one turn.
func (b *Broker) routeWills(list []*will) {
	permitted := make([]bool, len(list))
	for i, w := range list {
		permitted[i] = w.permitted()
	}
	t := b.turn()
	defer t.end()
	for i, w := range list {
		t.routeWill(w, permitted[i])
	}
}

func (t *turn) routeWill(w *will, permitted bool) {
	b := t.b
	if permitted {
		m := w.m.again()
		m.expires = expiryOf(w.life, b.now)
		t.route(m)
	} else {
		b.tally.count(droppedWill)
		b.notices.say("will not published: its right has ended", "client", w.client, "topic", w.m.topic)
	}
	if s := b.sessions[w.client]; s == nil || s.will == nil { // otherwise the stored one is newer
		t.change(DeleteWill{Client: w.client})
	}
}
