package mqtttest

import "testing"

// longLived are the properties of a session that outlives its connection.
var longLived = properties{{sessionExpiry, 1000}}

// leaveSession makes a session that has a subscription to the topic and a message
// of it that waits.
func leaveSession(t testing.TB, address, id, topic string) {
	t.Helper()
	s, x := open(t, address, 5, connect{id: id, keep: true, props: longLived})
	if x.session {
		t.Fatalf("%q has a session", id)
	}
	s.listen(topic, 1)
	s.leave()
	p := client(t, address, 5, name(t, "publisher"))
	p.say(publish{topic: topic, payload: "while absent", qos: 1})
	p.leave()
}

// hears says whether the session is that of leaveSession, in which nothing waits.
func (p *peer) hears(topic string) bool {
	p.t.Helper()
	const mark = "heard"
	p.write(publish{topic: topic, payload: mark}.encode(5), frame(PINGREQ<<4))
	switch x := p.next(); {
	case x.kind == PUBLISH && x.topic == topic && x.payload == mark:
		p.want(PINGRESP)
		return true
	case x.kind != PINGRESP:
		p.t.Fatalf("%+v", x)
	}
	return false
}

// TestMQTT5_3_1_2_4: Clean Start 1 discards the session that there is.
func TestMQTT5_3_1_2_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	id, topic := name(t, "a"), name(t, "/t")
	leaveSession(t, address, id, topic)
	p, x := open(t, address, 5, connect{id: id, props: longLived})
	if x.session || p.hears(topic) {
		t.Errorf("%+v", x)
	}
	p.leave()
	p, x = open(t, address, 5, connect{id: id, keep: true}) // the new session is there
	if !x.session || p.hears(topic) {
		t.Errorf("%+v", x)
	}
}

// TestMQTT5_3_1_2_5: Clean Start 0 goes on with the session that there is.
func TestMQTT5_3_1_2_5(t *testing.T) {
	t.Parallel()
	address := server(t)
	id, topic := name(t, "a"), name(t, "/t")
	leaveSession(t, address, id, topic)
	p, x := open(t, address, 5, connect{id: id, keep: true})
	p.message(topic, "while absent")
	if !x.session || !p.hears(topic) {
		t.Errorf("%+v", x)
	}
}

// TestMQTT5_3_1_2_6: Clean Start 0 without a session makes one.
func TestMQTT5_3_1_2_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	id, topic := name(t, "a"), name(t, "/t")
	leaveSession(t, address, id, topic) // which was the first connection of the client
	p, x := open(t, address, 5, connect{id: id, keep: true})
	if !x.session {
		t.Error("no session was made")
	}
	p.message(topic, "while absent")
	p.leave()
	if _, x = open(t, address, 5, connect{id: id, keep: true}); x.session {
		t.Error("the session outlived a connection that wanted no more")
	}
}

// TestMQTT5_3_1_2_23: the session is kept after the connection while its expiry is
// above 0, and ends when that has passed.
func TestMQTT5_3_1_2_23(t *testing.T) {
	t.Parallel()
	address := server(t)
	present := func(id string) bool {
		p, x := open(t, address, 5, connect{id: id, keep: true})
		p.leave()
		return x.session
	}
	for what, c := range map[string]struct {
		props   properties
		leave   func(p *peer)
		present bool
	}{
		"a second":               {properties{{sessionExpiry, 1}}, (*peer).leave, true},
		"for ever":               {properties{{sessionExpiry, 0xFFFFFFFF}}, (*peer).leave, true},
		"lost":                   {longLived, (*peer).cut, true},
		"none":                   {nil, (*peer).leave, false},
		"zero":                   {properties{{sessionExpiry, 0}}, (*peer).leave, false},
		"zero at the end":        {longLived, func(p *peer) { p.disconnect(0, properties{{sessionExpiry, 0}}) }, false},
		"more at the end":        {properties{{sessionExpiry, 1}}, func(p *peer) { p.disconnect(0, longLived) }, true},
		"goodbye with an expiry": {longLived, func(p *peer) { p.disconnect(0, properties{{sessionExpiry, 5}}) }, true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, _ := open(t, address, 5, connect{id: name(t, "a"), props: c.props})
			c.leave(p)
			if got := present(name(t, "a")); got != c.present {
				t.Errorf("session present: %v", got)
			}
		})
	}
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		p, _ := open(t, address, 5, connect{id: name(t, "a"), props: properties{{sessionExpiry, 1}}})
		p.leave()
		pass(t, address, 2)
		if present(name(t, "a")) {
			t.Error("the session is still there")
		}
	})
}

// TestMQTT5_3_1_4_3: of two connections with the same client identifier the older
// one is told 0x8E and closed.
func TestMQTT5_3_1_4_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	old := client(t, address, 5, name(t, "a"))
	for range 3 {
		p := client(t, address, 5, name(t, "a"))
		if reason := old.closed(); reason != 0x8E {
			t.Errorf("reason %#x", reason)
		}
		p.silent()
		old = p
	}
}

// TestMQTT5_3_1_4_4: a connection that takes over does with the session what its
// Clean Start says.
func TestMQTT5_3_1_4_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	id, topic := name(t, "a"), name(t, "/t")
	p, _ := open(t, address, 5, connect{id: id, props: longLived})
	p.listen(topic, 1)
	q, x := open(t, address, 5, connect{id: id, keep: true, props: longLived})
	if !x.session || !q.hears(topic) {
		t.Errorf("Clean Start 0: %+v", x)
	}
	r, x := open(t, address, 5, connect{id: id, props: longLived})
	if x.session || r.hears(topic) {
		t.Errorf("Clean Start 1: %+v", x)
	}
}

// TestMQTT5_3_1_4_5: a CONNECT that is accepted is answered with CONNACK 0x00.
func TestMQTT5_3_1_4_5(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, c := range map[string]connect{
		"new": {id: name(t, "a"), props: longLived}, "resumed": {id: name(t, "a"), keep: true, props: longLived},
		"clean": {id: name(t, "a")}, "assigned": {},
		"with everything": {
			id: name(t, "b"), keepAlive: 10, user: &someUser, password: &somePassword,
			will: &will{topic: name(t, "/w"), qos: 2, props: properties{{willDelay, 1}, {payloadFormat, 1}, {messageExpiry, 1}}},
			props: properties{
				{sessionExpiry, 1}, {receiveMaximum, 1}, {maximumPacketSize, 1000}, {topicAliasMaximum, 1}, {requestResponse, 1},
				{problemInformation, 0}, {userProperty, pair{"a", "b"}}, {userProperty, pair{"a", "b"}},
			},
		},
	} {
		p := dial(t, address, 5)
		p.connect(c)
		if x := p.want(CONNACK); x.code != 0 || x.body[1] != 0 {
			t.Errorf("%s: %+v", what, x)
		}
		p.silent()
		p.leave()
	}
}
