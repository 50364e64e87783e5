package mqtttest

import (
	"strconv"
	"testing"
)

// TestMQTT5_4_5_0_1: a message that the server has taken is given to each session
// with a matching subscription.
func TestMQTT5_4_5_0_1(t *testing.T) {
	t.Parallel()
	everyMatchingSessionGets(t, 5)
}

// TestMQTT5_4_6_0_5: messages of one publisher on one topic at one QoS arrive in
// their order.
func TestMQTT5_4_6_0_5(t *testing.T) {
	t.Parallel()
	orderIsKept(t, 5)
}

// TestMQTT5_4_6_0_6: topics are ordered for subscriptions that are not shared
// without anybody asking for it, however narrow the window of the receiver is.
func TestMQTT5_4_6_0_6(t *testing.T) {
	t.Parallel()
	const all = 200
	address := server(t)
	topic := name(t, "/x")
	narrow, _ := open(t, address, 5, connect{id: name(t, "a"), props: properties{{receiveMaximum, 2}}})
	narrow.listen(name(t, "/#"), 1)
	wide := client(t, address, 5, name(t, "b"))
	wide.listen(topic, 1)
	q := client(t, address, 5, name(t, "c"))
	for i := 0; i < all; i += 10 {
		for k := range 10 {
			q.write(publish{topic: topic, payload: strconv.Itoa(i + k), qos: 1, id: k + 1}.encode(5))
		}
		q.flowsEnd(10, 0)
	}
	for i := range all {
		wide.message(topic, strconv.Itoa(i))
	}
	for i := range all {
		narrow.message(topic, strconv.Itoa(i))
	}
}

// TestMQTT5_4_9_0_1: at first the server sends at least one message above QoS 0, and
// at most as many as the client's Receive Maximum without an acknowledgement.
func TestMQTT5_4_9_0_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	q := client(t, address, 5, name(t, "q"))
	for _, quota := range []int{1, 2, 7} {
		p, _ := window(t, address, q, quota)
		p.silent()
	}
}

// window gives a client with a Receive Maximum that has so many messages open, of
// QoS 1 and 2 by turns, while ten more wait.
func window(t *testing.T, address string, q *peer, quota int) (p *peer, messages []packet) {
	t.Helper()
	topic := name(t, "/"+strconv.Itoa(quota))
	c := durable(5, name(t, strconv.Itoa(quota)))
	c.props = append(c.props, property{receiveMaximum, quota})
	p, _ = open(t, address, 5, c)
	p.listen(topic, 2)
	for i := range quota + 10 {
		q.say(publish{topic: topic, payload: strconv.Itoa(i), qos: byte(1 + i%2)})
	}
	for i := range quota {
		x := p.want(PUBLISH)
		if x.payload != strconv.Itoa(i) || x.qos != byte(1+i%2) {
			t.Fatalf("message %d is %+v", i, x)
		}
		messages = append(messages, x)
	}
	return p, messages
}

// TestMQTT5_4_9_0_2: no message above QoS 0 is sent while the quota is used up: one
// more comes for each PUBACK, PUBCOMP, and PUBREC that refuses, and none for another
// PUBREC.
func TestMQTT5_4_9_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	q := client(t, address, 5, name(t, "q"))
	p, open := window(t, address, q, 4) // QoS 1, 2, 1, 2
	p.ack(PUBREC, open[1].id)
	p.wantAck(PUBREL, open[1].id)
	p.silent()
	p.ack(PUBACK, open[2].id)
	if x := p.want(PUBLISH); x.payload != "4" {
		t.Errorf("after PUBACK: %+v", x)
	}
	p.silent()
	p.ack(PUBCOMP, open[1].id)
	if x := p.want(PUBLISH); x.payload != "5" {
		t.Errorf("after PUBCOMP: %+v", x)
	}
	p.silent()
	p.write(frame(PUBREC<<4, u16(open[3].id), []byte{0x97}))
	if x := p.want(PUBLISH); x.payload != "6" {
		t.Errorf("after a PUBREC that refuses: %+v", x)
	}
	p.silent()
	p.write(frame(PUBACK<<4, u16(open[0].id), []byte{0x97}))
	if x := p.want(PUBLISH); x.payload != "7" {
		t.Errorf("after a PUBACK that refuses: %+v", x)
	}
	p.silent()
}

// TestMQTT5_4_9_0_3: other packets are answered while the quota is used up.
func TestMQTT5_4_9_0_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	q := client(t, address, 5, name(t, "q"))
	p, messages := window(t, address, q, 1)
	p.lastID = 100
	p.silent() // PINGREQ
	for qos := range byte(3) {
		p.say(publish{topic: name(t, "/elsewhere"), payload: "x", qos: qos})
	}
	p.listen(name(t, "/more"), 1)
	if x := p.unsubscribe(name(t, "/more")); x.codes[0] != 0 {
		t.Errorf("UNSUBSCRIBE: %#x", x.codes[0])
	}
	p.ack(PUBREL, 99)
	p.want(PUBCOMP)
	p.ack(PUBACK, messages[0].id)
	p.want(PUBLISH)
	p.leave()
}
