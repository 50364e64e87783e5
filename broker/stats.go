package broker

import "sync/atomic"

// Stats counts what the broker has and what it refused or dropped since it
// started. Nothing is refused or dropped without being counted here.
type Stats struct {
	Connections   int    // open now, with and without a CONNECT
	Connected     int    // clients that are let in, now
	MostConnected int    // the most that ever were at once
	Expired       uint64 // sessions that ended because their client stayed away
	Sessions      int
	Subscriptions int
	Retained      int
	RetainedBytes int
	Queued        int // messages that wait or are in flight; one for two sessions counts twice
	QueuedBytes   int // of them; one for two sessions counts once

	Accepted  uint64 // connections, refused ones included
	Connects  uint64 // that were let in
	TakeOvers uint64 // connections that ended because their client connected again
	Contested int    // clients whose identifier is fought over now: see ClientInfo.Contested
	StoreFull bool   // acknowledgements wait for space

	Received  uint64 // messages published by clients
	Published uint64 // messages published by the embedding program
	Delivered uint64 // messages written for clients, repetitions included

	ReceivedBytes  uint64 // payloads of Received
	DeliveredBytes uint64 // payloads of Delivered

	BytesReceived, BytesSent     uint64 // MQTT packets, without what is below them
	PacketsReceived, PacketsSent uint64 // of every type

	Refused map[string]uint64 // connections, packets and messages refused, by reason
	Dropped map[string]uint64 // messages dropped for a receiver, by reason
}

// counter names one reason for a refusal or a drop.
type counter int

// The reasons that are counted.
const (
	refusedConnections counter = iota // too many connections
	refusedAddress                    // too many connections of one address
	refusedAddressRate                // too many refused attempts of one address
	refusedTimeout                    // no CONNECT in time
	refusedTLS                        // no TLS handshake, or no certificate that is trusted
	refusedOrigin                     // a web page that may not connect
	refusedUpgrade                    // an HTTP request that is no WebSocket of MQTT
	refusedConnect                    // CONNECT malformed, too large or unsupported
	refusedLogin                      // the Authorizer said no
	refusedNoAnswer                   // the Authorizer failed
	refusedIdentity                   // another identity's session
	refusedSessions                   // too many sessions of one identity
	refusedWill                       // will without the right
	refusedProtocol                   // malformed or forbidden packet after CONNECT
	refusedReceiveMax                 // more open messages than allowed
	refusedPublish                    // publish without the right
	refusedCommand                    // publish by a client to a command topic
	refusedRetain                     // no room for the retained message
	refusedSubscribe                  // filter without the right
	refusedFilter                     // filter invalid, unsupported, or too many
	refusedEnds                       // the last of the refusals

	droppedQoS0     // the receiver does not read
	droppedQueue    // the session's queue is full
	droppedAll      // all queues together are
	droppedExpired  // the message's end came
	droppedTooLarge // larger than the receiver takes
	droppedLane     // the handler's lane is full
	droppedRights   // the receiver's right ended
	droppedWill     // the will's right ended
	droppedRetained // the right of who published a retained message ended
	droppedShared   // nobody of the group can take it
	droppedCommand  // the connection that the command was for has ended
	counters
)

// name is the reason as it is shown.
func (c counter) name() string {
	return [counters]string{
		"too many connections", "too many connections of an address", "too many refused attempts of an address",
		"no CONNECT in time", "TLS handshake", "web origin", "WebSocket handshake",
		"bad CONNECT", "login", "authorizer failed", "session of another identity",
		"too many sessions", "will not permitted", "protocol error", "receive maximum exceeded", "publish not permitted",
		"publish to a command topic", "retained messages full", "subscribe not permitted", "filter not accepted", "",
		"receiver does not read", "queue full", "all queues full", "expired", "too large for receiver", "handler lane full",
		"receiver's right ended", "will's right ended", "publisher's right ended", "nobody of the group can take it",
		"command whose connection ended",
	}[c]
}

// tally counts without a lock.
type tally struct {
	by                             [counters]atomic.Uint64
	received, published, delivered atomic.Uint64 // messages
	receivedBytes, deliveredBytes  atomic.Uint64 // of their payloads
	got, sent                      traffic
	ended                          atomic.Uint64 // sessions, by their expiry
	accepted                       atomic.Uint64 // connections
	takeOvers                      atomic.Uint64
}

// traffic counts what goes over the network.
type traffic struct{ bytes, packets atomic.Uint64 }

func (x *traffic) add(bytes, packets int) {
	x.bytes.Add(uint64(bytes))
	x.packets.Add(uint64(packets))
}

func (t *tally) count(c counter) { t.by[c].Add(1) }

// Connections is how many are open now, with and without a CONNECT.
func (b *Broker) Connections() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}

// Stats gives the counts of this instant.
func (b *Broker) Stats() Stats {
	b.mu.Lock()
	s := Stats{
		Connections: len(b.conns), Connected: b.connected, MostConnected: b.mostConnected, Connects: b.epoch, StoreFull: b.commit.full,
		Sessions: len(b.sessions), Subscriptions: b.routes.Len() + b.attached.Len(),
		Retained: b.retained.names.Len(), RetainedBytes: b.retained.bytes,
		Contested: b.contestsNow(),
		Queued:    b.queued.messages, QueuedBytes: b.queued.bytes,
	}
	b.mu.Unlock()
	s.Received, s.Published, s.Delivered = b.tally.received.Load(), b.tally.published.Load(), b.tally.delivered.Load()
	s.ReceivedBytes, s.DeliveredBytes = b.tally.receivedBytes.Load(), b.tally.deliveredBytes.Load()
	s.BytesReceived, s.PacketsReceived = b.tally.got.bytes.Load(), b.tally.got.packets.Load()
	s.BytesSent, s.PacketsSent = b.tally.sent.bytes.Load(), b.tally.sent.packets.Load()
	s.Expired, s.Accepted, s.TakeOvers = b.tally.ended.Load(), b.tally.accepted.Load(), b.tally.takeOvers.Load()
	s.Refused, s.Dropped = map[string]uint64{}, map[string]uint64{}
	for c := range counters {
		n := b.tally.by[c].Load()
		switch {
		case c < refusedEnds:
			s.Refused[c.name()] = n
		case c > refusedEnds:
			s.Dropped[c.name()] = n
		}
	}
	return s
}
