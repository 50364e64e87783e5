package mqtttest

import (
	"fmt"
	"slices"
	"testing"
)

// place is somewhere in the packets of a client: put is given what belongs there.
// Either connect is set, and changes a CONNECT, or packet, and makes one that
// follows it.
type place[T any] struct {
	what    string
	connect func(c *connect, x T)
	packet  func(p *peer, x T) []byte
	// ends says that the connection does not go on in peace with anything there.
	ends bool
}

// send puts x there, on a connection of its own that nothing was read from since.
func (l place[T]) send(t testing.TB, address string, version byte, id string, x T) *peer {
	t.Helper()
	if l.connect == nil {
		p := client(t, address, version, id)
		p.write(l.packet(p, x))
		return p
	}
	p := dial(t, address, version)
	c := connect{id: id}
	l.connect(&c, x)
	p.write(c.encode(version))
	return p
}

// stringPlaces are all places of a string, but for those in properties.
func stringPlaces() []place[string] {
	return []place[string]{
		{what: "client identifier", connect: func(c *connect, s string) { c.id = s }},
		{what: "will topic", connect: func(c *connect, s string) { c.will = &will{topic: s} }},
		{what: "user name", connect: func(c *connect, s string) { c.user = &s }},
		{what: "topic name", packet: func(p *peer, s string) []byte { return publish{topic: s}.encode(p.version) }},
		{what: "filter of SUBSCRIBE", packet: func(p *peer, s string) []byte {
			return p.subscribePacket(1, nil, filter{s, 0})
		}},
		{what: "filter of UNSUBSCRIBE", packet: func(p *peer, s string) []byte {
			return p.unsubscribePacket(1, nil, s)
		}},
	}
}

// holder is a place of properties, and which of them are strings there.
type holder struct {
	place[properties]
	strings []byte
}

// holders are all packets of a client that have properties, and the will.
func holders(t testing.TB) []holder {
	topic := name(t, "/t")
	acknowledge := func(kind byte) func(p *peer, x properties) []byte {
		first := kind << 4
		if kind == PUBREL {
			first |= 2
		}
		return func(_ *peer, x properties) []byte { return frame(first, u16(1), []byte{0}, x.encode()) }
	}
	ack := func(what string, kind byte) holder {
		return holder{place[properties]{what: what, packet: acknowledge(kind), ends: true}, []byte{reasonString}}
	}
	return []holder{
		{place[properties]{what: "CONNECT", connect: func(c *connect, x properties) { c.props = x }}, nil},
		{place[properties]{what: "will", connect: func(c *connect, x properties) {
			c.will = &will{topic: topic, props: x}
		}}, []byte{contentType, responseTopic}},
		{place[properties]{what: "PUBLISH", packet: func(p *peer, x properties) []byte {
			return publish{topic: topic, props: x}.encode(p.version)
		}}, []byte{contentType, responseTopic}},
		{place[properties]{what: "SUBSCRIBE", packet: func(p *peer, x properties) []byte {
			return p.subscribePacket(1, x, filter{topic, 0})
		}}, nil},
		{place[properties]{what: "UNSUBSCRIBE", packet: func(p *peer, x properties) []byte {
			return p.unsubscribePacket(1, x, topic)
		}}, nil},
		ack("PUBACK", PUBACK), ack("PUBREC", PUBREC), ack("PUBREL", PUBREL), ack("PUBCOMP", PUBCOMP),
		{place[properties]{what: "DISCONNECT", ends: true, packet: func(_ *peer, x properties) []byte {
			return frame(DISCONNECT<<4, []byte{0}, x.encode())
		}}, []byte{reasonString}},
	}
}

// allStringPlaces are those of a version, with each property that is a string.
// Both strings of a user property are elsewhere: userPropertyPlaces.
func allStringPlaces(t testing.TB, version byte) []place[string] {
	list := stringPlaces()
	if version < 5 {
		return list
	}
	for _, h := range holders(t) {
		for _, id := range h.strings {
			of := func(s string) properties { return properties{{id, s}} }
			list = append(list, through(h.place, propertyNames[id]+" of "+h.what, of))
		}
	}
	method := through(holders(t)[0].place, "authentication method", func(s string) properties {
		return properties{{authMethod, s}}
	})
	method.ends = true
	return append(list, method)
}

// userPropertyPlaces are the places of both strings of a user property.
func userPropertyPlaces(t testing.TB) (list []place[string]) {
	for _, h := range holders(t) {
		list = append(list,
			through(h.place, "name of a user property of "+h.what, func(s string) properties {
				return properties{{userProperty, pair{s, "value"}}}
			}),
			through(h.place, "value of a user property of "+h.what, func(s string) properties {
				return properties{{userProperty, pair{"name", s}}}
			}))
	}
	return list
}

// through gives the place inside of another one.
func through[T any](outer place[properties], what string, of func(T) properties) place[T] {
	inner := place[T]{what: what, ends: outer.ends}
	if outer.connect != nil {
		inner.connect = func(c *connect, x T) { outer.connect(c, of(x)) }
	} else {
		inner.packet = func(p *peer, x T) []byte { return outer.packet(p, of(x)) }
	}
	return inner
}

var propertyNames = map[byte]string{
	contentType: "content type", responseTopic: "response topic", reasonString: "reason string",
}

// badStrings are not well-formed UTF-8.
var badStrings = map[string]string{
	"a byte that begins nothing":   "a\xffb",
	"a character that ends early":  "a\xe2\x82",
	"a form that is too long":      "a\xc0\xafb",
	"a surrogate":                  "a\xed\xa0\x80b",
	"a code point above U+10FFFF":  "a\xf4\x90\x80\x80b",
	"a continuation of nothing":    "\x80",
	"a pair of surrogates (CESU8)": "\xed\xa0\xbd\xed\xb8\x80",
}

// refuseEverywhere puts each string in each place, and wants the connection closed
// for it. codes are the reasons that a server may give.
func refuseEverywhere(t *testing.T, version byte, places []place[string], strings map[string]string, codes ...byte) {
	t.Helper()
	address := server(t)
	for _, l := range places {
		t.Run(l.what, func(t *testing.T) {
			t.Parallel()
			for what, s := range strings {
				p := l.send(t, address, version, name(t, "a"), s)
				if reason := p.refused(); reason == 0 && version == 5 && *foreign == "" || reason != 0 && !slices.Contains(codes, reason) {
					t.Errorf("%s: closed with reason %#x, want one of %#x", what, reason, codes)
				}
			}
		})
	}
}

// takenEverywhere puts the string in each place, and wants the connection to go on.
func takenEverywhere(t *testing.T, version byte, places []place[string], s string) {
	t.Helper()
	address := server(t)
	for i, l := range places {
		if l.ends {
			continue
		}
		p := l.send(t, address, version, name(t, fmt.Sprint(i)), s)
		p.write(frame(PINGREQ << 4))
		for x := p.next(); x.kind != PINGRESP; x = p.next() {
			if x.code >= 0x80 || len(x.codes) > 0 && x.codes[0] >= 0x80 {
				t.Fatalf("%s: %+v", l.what, x)
			}
		}
	}
}
