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
	grant    Grant // nil after a restart: its right was there when the will was made
	done     bool  // published, or cancelled
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
	t.later(func() { b.publishWill(w) })
}

// publishWill publishes a will if its right still stands. A handler has to own it
// first, like any other message of the client.
func (b *Broker) publishWill(w *will) {
	permitted := w.grant == nil || w.grant.Valid() && w.grant.MayPublish(w.m.topic)
	if h := b.handlerFor(w.m.topic); h != nil && permitted {
		b.spawn(func() {
			from := Sender{Client: w.client, Identity: w.identity, Epoch: w.epoch}
			if b.offerUntilTaken(b.ctx, h, from, Incoming{Message: w.m.public(), Arrived: b.now()}) {
				b.routeWill(w, true)
			}
		})
		return
	}
	b.routeWill(w, permitted)
}

func (b *Broker) routeWill(w *will, permitted bool) {
	t := b.turn()
	defer t.end()
	if permitted {
		m := w.m.again()
		m.expires = expiryOf(w.life, b.now())
		t.route(m)
	} else {
		b.tally.count(droppedWill)
		b.notices.say("will not published: its right has ended", "client", w.client, "topic", w.m.topic)
	}
	if s := b.sessions[w.client]; s == nil || s.will == nil { // otherwise the stored one is newer
		t.change(DeleteWill{Client: w.client})
	}
}
