package broker

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"gatehouse/broker/packet"
)

// addressOf is the address that a connection is counted under, the zero one if it
// has none, as a pipe. Who has one address of IPv6 has the 2^64 around it.
func addressOf(a net.Addr) netip.Addr {
	var from netip.AddrPort
	if tcp, ok := a.(*net.TCPAddr); ok {
		from = tcp.AddrPort()
	} else {
		from, _ = netip.ParseAddrPort(a.String()) // zero if it is none
	}
	ip := from.Addr().Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return ip
}

// maxGrudges bounds the addresses that are remembered.
const maxGrudges = 10_000

// grudges remember which addresses made attempts that were refused. Each address
// is forgiven a steady number of them per minute, and forgotten with the last. When
// there are too many addresses, one that is nearly forgiven goes first.
type grudges struct {
	mu   sync.Mutex // a leaf
	list map[netip.Addr]grudge
}

type grudge struct {
	refused float64 // attempts that were not forgiven
	at      time.Time
}

// left is what is not forgiven by now.
func (g grudge) left(perMinute int, now time.Time) float64 {
	return max(0, g.refused-now.Sub(g.at).Minutes()*float64(perMinute))
}

// add notes a refused attempt.
func (l *grudges) add(from netip.Addr, perMinute int) {
	if !from.IsValid() || perMinute < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	g, known := l.list[from]
	if !known && len(l.list) >= maxGrudges {
		l.forget(perMinute, now)
	}
	if l.list == nil {
		l.list = make(map[netip.Addr]grudge)
	}
	l.list[from] = grudge{refused: min(g.left(perMinute, now), float64(perMinute)) + 1, at: now}
}

// forget drops the nearest to be forgiven of a few.
func (l *grudges) forget(perMinute int, now time.Time) {
	var drop netip.Addr
	least, seen := 0.0, 0
	for from, g := range l.list { // begins anywhere
		if left := g.left(perMinute, now); seen == 0 || left < least {
			drop, least = from, left
		}
		if seen++; seen == 8 {
			break
		}
	}
	delete(l.list, drop)
}

// bars says that an address has made so many that it is not heard now.
func (l *grudges) bars(from netip.Addr, perMinute int) bool {
	if !from.IsValid() || perMinute < 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g, known := l.list[from]
	if !known {
		return false
	}
	left := g.left(perMinute, time.Now())
	if left == 0 {
		delete(l.list, from)
	}
	return left > float64(perMinute-1)
}

// blame notes that the client's attempt was refused, if it can do something about
// that. Who is banned has cost no look at a password, and a ban of a client or a user
// name is not to keep out the others behind its address.
func (c *conn) blame(reason packet.ReasonCode) {
	switch reason {
	case packet.ServerUnavailable, packet.ServerBusy, packet.ServerShuttingDown, packet.UseAnotherServer, packet.ServerMoved,
		packet.UnspecifiedError, packet.ImplementationSpecific, packet.Banned:
	default:
		c.b.grudges.add(c.from, c.via.RefusedPerMinute)
	}
}
