package journal

import (
	"bytes"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// change reads the whole record. What it gives shares nothing with it.
func (rec record) change() (broker.Change, error) {
	client := broker.ClientID(rec.client)
	r := reader{b: rec.rest}
	var c broker.Change
	switch rec.kind {
	case putSession:
		c = broker.PutSession{Session: r.session(client)}
	case deleteSession:
		c = broker.DeleteSession{Client: client}
	case putSubscription:
		c = r.subscription(client, string(rec.name))
	case deleteSubscription:
		c = broker.DeleteSubscription{Client: client, Filter: string(rec.name)}
	case putAttached:
		c = broker.PutAttached{Client: client, Filter: string(rec.name), QoS: packet.QoS(r.byte())}
	case deleteAttached:
		c = broker.DeleteAttached{Client: client, Filter: string(rec.name)}
	case putRetained:
		p := broker.PutRetained{Message: r.message(string(rec.name))}
		p.By = r.publisher()
		c = p
	case deleteRetained:
		c = broker.DeleteRetained{Topic: string(rec.name)}
	case putWill:
		p := broker.PutWill{Client: client, Will: broker.WillRecord{Delay: r.duration(), Due: r.time(), Message: r.message(r.string())}}
		p.Will.Identity = r.publisher().Identity
		c = p
	case deleteWill:
		c = broker.DeleteWill{Client: client}
	default:
		c = rec.flow(&r)
	}
	return c, r.end()
}

// flow reads the changes of messages on their way.
func (rec record) flow(r *reader) broker.Change {
	client := broker.ClientID(rec.client)
	switch rec.kind {
	case putMessage:
		return broker.PutMessage{ID: broker.MessageID(rec.num), Message: r.message(r.string())}
	case enqueue:
		e := r.entry()
		e.Client, e.Seq = client, rec.num
		return broker.Enqueue{Entry: e}
	case advance:
		return broker.Advance{Client: client, Seq: rec.num, State: broker.EntryState(r.byte())}
	case dequeue:
		return broker.Dequeue{Client: client, Seq: rec.num}
	case putIncoming:
		return broker.PutIncoming{Client: client, PacketID: uint16(rec.num)}
	case deleteIncoming:
		return broker.DeleteIncoming{Client: client, PacketID: uint16(rec.num)}
	default:
		r.fail()
		return nil
	}
}

func (r *reader) session(client broker.ClientID) broker.SessionRecord {
	return broker.SessionRecord{
		Client: client, Identity: r.string(), Version: packet.Version(r.byte()), Expiry: r.duration(), Disconnected: r.time(),
	}
}

func (r *reader) subscription(client broker.ClientID, filter string) broker.PutSubscription {
	return broker.PutSubscription{
		Client: client,
		Subscription: packet.Subscription{
			Filter: filter, QoS: packet.QoS(r.byte()), NoLocal: r.bool(), RetainAsPublished: r.bool(),
			RetainHandling: packet.RetainHandling(r.byte()),
		},
		ID: r.u32(),
	}
}

// entry reads an entry but for its key.
func (r *reader) entry() broker.QueueEntry {
	e := broker.QueueEntry{
		Message: broker.MessageID(r.uvarint()), QoS: packet.QoS(r.byte()), Retain: r.bool(), State: broker.EntryState(r.byte()),
	}
	for len(r.b) > 0 {
		id := r.u32()
		if id == 0 {
			e.Shared = r.string()
			break
		}
		e.IDs = append(e.IDs, id)
	}
	return e
}

// message reads a message but for its topic, to its publisher or the end.
func (r *reader) message(topic string) broker.Message {
	m := broker.Message{
		Topic: topic, Payload: bytes.Clone(r.bytes()), QoS: packet.QoS(r.byte()), Retain: r.bool(), Expires: r.time(),
	}
	for len(r.b) > 0 && r.b[0] < firstOfPublisher {
		r.property(&m.Properties)
	}
	return m
}
