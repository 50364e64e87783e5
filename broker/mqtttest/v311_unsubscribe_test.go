package mqtttest

import (
	"fmt"
	"testing"
)

// TestMQTT311_3_10_1_1: UNSUBSCRIBE with other header flags than 0010 closes the
// connection.
func TestMQTT311_3_10_1_1(t *testing.T) {
	t.Parallel()
	flagsAreFixed(t, 4, UNSUBSCRIBE, 2, func(p *peer) [][]byte { return [][]byte{p.unsubscribePacket(1, nil, name(p.t, ""))[2:]} })
}

// TestMQTT311_3_10_3_1: a filter of UNSUBSCRIBE that is no proper string closes the
// connection, wherever it stands.
func TestMQTT311_3_10_3_1(t *testing.T) {
	t.Parallel()
	filtersToEndAreWellFormed(t, 4)
}

// TestMQTT311_3_10_3_2: UNSUBSCRIBE without a filter closes the connection.
func TestMQTT311_3_10_3_2(t *testing.T) {
	t.Parallel()
	filterToEndIsThere(t, 4)
}

// TestMQTT311_3_10_4_1: UNSUBSCRIBE removes the subscription whose filter is the
// same byte for byte, and no other.
func TestMQTT311_3_10_4_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, other := client(t, address, 4, name(t, "a")), client(t, address, 4, name(t, "b"))
	base := name(t, "")
	all := []string{"/é", "/e\u0301", "/É", "/x/+", "/y/#", "/z", "/z/"}
	matched := []string{"/é", "/e\u0301", "/É", "/x/1", "/y/1", "/z", "/z/"}
	for _, tail := range all {
		p.listen(base+tail, 0)
	}
	hears := func(tail string, still bool) {
		t.Helper()
		other.say(publish{topic: base + tail, payload: tail})
		if still {
			p.message(base+tail, tail)
		}
		p.silent()
	}
	for _, tail := range []string{"/+", "/#", "", "/X/+", "/x/1", "/x", "/y/+", "/y", "/y/1", "/Z", "/z//", " "} {
		p.unsubscribe(base + tail)
	}
	for _, tail := range matched {
		hears(tail, true)
	}
	for i, tail := range all {
		p.unsubscribe(base + tail)
		for j, topic := range matched {
			hears(topic, j > i)
		}
	}
}

// TestMQTT311_3_10_4_2: after UNSUBACK no new message comes by the subscription.
func TestMQTT311_3_10_4_2(t *testing.T) {
	t.Parallel()
	nothingNewAfterwards(t, 4)
}

// TestMQTT311_3_10_4_3: the delivery of a message at QoS 1 or 2 that has begun goes
// on to its end after UNSUBSCRIBE, over a new connection too.
func TestMQTT311_3_10_4_3(t *testing.T) {
	t.Parallel()
	begunIsFinished(t, 4)
}

// TestMQTT311_3_10_4_4: UNSUBACK has the packet identifier of UNSUBSCRIBE.
func TestMQTT311_3_10_4_4(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 4, name(t, "a"))
	p.listen(name(t, "/t"), 0)
	for _, id := range []int{1, 2, 0xFF, 0x100, 0xFFFF} {
		p.write(p.unsubscribePacket(id, nil, name(t, "/t")))
	}
	for _, id := range []int{1, 2, 0xFF, 0x100, 0xFFFF} {
		if x := p.want(UNSUBACK); x.id != id || len(x.body) != 2 {
			t.Errorf("UNSUBACK % x, want identifier %d", x.body, id)
		}
	}
}

// TestMQTT311_3_10_4_5: UNSUBACK comes also if no filter was subscribed to.
func TestMQTT311_3_10_4_5(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 4, name(t, "a"))
	p.unsubscribe(name(t, "/never"))
	p.unsubscribe(name(t, "/never"), name(t, "/+"), "#")
	p.listen(name(t, "/t"), 0)
	p.unsubscribe(name(t, "/t"))
	p.unsubscribe(name(t, "/t")) // not any more
	p.silent()
}

// TestMQTT311_3_10_4_6: several filters in one UNSUBSCRIBE do what several
// UNSUBSCRIBE would, with one UNSUBACK.
func TestMQTT311_3_10_4_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, other := client(t, address, 4, name(t, "a")), client(t, address, 4, name(t, "b"))
	for k := range 5 {
		p.listen(name(t, fmt.Sprint("/", k)), 0)
	}
	p.unsubscribe(name(t, "/0"), name(t, "/3"), name(t, "/never"), name(t, "/0"), name(t, "/1"))
	p.silent()
	for _, k := range []int{0, 1, 3, 2, 4} {
		other.say(publish{topic: name(t, fmt.Sprint("/", k)), payload: "1"})
	}
	p.message(name(t, "/2"), "1")
	p.message(name(t, "/4"), "1")
	p.silent()
}
