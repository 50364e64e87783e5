package journal

import "gatehouse/broker"

// place is where the record of the thing stands that rec, a put, speaks of.
func (m *mirror) place(rec record) ref {
	switch rec.kind {
	case putMessage:
		if b := m.bodies[broker.MessageID(rec.num)]; b != nil {
			return b.at
		}
	case putRetained:
		return m.retained[string(rec.name)]
	case putWill:
		return m.wills[broker.ClientID(rec.client)]
	default:
		if s := m.sessions[broker.ClientID(rec.client)]; s != nil {
			return s.place(rec)
		}
	}
	return ref{}
}

func (s *session) place(rec record) ref {
	switch rec.kind {
	case putSession:
		return s.at
	case putSubscription:
		if at := s.subs.get(string(rec.name)); at != nil {
			return *at
		}
	case putAttached:
		if at := s.attached.get(string(rec.name)); at != nil {
			return *at
		}
	case putIncoming:
		if at := s.incoming.get(uint16(rec.num)); at != nil {
			return *at
		}
	case enqueue:
		if e := s.queue.get(rec.num); e != nil {
			return e.at
		}
	}
	return ref{}
}

// copy appends the record, whose bytes and place are given, if it is live. A queue
// entry is copied with the state that it has come to.
func (m *mirror) copy(to, bytes []byte, rec record, at ref) []byte {
	if m.place(rec) != at {
		return to
	}
	if rec.kind != enqueue {
		return append(to, bytes...)
	}
	client := broker.ClientID(rec.client)
	entry := m.sessions[client].queue.get(rec.num).change(client, rec.num)
	return appendEntry(to, &entry)
}

func (e *entry) change(client broker.ClientID, seq uint64) broker.QueueEntry {
	return broker.QueueEntry{
		Client: client, Seq: seq, Message: e.body.id, QoS: e.qos, Retain: e.retain, IDs: e.ids, Shared: e.shared, State: e.state,
	}
}
