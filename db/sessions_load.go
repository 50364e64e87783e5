package db

import (
	"context"
	"fmt"

	"gatehouse/broker"
)

// Load implements broker.Store. It gives sessions, then what belongs to them, and
// every message body before the queue entries that name it.
func (s *Sessions) Load(ctx context.Context, f func(broker.Change) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tables() {
		if err := s.loadTable(ctx, t, f); err != nil {
			return fmt.Errorf("sessions: load %s: %w", t.name, err)
		}
	}
	return nil
}

// table is one table of the store and how a row of it becomes a change.
type table struct {
	name, query string
	row         func(scan func(...any) error) (broker.Change, error)
}

// tables are in the order in which Load gives them.
func tables() []table {
	return []table{
		{"sessions", "SELECT client, identity, version, expiry, disconnected FROM sessions ORDER BY client", sessionOf},
		{"subscriptions", "SELECT client, filter, qos, no_local, retain_as_published, retain_handling, id FROM subscriptions ORDER BY client, filter", subscriptionOf},
		{"attached", "SELECT client, filter, qos FROM attached ORDER BY client, filter", attachedOf},
		{"incoming", "SELECT client, packet_id FROM incoming ORDER BY client, packet_id", incomingOf},
		{"wills", "SELECT client, identity, delay, due, " + messageColumns + " FROM wills ORDER BY client", willOf},
		{"retained", "SELECT client, identity, " + messageColumns + " FROM retained ORDER BY topic", retainedOf},
		{"messages", "SELECT id, " + messageColumns + " FROM messages ORDER BY id", messageOf},
		{"queue", "SELECT client, seq, message, qos, retain, ids, shared, state FROM queue ORDER BY client, seq", entryOf},
	}
}

func (s *Sessions) loadTable(ctx context.Context, t table, f func(broker.Change) error) error {
	rows, err := s.file.conn.QueryContext(ctx, t.query)
	if err != nil {
		return err
	}
	return scanned(rows, func() error {
		c, err := t.row(rows.Scan)
		if err != nil {
			return err
		}
		return f(c)
	})
}

func sessionOf(scan func(...any) error) (broker.Change, error) {
	var r broker.SessionRecord
	var expiry int64
	var disconnected stamp
	err := scan(&r.Client, &r.Identity, &r.Version, &expiry, &disconnected)
	r.Expiry, r.Disconnected = duration(expiry), disconnected.time()
	return broker.PutSession{Session: r}, err
}

func subscriptionOf(scan func(...any) error) (broker.Change, error) {
	var c broker.PutSubscription
	s := &c.Subscription
	err := scan(&c.Client, &s.Filter, &s.QoS, &s.NoLocal, &s.RetainAsPublished, &s.RetainHandling, &c.ID)
	return c, err
}

func attachedOf(scan func(...any) error) (broker.Change, error) {
	var c broker.PutAttached
	err := scan(&c.Client, &c.Filter, &c.QoS)
	return c, err
}

func incomingOf(scan func(...any) error) (broker.Change, error) {
	var c broker.PutIncoming
	err := scan(&c.Client, &c.PacketID)
	return c, err
}

func willOf(scan func(...any) error) (broker.Change, error) {
	var c broker.PutWill
	var delay int64
	var due stamp
	var m storedMessage
	err := scan(append([]any{&c.Client, &c.Will.Identity, &delay, &due}, m.targets()...)...)
	c.Will.Message, c.Will.Delay, c.Will.Due = m.message(), duration(delay), due.time()
	return c, err
}

func retainedOf(scan func(...any) error) (broker.Change, error) {
	var m storedMessage
	var by broker.Publisher
	err := scan(append([]any{&by.Client, &by.Identity}, m.targets()...)...)
	return broker.PutRetained{Message: m.message(), By: by}, err
}

func messageOf(scan func(...any) error) (broker.Change, error) {
	var id int64
	var m storedMessage
	err := scan(append([]any{&id}, m.targets()...)...)
	return broker.PutMessage{ID: broker.MessageID(id), Message: m.message()}, err
}

func entryOf(scan func(...any) error) (broker.Change, error) {
	var e broker.QueueEntry
	var seq, message int64
	var ids document[[]uint32]
	err := scan(&e.Client, &seq, &message, &e.QoS, &e.Retain, &ids, &e.Shared, &e.State)
	e.Seq, e.Message, e.IDs = uint64(seq), broker.MessageID(message), ids.v
	return broker.Enqueue{Entry: e}, err
}
