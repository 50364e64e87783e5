package mqtttest

import (
	"errors"
	"io"
	"testing"

	"gatehouse/broker"
	bp "gatehouse/broker/packet"
)

// goodbye is a reason for a server to end a connection of version 5 with a
// DISCONNECT, and how it is brought about.
type goodbye struct {
	what string
	code byte
	c    connect
	own  func(*broker.Options) // limits that it needs; nil: any server has it
	do   func(h host, p *peer, c connect)
}

// host is a server; broker is nil if it is not ours.
type host struct {
	t       *testing.T
	broker  *broker.Broker
	address string
}

func noChange(*broker.Options) {}

// goodbyes are all that this suite knows.
func goodbyes() []goodbye {
	write := func(packets ...[]byte) func(host, *peer, connect) {
		return func(_ host, p *peer, _ connect) { p.write(packets...) }
	}
	return []goodbye{
		{what: "malformed packet", code: 0x81, do: write(frame(SUBSCRIBE<<4, u16(1), []byte{0}, str("a"), []byte{0}))},
		{what: "protocol error", code: 0x82, do: write(connect{id: "x"}.encode(5))},
		{what: "session taken over", code: 0x8E, do: func(h host, _ *peer, c connect) { open(h.t, h.address, 5, c) }},
		{what: "keep-alive timeout", code: 0x8D, c: connect{keepAlive: 1}, do: write()},
		{
			what: "wildcard in a topic name", code: 0x90, own: noChange,
			do: write(publish{topic: "a/+", payload: "x"}.encode(5)),
		},
		{
			what: "topic alias above the maximum", code: 0x94, own: func(o *broker.Options) { o.Limits.TopicAliasMaximum = 4 },
			do: write(publish{topic: "a", props: properties{{topicAlias, 5}}}.encode(5)),
		},
		{
			what: "more than Receive Maximum", code: 0x93, own: func(o *broker.Options) { o.Limits.ReceiveMaximum = 1 },
			do: write(publish{topic: "a", qos: 2, id: 1}.encode(5), publish{topic: "a", qos: 2, id: 2}.encode(5)),
		},
		{
			what: "packet too large", code: 0x95, own: func(o *broker.Options) { o.Limits.MaxPacketSize = 1000 },
			do: write(publish{topic: "a", payload: string(make([]byte, 1000))}.encode(5)),
		},
		{
			what: "administrative action", code: 0x98, own: noChange,
			do: func(h host, _ *peer, c connect) { h.broker.Kick(broker.ClientID(c.id), bp.AdministrativeAction) },
		},
		{
			what: "server shutting down", code: 0x8B, own: noChange,
			do: func(h host, _ *peer, _ connect) { _ = h.broker.Close() },
		},
	}
}

// eachGoodbye brings about each of them. check is given the connection that the
// server ends.
func eachGoodbye(t *testing.T, check func(t *testing.T, g goodbye, p *peer)) {
	t.Helper()
	for _, g := range goodbyes() {
		t.Run(g.what, func(t *testing.T) {
			t.Parallel()
			h := host{t: t}
			if g.own == nil {
				h.address = server(t)
			} else {
				h.broker, h.address = made(t, g.own)
			}
			c := g.c
			c.id = name(t, "a")
			p, _ := open(t, h.address, 5, c)
			g.do(h, p, c)
			check(t, g, p)
		})
	}
}

// ending reads to the end of the connection and gives the DISCONNECT of the server,
// which is the last packet; ok is false if there was none. Other packets may come
// before it.
func (p *peer) ending() (bye packet, ok bool) {
	p.t.Helper()
	for {
		x, err := p.read()
		switch {
		case errors.Is(err, io.EOF):
			return bye, ok
		case err != nil:
			p.t.Fatalf("the connection was to be closed: %v", err)
		case ok:
			p.t.Fatalf("%+v came after DISCONNECT (MQTT-3.14.4-1)", x)
		case x.kind == DISCONNECT:
			bye, ok = x, true
		}
	}
}
