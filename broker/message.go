package broker

import (
	"time"

	"gatehouse/broker/packet"
)

// ClientID names a session (MQTT-3.1.3-2).
type ClientID string

// Message is one application message on its way through the broker. Everybody
// who is given a Message shares its slices: nobody may change them.
type Message struct {
	Topic   string
	Payload []byte
	QoS     packet.QoS
	Retain  bool

	// Properties are those that travel with the message, untouched: payload
	// format, content type, response topic, correlation data, user properties.
	// MessageExpiry is not used here, see Expires.
	Properties packet.Properties

	// Expires is the end of the message's life, zero for never. It is measured on
	// the broker's clock; a receiver is told the seconds that are left
	// (MQTT-3.3.2-6).
	Expires time.Time
}

// Presence is one change of a client's connection, in order: for one client the
// watchers see the epochs rise, and up before down within each.
type Presence struct {
	Client   ClientID
	Identity string
	Up       bool
	// Epoch rises with every connection that any client makes to this broker
	// process: a late "down" of an old connection has a smaller epoch than the
	// "up" that replaced it.
	Epoch uint64
	At    time.Time
	// Cause says why a connection ended; empty when Up.
	Cause  Cause
	Remote string // network address of the peer
}

// Cause is the reason why a connection ended.
type Cause string

// The causes of an ended connection.
const (
	CauseDisconnect Cause = "disconnect"      // the client said DISCONNECT
	CauseLost       Cause = "connection lost" // the socket closed or broke
	CauseKeepAlive  Cause = "keep-alive"      // silent for 1.5 times its keep-alive
	CauseTakeOver   Cause = "take-over"       // the same client id connected again
	CauseKicked     Cause = "kicked"          // Broker.Kick
	CauseRevoked    Cause = "revoked"         // its right to be connected ended
	CauseProtocol   Cause = "protocol error"  // it sent something malformed or forbidden
	CauseSlow       Cause = "too slow"        // it read slower than its queue may grow
	CauseShutdown   Cause = "shutdown"        // the broker stops
	CauseExpired    Cause = "expired"         // only of a Delivery: its message's end came before it was written
	CauseRecalled   Cause = "recalled"        // only of a Delivery: its sender took it back before it was written
	CauseRefused    Cause = "refused"         // only of a Delivery: larger than the client takes
)

// Delivery is what became of a message given to Broker.Send.
type Delivery struct {
	Step   DeliveryStep
	Reason packet.ReasonCode // with Acknowledged: the receiver's reason (v5)
	Cause  Cause             // with Ended: why the connection ended
	At     time.Time
}

// DeliveryStep is one step of a Delivery: Written, then Acknowledged or Ended.
// Ended without Written means that the message never left the process. At QoS 0
// Written is the last step.
type DeliveryStep byte

// The steps of a delivery.
const (
	Written      DeliveryStep = iota + 1 // given to the operating system for this connection
	Acknowledged                         // the receiver's PUBACK (QoS 1)
	Ended                                // the connection ended, or the message expired unwritten
)

// ClientInfo describes a client for people.
type ClientInfo struct {
	Client    ClientID
	Identity  string
	Version   packet.Version
	Remote    string
	Listener  string // Listener.Name of the present connection
	Connected bool
	Since     time.Time // of the present connection, or of its end
	Cause     Cause     // why the connection before the present one, or the last one, ended; empty if not known
	KeepAlive time.Duration
	Filters   int
	Queued    int // messages that wait to be sent
	InFlight  int // messages sent and not yet acknowledged
	Dropped   uint64
	// TakeOvers is how often its connection was taken over by another, without half a
	// minute of peace.
	TakeOvers int
	Contested bool // two programs fight over the identifier, by TakeOvers: 5 or more
}
