package mqtttest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
)

// TestMQTT5_3_2_0_1: nothing but AUTH comes before the CONNACK: neither what waits in
// the session, nor the answers to what the client sent behind its CONNECT.
func TestMQTT5_3_2_0_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	id, topic := name(t, "a"), name(t, "/t")
	leaveSession(t, address, id, topic)
	p := dial(t, address, 5)
	p.write(connect{id: id, keep: true}.encode(5), frame(PINGREQ<<4), p.subscribePacket(9, nil, filter{topic, 2}),
		publish{topic: topic, payload: "x", qos: 1, id: 1}.encode(5))
	if x := p.want(CONNACK); x.code != 0 || !x.session {
		t.Errorf("%+v", x)
	}
	for n := 5; n > 0; n-- { // two messages, PINGRESP, SUBACK, PUBACK
		if x := p.next(); x.kind == CONNACK {
			t.Errorf("%+v", x)
		} else if x.kind == PUBLISH && x.qos == 1 {
			p.finish(x)
		}
	}
}

// TestMQTT5_3_2_0_2: a connection gets one CONNACK, whatever it does.
func TestMQTT5_3_2_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	everything(t, address, 5) // which wants other types
	p := dial(t, address, 5)
	twice := connect{id: name(t, "a")}.encode(5)
	p.write(twice, frame(PINGREQ<<4), twice)
	p.want(CONNACK)
	p.want(PINGRESP)
	p.reasonWas(p.closed(), 0x82) // only DISCONNECT may come before the end
}

// refusal is a CONNECT that has to be refused.
type refusal struct {
	connect
	codes []byte // with one of which
}

// refusals has the reasons for which any server refuses; ours has some more.
func refusals(t testing.TB, id string) map[string]refusal {
	m := map[string]refusal{
		"protocol version": {connect{id: id, keep: true, level: 9}, []byte{0x84}},
		"malformed":        {connect{id: id, keep: true, flags: 1}, []byte{0x81}},
		"protocol error":   {connect{id: id, keep: true, props: properties{{receiveMaximum, 0}}}, []byte{0x81, 0x82}},
		"method":           {connect{id: id, keep: true, props: properties{{authMethod, "unheard of"}}}, []byte{0x8C}},
		"will topic":       {connect{id: id, keep: true, will: &will{topic: name(t, "/#")}}, []byte{0x81, 0x82, 0x90}},
	}
	if *foreign == "" {
		wrong, other := "wrong", "other"
		m["password"] = refusal{connect{id: id, keep: true, password: &wrong}, []byte{0x86}}
		m["will"] = refusal{connect{id: id, keep: true, will: &will{topic: "denied/x"}}, []byte{0x87}}
		m["identity"] = refusal{connect{id: id, keep: true, user: &other}, []byte{0x85}}
	}
	return m
}

// eachRefusal sends each of the refusals, of a client that has a session, and has
// the CONNACK looked at, if one comes: then the connection has to be closed.
func eachRefusal(t *testing.T, look func(t *testing.T, r refusal, x packet)) {
	t.Helper()
	address := server(t)
	id := name(t, "a")
	s, _ := open(t, address, 5, connect{id: id, props: longLived})
	s.leave()
	for what, r := range refusals(t, id) {
		t.Run(what, func(t *testing.T) {
			p := dial(t, address, 5)
			p.connect(r.connect)
			x, err := p.read()
			switch {
			case err == nil && x.kind != CONNACK:
				t.Fatalf("%+v", x)
			case err == nil:
				look(t, r, x)
			case *foreign == "":
				t.Fatalf("no CONNACK: %v", err)
			}
			if y, err := p.read(); err == nil {
				t.Errorf("%+v came after a CONNACK that refuses", y)
			}
			p.closed()
		})
	}
	if _, x := open(t, address, 5, connect{id: id, keep: true}); !x.session {
		t.Error("the session has gone")
	}
}

// TestMQTT5_3_2_2_1: the reserved bits of the acknowledge flags are 0.
func TestMQTT5_3_2_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	for i, want := range []byte{0, 1, 1, 0} {
		p, x := open(t, address, 5, connect{id: name(t, "resumed"), keep: i < 3, props: longLived})
		if x.body[0] != want {
			t.Errorf("connection %d: acknowledge flags %08b, want %08b", i, x.body[0], want)
		}
		p.leave()
	}
	eachRefusal(t, func(t *testing.T, _ refusal, x packet) {
		if x.body[0] != 0 {
			t.Errorf("acknowledge flags %08b", x.body[0])
		}
	})
}

// TestMQTT5_3_2_2_2: with Clean Start 1 there is no session present.
func TestMQTT5_3_2_2_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, after := range []func(*peer){(*peer).leave, (*peer).cut, func(*peer) {}, (*peer).leave} {
		p, x := open(t, address, 5, connect{id: name(t, "a"), props: longLived})
		if x.session {
			t.Errorf("%+v", x)
		}
		after(p)
	}
}

// TestMQTT5_3_2_2_3: with Clean Start 0 session present says whether there is a
// session.
func TestMQTT5_3_2_2_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	ephemeral := properties{{sessionExpiry, 0}}
	for i, c := range []struct {
		props   properties
		after   func(*peer)
		present bool
	}{
		{longLived, (*peer).leave, false},
		{longLived, (*peer).cut, true},
		{longLived, func(*peer) {}, true},
		{ephemeral, (*peer).leave, true},
		{ephemeral, (*peer).cut, false},
		{longLived, func(p *peer) { p.disconnect(0, ephemeral) }, false},
		{nil, (*peer).leave, false},
	} {
		p, x := open(t, address, 5, connect{id: name(t, "a"), keep: true, props: c.props})
		if x.session != c.present {
			t.Errorf("connection %d: session present %v", i, x.session)
		}
		c.after(p)
	}
}

// TestMQTT5_3_2_2_6: a CONNACK that refuses says that no session is present, though
// there is one.
func TestMQTT5_3_2_2_6(t *testing.T) {
	t.Parallel()
	eachRefusal(t, func(t *testing.T, _ refusal, x packet) {
		if x.session || x.code == 0 {
			t.Errorf("%+v", x)
		}
	})
}

// TestMQTT5_3_2_2_7: after a CONNACK with a reason of 0x80 or more the connection is
// closed.
func TestMQTT5_3_2_2_7(t *testing.T) {
	t.Parallel()
	eachRefusal(t, func(t *testing.T, _ refusal, x packet) { // eachRefusal waits for the end
		if x.code < 0x80 {
			t.Errorf("%+v", x)
		}
	})
}

// TestMQTT5_3_2_2_8: the reasons of CONNACK are those that are listed for it, each
// for what it stands for.
func TestMQTT5_3_2_2_8(t *testing.T) {
	t.Parallel()
	eachRefusal(t, func(t *testing.T, r refusal, x packet) { // the parser has the list
		if !bytes.Contains(r.codes, []byte{x.code}) {
			t.Errorf("reason %#x, want one of %#x", x.code, r.codes)
		}
	})
}

// TestMQTT5_3_2_2_16: an identifier that the server assigns is one that no session
// has, and is in the CONNACK.
func TestMQTT5_3_2_2_16(t *testing.T) {
	t.Parallel()
	address := server(t)
	seen := map[string]bool{}
	for range 20 { // sessions that stay
		p, x := open(t, address, 5, connect{props: properties{{sessionExpiry, 5}}})
		id := x.props.text(assignedClientID)
		if id == "" || seen[id] || x.session {
			t.Errorf("identifier %q, session present %v", id, x.session)
		}
		seen[id] = true
		p.leave()
	}
	if _, x := open(t, address, 5, connect{id: name(t, "a")}); x.props.has(assignedClientID) {
		t.Errorf("an identifier was assigned to who had one: %v", x.props)
	}
}

// connackYields refuses clients that take less and less, and wants the CONNACK to fit
// each of them: without the property where that has no room.
func connackYields(t *testing.T, property byte) {
	t.Helper()
	address := server(t)
	try := func(limit int) packet {
		p := dial(t, address, 5)
		c := connect{id: name(t, "a"), props: properties{{authMethod, "unheard of"}}}
		if limit > 0 {
			c.props = append(c.props, properties{{maximumPacketSize, limit}}...)
		}
		p.connect(c)
		x, err := p.read() // the peer looks at its size
		if err != nil && (*foreign == "" || !errors.Is(err, io.EOF)) || err == nil && x.kind != CONNACK {
			t.Errorf("at most %d bytes: %+v, %v", limit, x, err)
		}
		p.closed()
		return x
	}
	full := try(0)
	const bare = 5
	for limit := bare; limit <= max(full.size(), 40); limit++ {
		if x := try(limit); x.kind == CONNACK && x.code != full.code || x.props.has(property) != (full.props.has(property) && limit >= full.size()) {
			t.Errorf("at most %d bytes: %+v; else %+v", limit, x, full)
		}
	}
}

// TestMQTT5_3_2_2_19: a reason string that has no room in the client's Maximum Packet
// Size is left out of CONNACK.
func TestMQTT5_3_2_2_19(t *testing.T) {
	t.Parallel()
	connackYields(t, reasonString)
}

// TestMQTT5_3_2_2_20: user properties that have no room in the client's Maximum Packet
// Size are left out of CONNACK.
func TestMQTT5_3_2_2_20(t *testing.T) {
	t.Parallel()
	connackYields(t, userProperty)
}

// TestMQTT5_3_2_2_22: without Server Keep Alive in CONNACK the server uses that of the
// client.
func TestMQTT5_3_2_2_22(t *testing.T) {
	t.Parallel()
	silenceEnds(t, 5)
	for _, asked := range []int{2, 60, 300} {
		p, x := open(t, server(t), 5, connect{id: name(t, fmt.Sprint(asked)), keepAlive: asked})
		if x.props.has(serverKeepAlive) {
			t.Logf("%d was replaced by %d", asked, x.props.number(serverKeepAlive, 0))
		}
		p.silent()
	}
}
