package mqtttest

import (
	"maps"
	"strconv"
	"testing"
)

// The options of a subscription beside its QoS (MQTT 5.0, section 3.8.3.1).
const (
	noLocal           = 0x04
	retainAsPublished = 0x08
	retainIfNew       = 0x10
	retainNever       = 0x20
)

// aSubscription is the rest of a SUBSCRIBE with one proper filter.
func aSubscription(p *peer) [][]byte {
	return [][]byte{p.subscribePacket(1, nil, filter{name(p.t, ""), 0})[2:]}
}

// TestMQTT5_3_8_1_1: SUBSCRIBE with other header flags than 0010 closes the
// connection.
func TestMQTT5_3_8_1_1(t *testing.T) {
	t.Parallel()
	flagsAreFixed(t, 5, SUBSCRIBE, 2, aSubscription)
}

// improperStrings are not strings of MQTT.
func improperStrings() map[string]string {
	list := maps.Clone(badStrings)
	list["U+0000"] = "a\x00"
	return list
}

// TestMQTT5_3_8_3_1: a filter of SUBSCRIBE that is no proper string closes the
// connection, wherever it stands.
func TestMQTT5_3_8_3_1(t *testing.T) {
	t.Parallel()
	filtersAreWellFormed(t, 5)
}

func filtersAreWellFormed(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	for what, s := range improperStrings() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for i, filters := range [][]filter{{{s, 0}}, {{name(t, ""), 0}, {s, 0}}} {
				p := client(t, address, version, name(t, strconv.Itoa(i)))
				p.write(p.subscribePacket(1, nil, filters...))
				p.reasonWas(p.closed(), 0x81, 0x82, 0x8F)
			}
		})
	}
}

// TestMQTT5_3_8_3_2: SUBSCRIBE without a filter closes the connection.
func TestMQTT5_3_8_3_2(t *testing.T) {
	t.Parallel()
	filterIsThere(t, 5)
}

func filterIsThere(t *testing.T, version byte) {
	t.Helper()
	p := client(t, server(t), version, name(t, "a"))
	p.write(p.subscribePacket(1, nil))
	p.reasonWas(p.closed(), 0x81, 0x82)
}

// TestMQTT5_3_8_3_3: a message is not given to the client that published it by a
// subscription with No Local, and is given to others and by other subscriptions.
func TestMQTT5_3_8_3_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	a, b := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
	a.subscribe(nil, filter{name(t, "/+"), 1 | noLocal})
	b.subscribe(nil, filter{name(t, "/+"), 1 | noLocal})
	a.say(publish{topic: name(t, "/1"), payload: "of a", qos: 1})
	b.message(name(t, "/1"), "of a")
	a.silent()
	b.say(publish{topic: name(t, "/1"), payload: "of b", qos: 1})
	a.message(name(t, "/1"), "of b")
	b.silent()
	a.listen(name(t, "/2/+"), 0)
	a.write(publish{topic: name(t, "/2/x"), payload: "again"}.encode(5))
	a.message(name(t, "/2/x"), "again")
}

// TestMQTT5_3_8_3_4: No Local on a shared subscription is a protocol error: it
// closes the connection.
func TestMQTT5_3_8_3_4(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.write(p.subscribePacket(1, nil, filter{"$share/g/" + name(t, ""), 1 | noLocal}))
	p.reasonWas(p.closed(), 0x82)
}

// TestMQTT5_3_8_3_5: subscription options with a reserved bit or a value that does
// not exist close the connection.
func TestMQTT5_3_8_3_5(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, options := range []byte{0x40, 0x80, 0xC0, 0x41, 0x82, 0x03, 0x30, 0x31} {
		p := client(t, address, 5, name(t, strconv.Itoa(int(options))))
		p.write(p.subscribePacket(1, nil, filter{name(t, ""), options}))
		p.reasonWas(p.closed(), 0x81, 0x82)
	}
	p := client(t, address, 5, name(t, "proper"))
	p.subscribe(nil, filter{name(t, ""), noLocal | retainAsPublished | retainNever | 2})
}

// TestMQTT5_3_8_4_1: SUBSCRIBE is answered with SUBACK.
func TestMQTT5_3_8_4_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.write(p.subscribePacket(1, nil, filter{name(t, ""), 0}))
	if x := p.want(SUBACK); len(x.codes) != 1 {
		t.Errorf("one filter, and the reasons % x", x.codes)
	}
	p.silent()
}

// TestMQTT5_3_8_4_2: SUBACK has the packet identifier of SUBSCRIBE.
func TestMQTT5_3_8_4_2(t *testing.T) {
	t.Parallel()
	subackHasIdentifier(t, 5)
}

func subackHasIdentifier(t *testing.T, version byte) {
	t.Helper()
	p := client(t, server(t), version, name(t, "a"))
	for _, id := range []int{1, 2, 255, 256, 0x8000, 65_535} {
		p.write(p.subscribePacket(id, nil, filter{name(t, ""), 0}))
	}
	for _, id := range []int{1, 2, 255, 256, 0x8000, 65_535} {
		if x := p.want(SUBACK); x.id != id {
			t.Errorf("SUBACK %d, want %d", x.id, id)
		}
	}
}

// TestMQTT5_3_8_4_3: a subscription with the filter of an older one takes its place
// with all of its options: one copy comes, as the new one says.
func TestMQTT5_3_8_4_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, q := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
	topic := name(t, "/x")
	for i, c := range []struct {
		props   properties
		options byte
	}{
		{properties{{subscriptionID, 7}}, 0 | noLocal},
		{properties{{subscriptionID, 8}}, 2 | retainAsPublished},
		{nil, 1},
		{properties{{subscriptionID, 9}}, 2},
	} {
		p.subscribe(c.props, filter{topic, c.options})
		q.say(publish{topic: topic, payload: strconv.Itoa(i), qos: 2, retain: true})
		x := p.message(topic, strconv.Itoa(i))
		if x.qos != c.options&3 || x.props.number(subscriptionID, 0) != c.props.number(subscriptionID, 0) ||
			x.retain != (c.options&retainAsPublished != 0) {
			t.Errorf("subscription %d: got %+v", i, x)
		}
		q.say(publish{topic: topic, qos: 1, retain: true})
		p.message(topic, "")
		p.write(publish{topic: topic, payload: "own"}.encode(5))
		if c.options&noLocal == 0 {
			p.message(topic, "own")
		}
		p.silent()
	}
}

// TestMQTT5_3_8_4_4: a subscription that replaces one sends the retained message
// again with Retain Handling 0, and none of the news is lost in between.
func TestMQTT5_3_8_4_4(t *testing.T) {
	t.Parallel()
	renewalLosesNothing(t, 5)
}

func renewalLosesNothing(t *testing.T, version byte) {
	t.Helper()
	const news, renewed = 400, 20
	address := server(t)
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	q.say(publish{topic: name(t, "/kept"), payload: "kept", qos: 1, retain: true})
	p.listen(name(t, "/#"), 1)
	p.message(name(t, "/kept"), "kept")
	go func() { // the subscription is renewed in the stream of news
		for i := range news {
			q.write(publish{topic: name(t, "/news"), payload: strconv.Itoa(i), qos: 0}.encode(version))
		}
	}()
	got, again := 0, 0
	for asked, answered := 0, 0; got < news || answered < renewed || again < renewed; {
		if asked < renewed && got >= asked*news/renewed {
			asked++
			p.write(p.subscribePacket(asked, nil, filter{name(t, "/#"), 1}))
		}
		switch x := p.next(); {
		case x.kind == SUBACK:
			answered++
		case x.kind == PUBLISH && x.payload == "kept" && x.retain:
			p.finish(x)
			again++
		case x.kind == PUBLISH && x.payload == strconv.Itoa(got):
			got++
		default:
			t.Fatalf("after %d messages got %+v", got, x)
		}
	}
	p.silent()
}

// TestMQTT5_3_8_4_5: several filters in one SUBSCRIBE do what several SUBSCRIBE
// would: all hold, the last of equal ones counts, each sends its retained messages.
func TestMQTT5_3_8_4_5(t *testing.T) {
	t.Parallel()
	filtersAreASequence(t, 5)
}

func filtersAreASequence(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	one, two := name(t, "/1"), name(t, "/2")
	q.say(publish{topic: two, payload: "kept", retain: true, qos: 1})
	x := p.subscribe(nil, filter{one, 2}, filter{two, 0}, filter{one, 1})
	if string(x.codes) != "\x02\x00\x01" {
		t.Errorf("reasons % x, want 02 00 01", x.codes)
	}
	p.message(two, "kept")
	q.say(publish{topic: one, payload: "x", qos: 2})
	if x := p.message(one, "x"); x.qos != 1 {
		t.Errorf("QoS %d, want that of the last filter, 1", x.qos)
	}
	p.silent()
	q.say(publish{topic: two, retain: true, qos: 1})
	p.message(two, "")
}

// TestMQTT5_3_8_4_6: SUBACK has one reason for each filter.
func TestMQTT5_3_8_4_6(t *testing.T) {
	t.Parallel()
	eachFilterIsAnswered(t, 5)
}

func eachFilterIsAnswered(t *testing.T, version byte) {
	t.Helper()
	p := client(t, server(t), version, name(t, "a"))
	for _, n := range []int{1, 2, 3, 50} {
		var filters []filter
		for i := range n {
			filters = append(filters, filter{name(t, strconv.Itoa(i)), byte(i % 3)})
		}
		if x := p.subscribe(nil, filters...); len(x.codes) != n {
			t.Errorf("%d filters, and the reasons % x", n, x.codes)
		}
	}
}

// TestMQTT5_3_8_4_7: the reason is the QoS that is granted, at most the one asked
// for, or says why none is.
func TestMQTT5_3_8_4_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, q := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
	for qos := range byte(3) {
		topic := name(t, strconv.Itoa(int(qos)))
		x := p.subscribe(nil, filter{topic, qos})
		if x.codes[0] > qos {
			t.Errorf("QoS %d asked for, reason %#x", qos, x.codes[0])
		}
		q.say(publish{topic: topic, payload: "x", qos: 2})
		if m := p.message(topic, "x"); m.qos != x.codes[0] {
			t.Errorf("QoS %d granted, the message has %d", x.codes[0], m.qos)
		}
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		p := client(t, own(t, nil), 5, name(t, "a"))
		if x := p.subscribe(nil, filter{"denied/x", 2}); x.codes[0] != 0x87 {
			t.Errorf("a filter without the right: %#x, want 0x87", x.codes[0])
		}
	})
}

// TestMQTT5_3_8_4_8: a message is delivered at the lower of its QoS and the granted
// one.
func TestMQTT5_3_8_4_8(t *testing.T) {
	t.Parallel()
	deliversAtLower(t, 5)
}

func deliversAtLower(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	q := client(t, address, version, name(t, "publisher"))
	for granted := range byte(3) {
		p := client(t, address, version, name(t, strconv.Itoa(int(granted))))
		p.listen(name(t, ""), granted)
		for published := range byte(3) {
			q.say(publish{topic: name(t, ""), payload: "x", qos: published})
			if x := p.message(name(t, ""), "x"); x.qos != min(granted, published) {
				t.Errorf("published at %d, granted %d: delivered at %d", published, granted, x.qos)
			}
		}
		p.silent()
	}
}
