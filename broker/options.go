package broker

import (
	"fmt"
	"log/slog"
	"time"

	"gatehouse/broker/topic"
)

// Options are the parts and the limits of a Broker. The zero value of a limit
// means its default.
type Options struct {
	Store      Store      // nil: memory only
	Authorizer Authorizer // required
	Log        *slog.Logger

	// CommandFilters declare topics that carry commands. A command is never
	// retained, only Send and Publish of the embedding program write it, it is
	// never queued for an absent client, never written after its end, never
	// written twice, and never restored. A departure from MQTT-4.4.0-1 on
	// purpose, for these topics only.
	CommandFilters []string
	// VolatileFilters declare topics whose messages are kept in memory only: no
	// retained message and no queue entry of theirs reaches the Store.
	VolatileFilters []string

	// PointToPoint are parents of point-to-point topics: what is published to
	// {parent}/p2p/{client}, exactly three levels, reaches that client without any
	// subscription. The right to publish decides alone. Command topics are never
	// point to point. Empty: there is no such thing.
	PointToPoint []string

	// SysInterval is how often the broker publishes how it is, below $SYS/broker/.
	// Who may read that is the Grant's to say, as of other filters. 0: never.
	SysInterval time.Duration

	// Origins are web origins, like https://booth.example:8443, whose pages may
	// connect over WebSocket besides the pages of the same host.
	Origins []string

	// ResponseInformation gives the text that a v5 client is told if it asks for
	// response information, usually a prefix of topics that it may use for the
	// answers to its requests (MQTT 5.0, section 3.2.2.3.15). nil, and an empty
	// text, tell nothing. It gives no right.
	ResponseInformation func(client ClientID, g Grant) string

	Limits Limits
	// Now is the clock for records and expiry; time.Now if nil.
	Now func() time.Time
}

// checkParents refuses what is no parent of a point-to-point topic.
func checkParents(parents []string) error {
	for _, p := range parents {
		if err := topic.ValidName(p, 1); err != nil {
			return fmt.Errorf("broker: point-to-point parent %q: want one level: %w", p, err)
		}
		if p[0] == '$' {
			return fmt.Errorf("broker: point-to-point parent %q: no client publishes below a $", p)
		}
	}
	return nil
}

// Limits bound what one client, and all of them, can make the broker spend.
type Limits struct {
	ConnectTimeout time.Duration // from accept to CONNECT; default 10 s
	MaxPacketSize  uint32        // bytes, from a client; default 4 MiB
	MaxConnectSize uint32        // bytes of a CONNECT, claimed before anything is known of the client; default 64 KiB
	MaxConnections int           // default 20 000
	// MaxConnectionsPerAddress bounds the connections of one network address (of
	// IPv6: of one /64), over all listeners. Whole sites sit behind one address.
	// Default 5 000; negative means that MaxConnections is enough.
	MaxConnectionsPerAddress int
	// RefusedPerMinute is how many refused attempts of one address are answered in a
	// minute. Whoever makes more is closed unheard until enough of them are
	// forgiven, a steady number per second; connections that are open already do
	// not notice. Attempts that are let in, and those that fail because of the
	// server, do not count. Default 300; negative means no end.
	RefusedPerMinute  int
	MaxTopicLevels    int           // default 64
	MaxFilters        int           // per session; default 1 000
	ReceiveMaximum    uint16        // QoS 1 and 2 messages that a client may have open; default 256
	MaxInFlight       uint16        // QoS 1 and 2 messages open to a client, at most its own Receive Maximum; default 256, at most 60 000
	MaxQueued         int           // messages that wait per session; default 10 000
	MaxQueuedBytes    int           // bytes that wait per session; default 16 MiB
	MaxQueuedAll      int           // messages that wait or are in flight for all sessions; one for two sessions counts twice; default 1 000 000
	MaxQueuedAllBytes int           // bytes of them; one for two sessions counts once; default 512 MiB
	MaxOutgoingBytes  int           // bytes encoded for a connection that does not read, which weigh a fifth more; default 768 KiB
	MaxRetained       int           // retained messages in all; default 1 000 000
	MaxRetainedClient int           // of them, last published by one client of this process; default 100 000
	MaxRetainedBytes  int           // bytes of them; default 512 MiB
	MaxKeepAlive      time.Duration // longer, or none, is replaced by this (v5: Server Keep Alive); default 300 s, at most 65 535 s; negative: as the client asks, none too
	MaxSessionExpiry  time.Duration // default 7 days
	SessionExpiry311  time.Duration // of a 3.1.1 session with Clean Session 0; default 7 days
	TopicAliasMaximum uint16        // aliases that a client may set, and at most as many are given to it; default 16
	NoTopicAliases    bool          // no aliases, neither way
}

// The hard ends of limits: packet identifiers and the keep-alive of CONNACK have
// 16 bits, and letters need an identifier that no message in flight has.
const (
	maxInFlightEnd  = 60_000
	maxKeepAliveEnd = 65_535 * time.Second
)

// withDefaults fills in the zero values.
func (l Limits) withDefaults() Limits {
	def(&l.ConnectTimeout, 10*time.Second)
	def(&l.MaxPacketSize, 4<<20)
	def(&l.MaxConnectSize, 64<<10)
	def(&l.MaxConnections, 20_000)
	def(&l.MaxConnectionsPerAddress, 5000)
	def(&l.RefusedPerMinute, 300)
	def(&l.MaxTopicLevels, 64)
	def(&l.MaxFilters, 1000)
	def(&l.ReceiveMaximum, 256)
	def(&l.MaxInFlight, 256)
	def(&l.MaxQueued, 10_000)
	def(&l.MaxQueuedBytes, 16<<20)
	def(&l.MaxQueuedAll, 1_000_000)
	def(&l.MaxQueuedAllBytes, 512<<20)
	def(&l.MaxOutgoingBytes, 768<<10)
	def(&l.MaxRetained, 1_000_000)
	def(&l.MaxRetainedClient, 100_000)
	def(&l.MaxRetainedBytes, 512<<20)
	def(&l.MaxKeepAlive, 300*time.Second)
	def(&l.MaxSessionExpiry, 7*24*time.Hour)
	def(&l.SessionExpiry311, 7*24*time.Hour)
	if def(&l.TopicAliasMaximum, 16); l.NoTopicAliases {
		l.TopicAliasMaximum = 0
	}
	l.MaxInFlight = min(l.MaxInFlight, maxInFlightEnd)
	l.MaxKeepAlive = min(l.MaxKeepAlive, maxKeepAliveEnd)
	l.MaxConnectSize = min(l.MaxConnectSize, l.MaxPacketSize)
	return l
}

// def replaces a limit that was not set.
func def[T comparable](limit *T, value T) {
	var zero T
	if *limit == zero {
		*limit = value
	}
}
