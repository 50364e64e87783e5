package broker

import (
	"context"
	"errors"
	"time"

	"gatehouse/broker/packet"
)

// Store keeps what must outlive the process: sessions, their subscriptions,
// their queued and open messages, retained messages and waiting wills.
//
// The broker calls Load once, before anything else, and then Apply from one
// goroutine at a time. Everything that waits for durability at one moment is
// covered by one Apply: an implementation pays one fsync for all of it.
type Store interface {
	// Load calls f with changes which, applied in order to an empty broker, give
	// the stored state. The broker keeps what it is given.
	Load(ctx context.Context, f func(Change) error) error
	// Apply makes the changes durable, all or none, in their order. An error that
	// is ErrNoSpace says that nothing was stored and that the store is whole: the
	// broker offers the same changes again until there is space. After any other
	// error the state of the store is unknown and the broker stops acknowledging.
	Apply(ctx context.Context, changes []Change) error
}

// ErrNoSpace is the error of a Store whose disk is full.
var ErrNoSpace = errors.New("no space left for the broker's store")

// Change is one step of the stored state. It is one of the types below; there
// are no others.
type Change interface{ change() }

// The changes that a Store keeps.
type (
	// PutSession creates a session or replaces its own fields.
	PutSession struct{ Session SessionRecord }
	// DeleteSession removes a session and all that belongs to it.
	DeleteSession struct{ Client ClientID }

	// PutSubscription adds a subscription to a session, or replaces the one with
	// the same filter.
	PutSubscription struct {
		Client       ClientID
		Subscription packet.Subscription
		ID           uint32 // subscription identifier, 0 for none
	}
	// DeleteSubscription removes a subscription.
	DeleteSubscription struct {
		Client ClientID
		Filter string
	}

	// PutAttached adds a filter that the program attached to a session, or replaces
	// its QoS. It is beside the client's own subscriptions, which may have the same
	// filter.
	PutAttached struct {
		Client ClientID
		Filter string
		QoS    packet.QoS
	}
	// DeleteAttached removes it.
	DeleteAttached struct {
		Client ClientID
		Filter string
	}

	// PutMessage stores a message body once, however many sessions queue it. It
	// comes before the first Enqueue that names it, in the same Apply, and lives
	// as long as any queue entry names it.
	PutMessage struct {
		ID      MessageID
		Message Message
	}
	// Enqueue puts a message at the end of a session's outgoing queue.
	Enqueue struct{ Entry QueueEntry }
	// Advance changes the state of a queue entry.
	Advance struct {
		Client ClientID
		Seq    uint64
		State  EntryState
	}
	// Dequeue removes a queue entry: it was delivered, expired or dropped.
	Dequeue struct {
		Client ClientID
		Seq    uint64
	}

	// PutIncoming remembers the packet id of an incoming QoS 2 message that is
	// owned and not yet released (MQTT-4.3.3-10).
	PutIncoming struct {
		Client   ClientID
		PacketID uint16
	}
	// DeleteIncoming forgets it: PUBREL came.
	DeleteIncoming struct {
		Client   ClientID
		PacketID uint16
	}

	// PutRetained stores the retained message of its topic, and who published it.
	PutRetained struct {
		Message Message
		By      Publisher
	}
	// DeleteRetained removes it.
	DeleteRetained struct{ Topic string }

	// PutWill stores the will of a session (MQTT-3.1.2-7). The will of a session
	// that has ended is put again behind the DeleteSession, and stays until it was
	// published.
	PutWill struct {
		Client ClientID
		Will   WillRecord
	}
	// DeleteWill removes it: published, or cancelled.
	DeleteWill struct{ Client ClientID }
)

// SessionRecord is a stored session.
type SessionRecord struct {
	Client   ClientID
	Identity string
	Version  packet.Version
	// Expiry is how long the session lives after its connection ended;
	// NeverExpires for ever.
	Expiry time.Duration
	// Disconnected is when the connection ended; zero while connected. After a
	// crash the broker takes the start for it.
	Disconnected time.Time
}

// NeverExpires is the Expiry of a session that lives until it is deleted.
const NeverExpires time.Duration = -1

// MessageID names a stored message body within one store.
type MessageID uint64

// QueueEntry is one message in the outgoing queue of a session.
type QueueEntry struct {
	Client ClientID
	// Seq rises within a session: the order of the queue. The packet identifier
	// follows from it, so that a message that is sent again after a crash has the
	// identifier that it had before, whether or not the sending was recorded.
	Seq     uint64
	Message MessageID
	QoS     packet.QoS // granted: 1 or 2
	Retain  bool       // the retain flag to send
	IDs     []uint32   // subscription identifiers
	Shared  string     // filter of the shared subscription that it came by; empty if it came by another
	State   EntryState
}

// Publisher is who published a message: a client, of an identity. It is zero for
// the embedding program, and where it is not known any more.
type Publisher struct {
	Client   ClientID
	Identity string
}

// EntryState is how far a queue entry has come.
type EntryState byte

// The states of a queue entry.
const (
	Waiting  EntryState = iota // not written as far as is known
	Sent                       // PUBLISH written, or about to be; waits for PUBACK or PUBREC
	Released                   // PUBREL written; waits for PUBCOMP
)

// WillRecord is a stored will. The life of its message begins when it is
// published: Message.Properties.MessageExpiry has its seconds, and Expires is
// zero.
type WillRecord struct {
	Message  Message
	Identity string // whose it is; the session, which says the same, may have ended
	Delay    time.Duration
	// Due is when the will is to be published; zero while the client is connected.
	// After a crash a zero Due means "now plus Delay".
	Due time.Time
}

func (PutSession) change()         {}
func (DeleteSession) change()      {}
func (PutSubscription) change()    {}
func (DeleteSubscription) change() {}
func (PutAttached) change()        {}
func (DeleteAttached) change()     {}
func (PutMessage) change()         {}
func (Enqueue) change()            {}
func (Advance) change()            {}
func (Dequeue) change()            {}
func (PutIncoming) change()        {}
func (DeleteIncoming) change()     {}
func (PutRetained) change()        {}
func (DeleteRetained) change()     {}
func (PutWill) change()            {}
func (DeleteWill) change()         {}
