package broker

import "gatehouse/broker/packet"

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
// filter. The reason says why it was not taken.
func (t *turn) route(m *message) packet.ReasonCode {
	if m.retain {
		if reason := t.retain(m); reason != packet.Success {
			return reason
		}
	}
	b := t.b
	hits := b.hits[:0]
	b.routes.Match(m.topic, func(s *session, sub *subscription) {
		if sub.NoLocal && m.from != "" && m.from == s.client { // MQTT-3.8.3-3
			return
		}
		hits = s.isHit(hits)
		s.hit.add(sub)
	})
	b.attached.Match(m.topic, func(s *session, qos packet.QoS) {
		hits = s.isHit(hits)
		s.hit.qos = max(s.hit.qos, qos)
	})
	if len(hits) > 1 && m.heads == nil {
		m.heads = new(heads)
	}
	for i, s := range hits {
		h := s.hit
		s.hit = hit{}
		hits[i] = nil
		t.give(s, m, min(h.qos, m.qos), h.retain && m.retain, h.ids)
	}
	if m.retain {
		m.heads = nil // a retained message lives long, and replays do not need them
	}
	b.hits = hits[:0]
	return packet.Success
}

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
func (t *turn) give(s *session, m *message, qos packet.QoS, retain bool, ids []uint32) {
	if qos > 0 {
		t.enqueue(s, m, qos, retain, ids)
		return
	}
	c := s.conn
	switch {
	case c == nil:
	case c.ready && c.hasRoom():
		t.sendMessage(c, sending{m: m, retain: retain, ids: ids})
	default:
		t.b.tally.count(droppedQoS0)
		s.dropped++
		if !s.missed(m, t.b.retained.order) && m.volatile && c.ready {
			t.drop(c, CauseSlow, packet.QuotaExceeded)
		}
	}
}
