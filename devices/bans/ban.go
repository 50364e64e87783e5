package bans

import (
	"context"
	"net/netip"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// ID names a Ban.
type ID string

// Kind is what a ban goes by.
type Kind string

// The kinds of bans.
const (
	ByClient   Kind = "client"   // a client identifier of MQTT, to the letter
	ByAddress  Kind = "address"  // a prefix of addresses, as netip.Prefix writes it
	ByUsername Kind = "username" // a user name of MQTT, to the letter; of a certificate its name
)

// Ban keeps out whom Kind and Value describe.
type Ban struct {
	ID     ID
	Kind   Kind
	Value  string
	Reason string
	By     arbiter.Who
	Since  time.Time
	Until  time.Time // zero: it has no end of its own

	Lifted     time.Time // zero: it was not
	LiftedBy   arbiter.Who
	LiftReason string

	Refused     int64     // connections
	LastRefused time.Time // zero: none was
}

// Over is when the ban ended; zero: it is in force at now.
func (b Ban) Over(now time.Time) time.Time {
	switch {
	case !b.Lifted.IsZero():
		return b.Lifted
	case !b.Until.IsZero() && !now.Before(b.Until):
		return b.Until
	}
	return time.Time{}
}

// Draft is a ban that somebody wants.
type Draft struct {
	Kind   Kind
	Value  string // of ByAddress an address or a prefix; an address of IPv6 means the /64 around it
	Reason string
	Until  time.Time // zero: without an end
}

// Client is who wants into the broker, or is in it.
type Client struct {
	ID       string
	Username string
	Address  netip.Addr // the zero one fits no ban
}

// ClientOf is a client by what it says of itself and where its connection comes from, as
// host:port.
func ClientOf(id, username, remote string) Client {
	c := Client{ID: id, Username: username}
	if at, err := netip.ParseAddrPort(remote); err == nil {
		c.Address = plain(at.Addr())
	}
	return c
}

// Matches says whether the ban is about a client, in force or not.
func (b Ban) Matches(c Client) bool {
	switch b.Kind {
	case ByClient:
		return b.Value == c.ID
	case ByUsername:
		return b.Value == c.Username
	case ByAddress:
		p, err := netip.ParsePrefix(b.Value)
		return err == nil && p.Contains(c.Address)
	}
	return false
}

// Store keeps bans.
type Store interface {
	Bans(ctx context.Context) ([]Ban, error) // by id
	AddBan(ctx context.Context, b Ban, a devices.AuditEntry) error
	// LiftBan stores Lifted, LiftedBy and LiftReason; NotFound if there is no such ban, or it was
	// lifted before.
	LiftBan(ctx context.Context, b Ban, a devices.AuditEntry) error
	// CountBans stores Refused and LastRefused; what is not there is left out.
	CountBans(ctx context.Context, all []Ban) error
	// DropBans forgets those that were over before a time.
	DropBans(ctx context.Context, before time.Time) error
}

// plain is an address as bans are written with.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
