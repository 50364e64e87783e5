package db

import (
	"fmt"

	"gatehouse/broker"
)

// applier puts changes into the tables. A message body whose queue entries were
// touched is looked at again at the end, and removed if none names it.
type applier struct {
	exec    func(query string, args ...any) error
	ids     func(query string, args ...any) ([]int64, error) // runs a statement that returns ids
	touched map[int64]struct{}
}

func (a *applier) apply(changes []broker.Change) error {
	for _, c := range changes {
		if err := a.one(c); err != nil {
			return fmt.Errorf("%T: %w", c, err)
		}
	}
	return a.collect()
}

func (a *applier) one(c broker.Change) error {
	switch c := c.(type) {
	case broker.PutSession:
		return a.putSession(c.Session)
	case broker.DeleteSession:
		return a.deleteSession(c.Client)
	case broker.PutSubscription:
		return a.putSubscription(c)
	case broker.DeleteSubscription:
		return a.exec("DELETE FROM subscriptions WHERE client = ? AND filter = ?", c.Client, c.Filter)
	case broker.PutAttached:
		return a.exec("INSERT INTO attached (client, filter, qos) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET qos = excluded.qos",
			c.Client, c.Filter, c.QoS)
	case broker.DeleteAttached:
		return a.exec("DELETE FROM attached WHERE client = ? AND filter = ?", c.Client, c.Filter)
	case broker.PutMessage:
		return a.putMessage(c)
	case broker.Enqueue:
		return a.enqueue(c.Entry)
	case broker.Advance:
		return a.exec("UPDATE queue SET state = ? WHERE client = ? AND seq = ?",
			c.State, c.Client, int64(c.Seq))
	case broker.Dequeue:
		return a.dequeue(c)
	case broker.PutIncoming:
		return a.exec("INSERT INTO incoming (client, packet_id) VALUES (?, ?) ON CONFLICT DO NOTHING", c.Client, c.PacketID)
	case broker.DeleteIncoming:
		return a.exec("DELETE FROM incoming WHERE client = ? AND packet_id = ?", c.Client, c.PacketID)
	case broker.PutRetained:
		return a.putRetained(c)
	case broker.DeleteRetained:
		return a.exec("DELETE FROM retained WHERE topic = ?", c.Topic)
	case broker.PutWill:
		return a.putWill(c)
	case broker.DeleteWill:
		return a.exec("DELETE FROM wills WHERE client = ?", c.Client)
	default:
		return fmt.Errorf("a change of unknown type")
	}
}

func (a *applier) putSession(s broker.SessionRecord) error {
	return a.exec(`INSERT INTO sessions (client, identity, version, expiry, disconnected) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET identity = excluded.identity, version = excluded.version,
			expiry = excluded.expiry, disconnected = excluded.disconnected`,
		s.Client, s.Identity, s.Version, span(s.Expiry), stamp(s.Disconnected))
}

func (a *applier) deleteSession(client broker.ClientID) error {
	gone, err := a.ids("DELETE FROM queue WHERE client = ? RETURNING message", client)
	if err != nil {
		return err
	}
	a.touch(gone...)
	for _, statement := range []string{
		"DELETE FROM subscriptions WHERE client = ?",
		"DELETE FROM attached WHERE client = ?",
		"DELETE FROM incoming WHERE client = ?",
		"DELETE FROM wills WHERE client = ?",
		"DELETE FROM sessions WHERE client = ?",
	} {
		if err := a.exec(statement, client); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) putSubscription(c broker.PutSubscription) error {
	s := c.Subscription
	return a.exec(`INSERT INTO subscriptions (client, filter, qos, no_local, retain_as_published, retain_handling, id)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET qos = excluded.qos, no_local = excluded.no_local,
			retain_as_published = excluded.retain_as_published, retain_handling = excluded.retain_handling, id = excluded.id`,
		c.Client, s.Filter, s.QoS, s.NoLocal, s.RetainAsPublished, s.RetainHandling, c.ID)
}

func (a *applier) putMessage(c broker.PutMessage) error {
	id := int64(c.ID)
	a.touch(id)
	m := c.Message
	return a.exec(`INSERT INTO messages (id, topic, payload, qos, retain, properties, expires) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET topic = excluded.topic, payload = excluded.payload, qos = excluded.qos,
			retain = excluded.retain, properties = excluded.properties, expires = excluded.expires`,
		id, m.Topic, bytesOf(m.Payload), m.QoS, m.Retain, propertiesOf(m), stamp(m.Expires))
}

func (a *applier) enqueue(e broker.QueueEntry) error {
	id := int64(e.Message)
	delete(a.touched, id)
	return a.exec(`INSERT INTO queue (client, seq, message, qos, retain, ids, shared, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Client, int64(e.Seq), id, e.QoS, e.Retain, document[[]uint32]{e.IDs}, e.Shared, e.State)
}

func (a *applier) dequeue(c broker.Dequeue) error {
	gone, err := a.ids("DELETE FROM queue WHERE client = ? AND seq = ? RETURNING message",
		c.Client, int64(c.Seq))
	a.touch(gone...)
	return err
}

func (a *applier) putRetained(c broker.PutRetained) error {
	m := c.Message
	return a.exec(`INSERT INTO retained (topic, payload, qos, retain, properties, expires, client, identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET payload = excluded.payload, qos = excluded.qos, retain = excluded.retain,
			properties = excluded.properties, expires = excluded.expires, client = excluded.client, identity = excluded.identity`,
		m.Topic, bytesOf(m.Payload), m.QoS, m.Retain, propertiesOf(m), stamp(m.Expires), c.By.Client, c.By.Identity)
}

func (a *applier) putWill(c broker.PutWill) error {
	m := c.Will.Message
	return a.exec(`INSERT INTO wills (client, topic, payload, qos, retain, properties, expires, delay, due, identity)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET topic = excluded.topic, payload = excluded.payload, qos = excluded.qos,
			retain = excluded.retain, properties = excluded.properties, expires = excluded.expires,
			delay = excluded.delay, due = excluded.due, identity = excluded.identity`,
		c.Client, m.Topic, bytesOf(m.Payload), m.QoS, m.Retain, propertiesOf(m), stamp(m.Expires),
		span(c.Will.Delay), stamp(c.Will.Due), c.Will.Identity)
}

func (a *applier) touch(ids ...int64) {
	for _, id := range ids {
		a.touched[id] = struct{}{}
	}
}

// collect removes the touched message bodies that no queue entry names any more.
func (a *applier) collect() error {
	for id := range a.touched {
		if err := a.exec("DELETE FROM messages WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM queue WHERE message = ?1)", id); err != nil {
			return fmt.Errorf("remove message: %w", err)
		}
	}
	return nil
}
