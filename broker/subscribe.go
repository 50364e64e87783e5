package broker

import (
	"slices"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// applySubscribe grants what was judged permitted. The SUBACK leaves when the
// subscriptions are durable, and the retained messages follow it.
func (t *turn) applySubscribe(c *conn, s *session, o *op) {
	ack := packet.Suback{ID: o.sub.ID, Reasons: o.verdict}
	if t.unanswerable(c, ack.Append(nil, c.version)) {
		return
	}
	mark := t.mark()
	var id uint32
	if ids := o.sub.Properties.SubscriptionIDs; len(ids) > 0 {
		id = ids[0]
	}
	var begun []*subscription
	for i, sub := range o.sub.Subscriptions {
		if o.verdict[i].Failed() {
			continue
		}
		n, isNew := t.subscribe(s, sub, id)
		switch {
		case n == nil:
			t.b.tally.count(refusedFilter)
			o.verdict[i] = packet.QuotaExceeded
		case n.group != nil, sub.RetainHandling == 0, sub.RetainHandling == 1 && isNew: // MQTT-3.3.1-9, -10, -11
			begun = append(begun, n)
		}
	}
	t.then(s, effect{kind: effectBytes, c: c, bytes: ack.Append(nil, c.version), begun: begun}, mark)
}

// subscribe adds or replaces a subscription (MQTT-3.8.4-3); nil if the session
// has too many.
func (t *turn) subscribe(s *session, sub packet.Subscription, id uint32) (n *subscription, isNew bool) {
	if len(s.subs) >= t.b.limits.MaxFilters {
		if _, had := t.b.routes.Get(sub.Filter, s); !had {
			return nil, false
		}
	}
	n = &subscription{Subscription: sub, id: id, after: t.b.retained.order}
	isNew = t.putSubscription(s, n)
	if s.lasting() {
		t.change(PutSubscription{Client: s.client, Subscription: sub, ID: id})
	}
	return n, isNew
}

// putSubscription puts a subscription in the place of the one with its filter, or
// behind the others.
func (t *turn) putSubscription(s *session, n *subscription) (isNew bool) {
	old, had := t.b.routes.Get(n.Filter, s)
	if had {
		old.ended = true
		n.at = old.at
		s.subs[n.at] = n
	} else {
		n.at = len(s.subs)
		s.subs = append(s.subs, n)
	}
	t.routeTo(s, n)
	return !had
}

// unanswerable ends a client that asks for an answer which is larger than the
// packets that it takes. Reason codes do not change the size of an answer.
func (t *turn) unanswerable(c *conn, ack []byte) bool {
	if c.takes(ack) {
		return false
	}
	t.b.tally.count(refusedProtocol)
	t.drop(c, CauseProtocol, packet.PacketTooLarge)
	return true
}

func (t *turn) applyUnsubscribe(c *conn, s *session, o *op) {
	ack := packet.Unsuback{ID: o.unsub.ID, Reasons: make([]packet.ReasonCode, len(o.unsub.Filters))}
	if t.unanswerable(c, ack.Append(nil, c.version)) {
		return
	}
	mark := t.mark()
	for i, f := range o.unsub.Filters {
		if !t.unsubscribe(s, f) {
			ack.Reasons[i] = packet.NoSubscriptionExisted
		}
	}
	t.then(s, effect{kind: effectBytes, c: c, bytes: ack.Append(nil, c.version)}, mark)
}

// routeTo has messages find a subscription. Those with a prefix are in the routes
// too, where no message is ever published: to be found by their filter.
func (t *turn) routeTo(s *session, n *subscription) {
	t.b.routes.Set(n.Filter, s, n)
	plain, shared := topic.Plain(n.Filter)
	switch {
	case shared:
		t.join(s, n, plain)
	case plain != n.Filter:
		t.b.local.Set(plain, s, n)
	}
}

// unroute undoes routeTo.
func (t *turn) unroute(s *session, n *subscription) {
	t.b.routes.Delete(n.Filter, s)
	switch plain, _ := topic.Plain(n.Filter); {
	case n.group != nil:
		t.leave(s, n.group, plain)
	case plain != n.Filter:
		t.b.local.Delete(plain, s)
	}
}

// unsubscribe removes a subscription. What is queued because of it is delivered
// all the same (MQTT-3.10.4-3).
func (t *turn) unsubscribe(s *session, filter string) bool {
	sub, ok := t.b.routes.Get(filter, s)
	if !ok {
		return false
	}
	sub.ended = true
	last := len(s.subs) - 1
	s.subs[sub.at] = s.subs[last]
	s.subs[sub.at].at = sub.at
	s.subs[last] = nil
	if s.subs = s.subs[:last]; last == 0 {
		s.subs = nil
	}
	t.unroute(s, sub)
	if s.out.waiting.len() > 0 && len(s.former) < t.b.limits.MaxFilters && !slices.Contains(s.former, filter) {
		s.former = append(s.former, filter)
	}
	if s.lasting() {
		t.change(DeleteSubscription{Client: s.client, Filter: filter})
	}
	return true
}
