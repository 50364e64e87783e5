package broker

import "time"

// Listener says what is special about one way in. The zero value of a field means
// what Options say.
type Listener struct {
	// Name tells the ways in apart: in ConnectRequest, ClientInfo and the log.
	Name string
	// Authorizer decides about the clients that come this way.
	Authorizer Authorizer
	// Origins are those of Options.Origins, for this WebSocket. One that is not
	// nil and has nothing in it allows only pages of the same host.
	Origins []string

	ConnectTimeout time.Duration
	MaxConnections int    // open over this listener; those of all are bounded by Limits besides
	MaxPacketSize  uint32 // bytes, from a client
	MaxConnectSize uint32 // bytes of a CONNECT

	// Those of Limits. Behind a proxy, whose address all clients seem to have, both
	// are to be negative, unless something before the handler of a WebSocket puts
	// the client's address into http.Request.RemoteAddr.
	MaxConnectionsPerAddress int
	RefusedPerMinute         int
}

// entrance is a Listener with nothing left open.
type entrance struct {
	Listener
	open int // connections; of the turn
}

// entrance fills in what Options say.
func (b *Broker) entrance(l Listener) *entrance {
	if l.Authorizer == nil {
		l.Authorizer = b.opts.Authorizer
	}
	if l.Origins == nil {
		l.Origins = b.opts.Origins
	}
	def(&l.ConnectTimeout, b.limits.ConnectTimeout)
	def(&l.MaxConnections, b.limits.MaxConnections)
	def(&l.MaxPacketSize, b.limits.MaxPacketSize)
	def(&l.MaxConnectSize, b.limits.MaxConnectSize)
	def(&l.MaxConnectionsPerAddress, b.limits.MaxConnectionsPerAddress)
	def(&l.RefusedPerMinute, b.limits.RefusedPerMinute)
	l.MaxConnectSize = min(l.MaxConnectSize, l.MaxPacketSize)
	return &entrance{Listener: l}
}
