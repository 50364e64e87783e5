package broker

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// counted counts the changes that reach a store.
type counted struct {
	*MemoryStore
	changes atomic.Int64
}

func (s *counted) Apply(ctx context.Context, list []Change) error {
	s.changes.Add(int64(len(list)))
	return s.MemoryStore.Apply(ctx, list)
}

// holdings is what a broker has of its clients.
type holdings struct {
	sessions, identities, conns, addresses, grudges, subscriptions, retained, fired, stored, lanes int
	changes                                                                                        int64
}

func (h *house) holdings(s *counted) holdings {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	b := h.b
	b.grudges.mu.Lock()
	defer b.grudges.mu.Unlock()
	return holdings{
		len(b.sessions), len(b.identities), len(b.conns), len(b.addresses), len(b.grudges.list), b.routes.Len(), b.retained.names.Len(),
		len(b.fired), len(b.stored), len(b.lanes), s.changes.Load(),
	}
}

// refusals are CONNECTs that are refused, each with a will that would be permitted.
func refusals(v packet.Version) map[string]*packet.Connect {
	hour := uint32(3600)
	base := func(id, user string, change func(*packet.Connect)) *packet.Connect {
		p := &packet.Connect{Version: v, ClientID: id, KeepAlive: 60, HasUsername: true, Username: user,
			Will: &packet.Will{Topic: "gone", Payload: []byte("x"), QoS: 1, Retain: true}}
		if v >= packet.V5 {
			p.Properties.SessionExpiry = &hour
		}
		change(p)
		return p
	}
	secret := func(word string) func(*packet.Connect) {
		return func(p *packet.Connect) { p.HasPassword, p.Password = true, []byte(word) }
	}
	list := map[string]*packet.Connect{
		"wrong password":            base("c", "c", secret("wrong")),
		"wrong password, id in use": base("owned", "owner", secret("wrong")),
		"the same with clean start": base("owned", "owner", func(p *packet.Connect) { secret("wrong")(p); p.CleanStart = true }),
		"authorizer broken":         base("owned", "owner", secret("broken")),
		"authorizer panics":         base("owned", "owner", secret("panic")),
		"session of another":        base("owned", "thief", func(*packet.Connect) {}),
		"the same, clean":           base("owned", "thief", func(p *packet.Connect) { p.CleanStart = true }),
		"too many sessions":         base("second", "owner", func(*packet.Connect) {}),
		"will without the right":    base("c", "c", func(p *packet.Connect) { p.Will.Topic = "$SYS/x" }),
		"will to nowhere":           base("c", "c", func(p *packet.Connect) { p.Will.Topic = deep(100) }),
	}
	if v >= packet.V5 {
		list["unknown method"] = base("owned", "owner", func(p *packet.Connect) { p.Properties.AuthMethod = "m" })
		list["takes no CONNACK"] = base("owned", "owner", func(p *packet.Connect) { p.Properties.MaximumPacketSize = 5 })
		list["bad will properties"] = base("owned", "owner", func(p *packet.Connect) { p.Will.Properties.ContentType = "\x00" })
	} else {
		list["nobody's session to keep"] = base("", "owner", func(*packet.Connect) {})
	}
	return list
}

func TestRefusedConnectsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	rounds := prove.Size(3, 1200)
	store := &counted{MemoryStore: NewMemoryStore()}
	h := newHouse(t, func(o *Options) { o.Store, o.Limits.RefusedPerMinute = store, -1 })
	h.rules.of("owner").sessions = 1
	watcher := h.over(packet.V5, "watcher")
	watcher.subscribe(1, "#")
	var sent uint64
	for _, v := range versions {
		for _, online := range []bool{true, false} {
			owner := h.over(v, "owned", as("owner"), keep)
			owner.subscribe(1, "mine")
			if !online {
				owner.send(&packet.Disconnect{})
				owner.ended()
				prove.Eventually(t, "the owner is away", func() bool { return h.b.Connections() == 1 })
			}
			if err := h.b.Attach(t.Context(), "owned", fmt.Sprintf("other/%v/%v", v, online), 0); err != nil { // it waits for the store
				t.Fatal(err)
			}
			before := h.holdings(store)
			for round := range rounds {
				for _, bad := range []packet.Version{packet.V311, packet.V5} { // an owner of one version, strangers of both
					for name, p := range refusals(bad) {
						if name == "authorizer panics" && round > 0 {
							continue // each is logged with its stack
						}
						c := &client{t: t, nc: h.pipe(), v: bad}
						c.sendBytes(p.Append(nil))
						if r := c.lastWord(); r == packet.Success {
							t.Fatalf("%s: let in", name)
						}
						sent++
					}
				}
			}
			prove.Eventually(t, "all are gone", func() bool { return h.holdings(store).conns == before.conns })
			if after := h.holdings(store); after != before {
				t.Errorf("%v, online %v: before %+v, after %+v", v, online, before, after)
			}
			if !online {
				owner = h.over(v, "owned", as("owner"), keep)
			}
			if err := h.b.Publish(t.Context(), Message{Topic: "mine", Payload: []byte("still there")}); err != nil {
				t.Fatal(err)
			}
			owner.message("mine", "still there")
			watcher.message("mine", "still there") // and no will before it
			owner.send(&packet.Disconnect{})
			owner.ended()
		}
	}
	watcher.silent()
	prove.Record(t, "refused CONNECTs leave nothing behind: sessions, wills, connections, addresses, stored changes", "0 left",
		fmt.Sprintf("0 of %d", sent))
}

// lastWord reads what a refused client is told, until the connection ends.
func (c *client) lastWord() packet.ReasonCode {
	defer c.nc.Close()
	buf := make([]byte, 4096)
	n, have := 0, 0
	var err error
	for err == nil {
		n, err = c.nc.Read(buf[have:])
		have += n
	}
	if have == 0 {
		return packet.UnspecifiedError
	}
	h, size, err := packet.Peek(buf[:have], 0)
	if err != nil || size != have {
		c.t.Fatalf("told % x", buf[:have])
	}
	var a packet.Connack
	if err := a.Decode(c.v, h, buf[size-h.Length:size]); err != nil {
		c.t.Fatal(err)
	}
	return a.Reason
}
