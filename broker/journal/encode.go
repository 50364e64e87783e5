package journal

import (
	"encoding/binary"
	"fmt"

	"gatehouse/broker"
)

// appendChange writes one change as a record. The key comes first, in the order
// in which parse reads it.
func appendChange(b []byte, c broker.Change) ([]byte, error) {
	switch c := c.(type) {
	case broker.PutSession:
		return appendSession(b, c.Session), nil
	case broker.DeleteSession:
		return appendClient(b, deleteSession, c.Client), nil
	case broker.PutSubscription:
		return appendSubscription(b, c), nil
	case broker.DeleteSubscription:
		return finish(beginNamed(b, deleteSubscription, c.Client, c.Filter)), nil
	case broker.PutAttached:
		b, start := beginNamed(b, putAttached, c.Client, c.Filter)
		return finish(append(b, byte(c.QoS)), start), nil
	case broker.DeleteAttached:
		return finish(beginNamed(b, deleteAttached, c.Client, c.Filter)), nil
	case broker.PutRetained:
		b, start := begin(b, putRetained)
		return finish(appendPublisher(appendMessage(b, &c.Message), c.By), start), nil
	case broker.DeleteRetained:
		b, start := begin(b, deleteRetained)
		return finish(appendString(b, c.Topic), start), nil
	case broker.PutWill:
		return appendWill(b, c), nil
	case broker.DeleteWill:
		return appendClient(b, deleteWill, c.Client), nil
	default:
		return appendFlow(b, c)
	}
}

// appendFlow writes the changes of messages on their way.
func appendFlow(b []byte, c broker.Change) ([]byte, error) {
	switch c := c.(type) {
	case broker.PutMessage:
		b, start := begin(b, putMessage)
		b = binary.AppendUvarint(b, uint64(c.ID))
		return finish(appendMessage(b, &c.Message), start), nil
	case broker.Enqueue:
		return appendEntry(b, &c.Entry), nil
	case broker.Advance:
		b, start := beginNumbered(b, advance, c.Client, c.Seq)
		return finish(append(b, byte(c.State)), start), nil
	case broker.Dequeue:
		return finish(beginNumbered(b, dequeue, c.Client, c.Seq)), nil
	case broker.PutIncoming:
		return finish(beginNumbered(b, putIncoming, c.Client, uint64(c.PacketID))), nil
	case broker.DeleteIncoming:
		return finish(beginNumbered(b, deleteIncoming, c.Client, uint64(c.PacketID))), nil
	default:
		return b, fmt.Errorf("journal: a %T is no change that is kept", c)
	}
}

func appendClient(b []byte, k kind, client broker.ClientID) []byte {
	b, start := begin(b, k)
	return finish(appendString(b, client), start)
}

func beginNamed(b []byte, k kind, client broker.ClientID, name string) ([]byte, int) {
	b, start := begin(b, k)
	return appendString(appendString(b, client), name), start
}

func beginNumbered(b []byte, k kind, client broker.ClientID, num uint64) ([]byte, int) {
	b, start := begin(b, k)
	return binary.AppendUvarint(appendString(b, client), num), start
}

func appendSession(b []byte, s broker.SessionRecord) []byte {
	b, start := begin(b, putSession)
	b = appendString(appendString(b, s.Client), s.Identity)
	b = binary.AppendVarint(append(b, byte(s.Version)), int64(s.Expiry))
	return finish(appendTime(b, s.Disconnected), start)
}

func appendSubscription(b []byte, c broker.PutSubscription) []byte {
	s := c.Subscription
	b, start := beginNamed(b, putSubscription, c.Client, s.Filter)
	b = appendBool(appendBool(append(b, byte(s.QoS)), s.NoLocal), s.RetainAsPublished)
	b = append(b, byte(s.RetainHandling))
	return finish(binary.AppendUvarint(b, uint64(c.ID)), start)
}

func appendEntry(b []byte, e *broker.QueueEntry) []byte {
	b, start := beginNumbered(b, enqueue, e.Client, e.Seq)
	b = binary.AppendUvarint(b, uint64(e.Message))
	b = append(appendBool(append(b, byte(e.QoS)), e.Retain), byte(e.State))
	for _, id := range e.IDs {
		b = binary.AppendUvarint(b, uint64(id)) // never 0
	}
	if e.Shared != "" {
		b = appendString(append(b, 0), e.Shared)
	}
	return finish(b, start)
}

func appendWill(b []byte, c broker.PutWill) []byte {
	b, start := begin(b, putWill)
	b = binary.AppendVarint(appendString(b, c.Client), int64(c.Will.Delay))
	b = appendMessage(appendTime(b, c.Will.Due), &c.Will.Message)
	return finish(appendPublisher(b, broker.Publisher{Identity: c.Will.Identity}), start)
}

// appendMessage writes a message; it is the last of a record, but for its publisher. Its topic is first:
// it is the key of a retained one.
func appendMessage(b []byte, m *broker.Message) []byte {
	b = appendString(appendString(b, m.Topic), m.Payload)
	b = appendTime(appendBool(append(b, byte(m.QoS)), m.Retain), m.Expires)
	return appendProperties(b, &m.Properties)
}
