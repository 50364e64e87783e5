package bans

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
)

// rules are bans that were not over when they were made, by what they go by. They never
// change: other bans make other rules.
type rules struct {
	clients, usernames map[string]*entry
	prefixes           map[netip.Prefix]*entry
	bits4, bits6       []int // the lengths of prefixes that there are
}

// entry is a ban and what it refused.
type entry struct {
	ban     Ban // but Refused and LastRefused
	refused atomic.Int64
	last    atomic.Int64 // microseconds since 1970; 0: never
	told    atomic.Int64 // refused, as the store has it
}

func entryOf(b Ban) *entry {
	e := &entry{ban: b}
	e.refused.Store(b.Refused)
	e.told.Store(b.Refused)
	if !b.LastRefused.IsZero() {
		e.last.Store(b.LastRefused.UnixMicro())
	}
	return e
}

// now is the ban with what it refused until now.
func (e *entry) now() Ban {
	b := e.ban
	b.Refused, b.LastRefused = e.refused.Load(), time.Time{}
	if last := e.last.Load(); last != 0 {
		b.LastRefused = time.UnixMicro(last).UTC()
	}
	return b
}

// with is the ban after it was lifted; what it counted stays.
func (e *entry) with(b Ban) *entry {
	next := entryOf(e.now())
	next.ban = b
	next.told.Store(e.told.Load())
	return next
}

func rulesOf(all []*entry, now time.Time) *rules {
	r := &rules{clients: map[string]*entry{}, usernames: map[string]*entry{}, prefixes: map[netip.Prefix]*entry{}}
	for _, e := range all {
		if !e.ban.Over(now).IsZero() {
			continue
		}
		switch e.ban.Kind {
		case ByClient:
			r.clients[e.ban.Value] = e
		case ByUsername:
			r.usernames[e.ban.Value] = e
		case ByAddress:
			r.addPrefix(e)
		}
	}
	return r
}

func (r *rules) addPrefix(e *entry) {
	p, err := netip.ParsePrefix(e.ban.Value)
	if err != nil {
		return // checked when it was made
	}
	r.prefixes[p] = e
	bits := &r.bits6
	if p.Addr().Is4() {
		bits = &r.bits4
	}
	if !slices.Contains(*bits, p.Bits()) {
		*bits = append(*bits, p.Bits())
	}
}

// each calls f for every ban in force that is about a client, until f says false.
func (r *rules) each(c Client, now time.Time, f func(*entry) bool) {
	in := func(e *entry) bool { return e == nil || !e.ban.Over(now).IsZero() || f(e) }
	if !in(r.clients[c.ID]) || !in(r.usernames[c.Username]) || !c.Address.IsValid() {
		return
	}
	bits := r.bits6
	if c.Address.Is4() {
		bits = r.bits4
	}
	for _, n := range bits {
		if p, err := c.Address.Prefix(n); err == nil && !in(r.prefixes[p]) {
			return
		}
	}
}

func (r *rules) refuse(c Client, now time.Time) (refused bool) {
	r.each(c, now, func(*entry) bool { refused = true; return false })
	return refused
}
