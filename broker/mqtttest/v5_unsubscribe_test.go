package mqtttest

import (
	"strconv"
	"testing"
)

// TestMQTT5_3_10_1_1: UNSUBSCRIBE with other header flags than 0010 closes the
// connection.
func TestMQTT5_3_10_1_1(t *testing.T) {
	t.Parallel()
	flagsAreFixed(t, 5, UNSUBSCRIBE, 2, func(p *peer) [][]byte { return [][]byte{p.unsubscribePacket(1, nil, name(p.t, ""))[2:]} })
}

// TestMQTT5_3_10_3_1: a filter of UNSUBSCRIBE that is no proper string closes the
// connection, wherever it stands.
func TestMQTT5_3_10_3_1(t *testing.T) {
	t.Parallel()
	filtersToEndAreWellFormed(t, 5)
}

func filtersToEndAreWellFormed(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	for what, s := range improperStrings() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for i, names := range [][]string{{s}, {name(t, ""), s}} {
				p := client(t, address, version, name(t, strconv.Itoa(i)))
				p.write(p.unsubscribePacket(1, nil, names...))
				p.reasonWas(p.closed(), 0x81, 0x82, 0x8F)
			}
		})
	}
}

// TestMQTT5_3_10_3_2: UNSUBSCRIBE without a filter closes the connection.
func TestMQTT5_3_10_3_2(t *testing.T) {
	t.Parallel()
	filterToEndIsThere(t, 5)
}

func filterToEndIsThere(t *testing.T, version byte) {
	t.Helper()
	p := client(t, server(t), version, name(t, "a"))
	p.write(p.unsubscribePacket(1, nil))
	p.reasonWas(p.closed(), 0x81, 0x82)
}

// TestMQTT5_3_10_4_1: UNSUBSCRIBE removes the subscription whose filter is the same
// byte for byte, and no other.
func TestMQTT5_3_10_4_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, q := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
	base := name(t, "")
	filters := []string{base + "/é", base + "/+", base + "/É", base + "/e\u0301", base + "/é/", base + "/#"}
	for i, f := range filters {
		p.subscribe(properties{{subscriptionID, i + 1}}, filter{f, 0})
	}
	for _, f := range []string{"#", "+/é", base, base + "/+/", " " + base + "/é", base + "/é "} {
		if x := p.unsubscribe(f); x.codes[0] == 0 {
			t.Errorf("%q was no subscription, reason 0", f)
		}
	}
	if x := p.unsubscribe(base + "/é"); x.codes[0] != 0 {
		t.Errorf("reason %#x for a subscription that there was", x.codes[0])
	}
	for topic, want := range map[string][]int{
		base + "/é":       {2, 6},
		base + "/É":       {2, 3, 6},
		base + "/e\u0301": {2, 4, 6},
		base + "/é/":      {5, 6},
	} {
		q.say(publish{topic: topic, payload: "x"})
		if got := idsOf(p, topic, want); got != nil {
			t.Errorf("%q came by the subscriptions %v, want %v", topic, got, want)
		}
	}
	p.silent()
	t.Run("what is no filter", func(t *testing.T) { // a server may close the connection for it
		t.Parallel()
		p := client(t, own(t, nil), 5, name(t, "a"))
		p.listen(base+"/#", 0)
		for _, f := range []string{base + "/#/", base + "/#/#", base + "/+#"} {
			if x := p.unsubscribe(f); x.codes[0] == 0 {
				t.Errorf("%q was no subscription, reason 0", f)
			}
		}
		p.write(publish{topic: base, payload: "still"}.encode(5))
		p.message(base, "still")
	})
}

// idsOf reads a message by each of these subscriptions, in one copy or several. It
// gives the ones by which it came if they are others.
func idsOf(p *peer, topic string, want []int) (wrong []int) {
	left := map[int]bool{}
	for _, id := range want {
		left[id] = true
	}
	var got []int
	for len(got) < len(want) {
		for _, v := range p.message(topic, "x").props.all(subscriptionID) {
			id, _ := v.(int)
			got = append(got, id)
			delete(left, id)
		}
	}
	if len(left) > 0 {
		return got
	}
	return nil
}

// TestMQTT5_3_10_4_2: after UNSUBACK no new message comes by the subscription.
func TestMQTT5_3_10_4_2(t *testing.T) {
	t.Parallel()
	nothingNewAfterwards(t, 5)
}

func nothingNewAfterwards(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	p.listen(name(t, ""), 1)
	q.say(publish{topic: name(t, ""), payload: "1", qos: 1})
	p.message(name(t, ""), "1")
	p.unsubscribe(name(t, ""))
	for qos := range byte(3) {
		q.say(publish{topic: name(t, ""), payload: "2", qos: qos, retain: qos == 1})
	}
	p.silent()
	q.say(publish{topic: name(t, ""), qos: 1, retain: true})
}

// TestMQTT5_3_10_4_3: the delivery of a message at QoS 1 or 2 that has begun goes on
// to its end after UNSUBSCRIBE, over a new connection too.
func TestMQTT5_3_10_4_3(t *testing.T) {
	t.Parallel()
	begunIsFinished(t, 5)
}

func begunIsFinished(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	me := durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	q := client(t, address, version, name(t, "b"))
	p.listen(name(t, "/#"), 2)
	for _, qos := range []byte{1, 2, 2} {
		q.say(publish{topic: name(t, "/x"), payload: "x", qos: qos})
	}
	one, two, three := p.want(PUBLISH), p.want(PUBLISH), p.want(PUBLISH)
	p.unsubscribe(name(t, "/#"))
	p.ack(PUBREC, two.id)
	p.wantAck(PUBREL, two.id)
	p.cut()
	p, _ = open(t, address, version, me)
	if x := p.want(PUBLISH); x.id != one.id || !x.dup || x.qos != 1 {
		t.Errorf("%+v came again, want message %d", x, one.id)
	}
	p.wantAck(PUBREL, two.id)
	if x := p.want(PUBLISH); x.id != three.id || !x.dup || x.qos != 2 {
		t.Errorf("%+v came again, want message %d", x, three.id)
	}
	p.ack(PUBACK, one.id)
	p.ack(PUBCOMP, two.id)
	p.ack(PUBREC, three.id)
	p.wantAck(PUBREL, three.id)
	p.ack(PUBCOMP, three.id)
	p.silent()
}

// TestMQTT5_3_10_4_4: UNSUBSCRIBE is answered with UNSUBACK.
func TestMQTT5_3_10_4_4(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.listen(name(t, ""), 0)
	p.write(p.unsubscribePacket(9, nil, name(t, "")))
	if x := p.want(UNSUBACK); len(x.codes) != 1 || x.codes[0] != 0 {
		t.Errorf("one filter, and the reasons % x", x.codes)
	}
	p.silent()
}

// TestMQTT5_3_10_4_5: UNSUBACK has the packet identifier of UNSUBSCRIBE, and comes
// also if no filter was subscribed to.
func TestMQTT5_3_10_4_5(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	for _, id := range []int{1, 256, 0x8000, 65_535} {
		p.write(p.unsubscribePacket(id, nil, name(t, "/never")))
		if x := p.want(UNSUBACK); x.id != id || len(x.codes) != 1 || x.codes[0] != 0x11 {
			t.Errorf("UNSUBACK %+v, want identifier %d and the reason 0x11", x, id)
		}
	}
}

// TestMQTT5_3_10_4_6: several filters in one UNSUBSCRIBE do what several
// UNSUBSCRIBE would: the second of equal ones finds nothing.
func TestMQTT5_3_10_4_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, q := client(t, address, 5, name(t, "a")), client(t, address, 5, name(t, "b"))
	for _, rest := range []string{"/1", "/2", "/3"} {
		p.listen(name(t, rest), 0)
	}
	x := p.unsubscribe(name(t, "/1"), name(t, "/3"), name(t, "/1"))
	if string(x.codes) != "\x00\x00\x11" {
		t.Errorf("reasons % x, want 00 00 11", x.codes)
	}
	for _, rest := range []string{"/1", "/3", "/2"} {
		q.say(publish{topic: name(t, rest), payload: "x"})
	}
	p.message(name(t, "/2"), "x")
	p.silent()
}

// aFilterThatIsNone ends a subscription that there is not.
func aFilterThatIsNone() encounter {
	return after(func(p *peer) packet { return p.unsubscribe(name(p.t, "/never"), name(p.t, "/ever")) })
}

// TestMQTT5_3_11_2_1: UNSUBACK goes without its reason string if that has no room.
func TestMQTT5_3_11_2_1(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, aFilterThatIsNone())
}

// TestMQTT5_3_11_2_2: UNSUBACK goes without its user properties if they have no
// room.
func TestMQTT5_3_11_2_2(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, aFilterThatIsNone())
}

// TestMQTT5_3_11_3_1: the reasons of UNSUBACK stand in the order of the filters.
func TestMQTT5_3_11_3_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.listen(name(t, "/2"), 0)
	p.listen(name(t, "/3"), 1)
	x := p.unsubscribe(name(t, "/1"), name(t, "/2"), name(t, "/4"), name(t, "/5"), name(t, "/3"))
	if string(x.codes) != "\x11\x00\x11\x11\x00" {
		t.Errorf("reasons % x, want 11 00 11 11 00", x.codes)
	}
}

// TestMQTT5_3_11_3_2: UNSUBACK has only reasons that are listed for it. The parser
// refuses others.
func TestMQTT5_3_11_3_2(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	p.listen(name(t, ""), 2)
	for _, c := range []struct {
		filter string
		code   byte
	}{{name(t, ""), 0}, {name(t, ""), 0x11}, {"denied/x", 0x11}, {"#", 0x11}} {
		if x := p.unsubscribe(c.filter); x.codes[0] != c.code {
			t.Errorf("%s: reason %#x, want %#x", c.filter, x.codes[0], c.code)
		}
	}
}
