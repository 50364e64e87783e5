package db

import (
	"fmt"
	"time"

	"gatehouse/broker"
)

// applier puts changes into the tables. A message body whose queue entries were
// touched is looked at again at the end, and removed if none names it.
type applier struct {
	exec    func(query string, args ...any) error
	touched map[broker.MessageID]struct{}
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
	case broker.PutMessage:
		return a.putMessage(c)
	case broker.Enqueue:
		return a.enqueue(c.Entry)
	case broker.Advance:
		return a.exec("UPDATE queue SET state = ?, packet_id = ? WHERE client = ? AND seq = ?",
			c.State, c.PacketID, c.Client, int64(c.Seq)) //nolint:gosec // counts messages
	case broker.Dequeue:
		return a.dequeue(c)
	case broker.PutIncoming:
		return a.exec("INSERT INTO incoming (client, packet_id) VALUES (?, ?) ON CONFLICT DO NOTHING", c.Client, c.PacketID)
	case broker.DeleteIncoming:
		return a.exec("DELETE FROM incoming WHERE client = ? AND packet_id = ?", c.Client, c.PacketID)
	case broker.PutRetained:
		return a.putRetained(c.Message)
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
