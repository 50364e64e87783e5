package broker

import (
	"slices"
	"strings"

	"gatehouse/broker/packet"
)

// terms are how a session gets a message.
type terms struct {
	qos    packet.QoS
	retain bool     // the retain flag to send
	ids    []uint32 // subscription identifiers
	shared string   // filter of the shared subscription that it came by
}

// hit gathers the subscriptions of one session that match the message that is
// being routed: overlapping filters give one copy, at the highest QoS, with all
// subscription identifiers (MQTT-3.3.4-2, MQTT-3.3.4-3).
type hit struct {
	matched bool
	qos     packet.QoS
	retain  bool
	ids     []uint32
}

// route takes a message in for all who want it: it becomes the retained message
// of its topic if it asks for that, and goes to every session with a matching
// filter and to one of every group with one. The reason is a failure if it was not
// taken, and NoMatchingSubscribers if nobody wanted it and it is not kept for others.
func (t *turn) route(m *message) packet.ReasonCode {
	if m.retain {
		reason := t.retain(m)
		t.traceReason(TraceRetained, m, "", reason)
		if reason != packet.Success {
			return reason
		}
	}
	b := t.b
	hits, groups := b.match(m)
	t.traceMatched(m, len(hits)+len(groups))
	if len(hits)+len(groups) > 1 && m.heads == nil {
		m.heads = new(heads)
	}
	for i, s := range hits {
		h := s.hit
		s.hit = hit{}
		hits[i] = nil
		t.give(s, m, terms{qos: min(h.qos, m.qos), retain: h.retain && m.retain, ids: h.ids})
	}
	for i, g := range groups {
		groups[i] = nil
		t.share(g, m)
	}
	if m.retain {
		m.heads = nil // a retained message lives long, and replays do not need them
	}
	b.hits, b.groupHits = hits[:0], groups[:0]
	if len(hits)+len(groups) == 0 && !m.retain {
		return packet.NoMatchingSubscribers
	}
	return packet.Success
}

// match finds who is to have a message: sessions, with what they get in their
// hit, and groups. The lists are b's scratch.
func (b *Broker) match(m *message) (hits []*session, groups []*group) {
	hits, groups = b.hits[:0], b.groupHits[:0]
	subscribed := func(s *session, sub *subscription) {
		if sub.NoLocal && m.from.is(s.client) { // MQTT-3.8.3-3
			return
		}
		hits = s.isHit(hits)
		s.hit.add(sub)
	}
	b.routes.Match(m.topic, subscribed)
	if b.local.Len() > 0 {
		b.local.Match(m.topic, subscribed)
	}
	b.attached.Match(m.topic, func(s *session, qos packet.QoS) {
		hits = s.isHit(hits)
		s.hit.qos = max(s.hit.qos, qos)
	})
	if s := b.addressee(m); s != nil {
		hits = s.isHit(hits)
		s.hit.qos = m.qos
	}
	if b.shared.Len() > 0 {
		b.shared.Match(m.topic, func(g *group, _ struct{}) { groups = append(groups, g) })
	}
	return hits, groups
}

// addressee is the session that a message is for because its topic is
// {parent}/p2p/{client}, with a parent of Options.PointToPoint.
func (b *Broker) addressee(m *message) *session {
	if len(b.opts.PointToPoint) == 0 || m.command {
		return nil
	}
	parent, client, ok := strings.Cut(m.topic, pointToPoint)
	if !ok || strings.Contains(client, "/") || !slices.Contains(b.opts.PointToPoint, parent) {
		return nil
	}
	return b.sessions[ClientID(client)]
}

// pointToPoint stands between the parent and the client.
const pointToPoint = "/p2p/"

// isHit notes a session that the message is for, once.
func (s *session) isHit(hits []*session) []*session {
	if s.hit.matched {
		return hits
	}
	s.hit = hit{matched: true}
	return append(hits, s)
}

func (h *hit) add(sub *subscription) {
	h.qos = max(h.qos, sub.QoS)
	h.retain = h.retain || sub.RetainAsPublished
	if sub.id != 0 {
		h.ids = append(h.ids, sub.id)
	}
}

// give gives a message to a session. QoS 0 is for those who are there and read.
func (t *turn) give(s *session, m *message, how terms) {
	t.given++
	if how.qos > 0 {
		t.enqueue(s, m, how)
		return
	}
	c := s.conn
	switch {
	case c == nil:
	case c.ready && c.hasRoom():
		t.sendMessage(c, sending{m: m, retain: how.retain, ids: how.ids})
	default:
		t.lost(s, m, droppedQoS0)
		if !s.missed(m, t.b.retained.order) && m.vital() && c.ready {
			t.drop(c, CauseSlow, packet.QuotaExceeded)
		}
	}
}
