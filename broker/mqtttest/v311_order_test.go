package mqtttest

import (
	"fmt"
	"slices"
	"testing"
)

// TestMQTT311_4_6_0_1: messages that are sent again come in the order in which they
// were sent first, also those that are left when some are finished, and before those
// that came in the meantime.
func TestMQTT311_4_6_0_1(t *testing.T) {
	t.Parallel()
	parts(t,
		func(t *testing.T) { repeatsInOrder(t, 4) },
		func(t *testing.T) { moreThanTheWindowRepeats(t, 4) })
}

// repeatsInOrder leaves messages at QoS 1 and 2 open over several connections,
// finishes one in each, and has one more come after each.
func repeatsInOrder(t *testing.T, version byte) {
	t.Helper()
	const n = 12
	address := server(t)
	topic, me := name(t, "/t"), durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	p.listen(topic, 2)
	other := client(t, address, version, name(t, "b"))
	var left []packet
	for k := range n {
		other.say(publish{topic: topic, payload: fmt.Sprint(k), qos: byte(1 + k%3%2)})
		left = append(left, p.want(PUBLISH))
	}
	for round, k := range []int{5, 0, 9, 4} {
		p.finish(left[k])
		left = slices.Delete(left, k, k+1)
		p.silent()
		p.cut()
		later := fmt.Sprint("later ", round)
		other.say(publish{topic: topic, payload: later, qos: byte(1 + round%2)})
		p, _ = open(t, address, version, me)
		for _, want := range left {
			if x := p.want(PUBLISH); x.payload != want.payload || x.id != want.id {
				t.Fatalf("message %q with identifier %d came, want %q with %d again", x.payload, x.id, want.payload, want.id)
			}
		}
		x := p.want(PUBLISH)
		if x.payload != later {
			t.Fatalf("message %q came behind those that came again, want %q", x.payload, later)
		}
		left = append(left, x)
	}
}

// moreThanTheWindowRepeats has more messages come than any server sends without
// acknowledgements, so that some were sent and some were not when the connection
// is lost.
func moreThanTheWindowRepeats(t *testing.T, version byte) {
	t.Helper()
	const n, burst = 300, 30
	address := server(t)
	topic, me := name(t, "/t"), durable(version, name(t, "a"))
	p, _ := open(t, address, version, me)
	p.listen(topic, 1)
	other := client(t, address, version, name(t, "b"))
	for k := 0; k < n; k += burst {
		var all []byte
		for i := range burst {
			all = append(all, publish{topic: topic, payload: fmt.Sprint(k + i), qos: 1, id: i + 1}.encode(version)...)
		}
		other.write(all)
		other.flowsEnd(burst, 0)
	}
	p.cut()
	p, _ = open(t, address, version, me)
	for k, x := range p.collect(n) {
		if x.payload != fmt.Sprint(k) {
			t.Fatalf("message %s came in the place of %d", x.payload, k)
		}
	}
}

// mixedIDs are packet identifiers in no order.
func mixedIDs(n int) (ids []int) {
	for k := range n {
		ids = append(ids, (k*37)%101+1)
	}
	return ids
}

// answersInOrder sends many messages at once, some of which somebody hears, and
// wants the answers to those at this QoS in their order.
func answersInOrder(t *testing.T, version, qos, answer byte) {
	t.Helper()
	const n = 60
	address := server(t)
	topic := name(t, "/t")
	p, q := client(t, address, version, name(t, "p")), newcomer(t, address, version, topic, 0)
	ids := mixedIDs(n)
	var all []byte
	for k, id := range ids {
		m := publish{topic: topic, payload: fmt.Sprint(k), qos: qos, id: id, retain: k%5 == 0}
		if k%3 == 0 {
			m.topic += "/of nobody"
		}
		all = append(all, m.encode(version)...)
		m.qos, m.id = 3-qos, 1000+id // the answers to others may come in between
		all = append(all, m.encode(version)...)
	}
	p.write(all)
	var got []int
	for range 2 * n {
		if x := p.next(); x.kind == answer {
			got = append(got, x.id)
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("answers for %v, want %v", got, ids)
	}
	q.want(PUBLISH)
}

// TestMQTT311_4_6_0_2: PUBACKs come in the order of the messages at QoS 1.
func TestMQTT311_4_6_0_2(t *testing.T) {
	t.Parallel()
	answersInOrder(t, 4, 1, PUBACK)
}

// TestMQTT311_4_6_0_3: PUBRECs come in the order of the messages at QoS 2.
func TestMQTT311_4_6_0_3(t *testing.T) {
	t.Parallel()
	answersInOrder(t, 4, 2, PUBREC)
}

// TestMQTT311_4_6_0_4: PUBRELs come in the order of the PUBRECs, which need not be
// that of the messages.
func TestMQTT311_4_6_0_4(t *testing.T) {
	t.Parallel()
	const n = 15
	address := server(t)
	topic := name(t, "/t")
	p, other := newcomer(t, address, 4, topic, 2), client(t, address, 4, name(t, "b"))
	var ids []int
	for k := range n {
		other.say(publish{topic: topic, payload: fmt.Sprint(k), qos: 2})
		ids = append(ids, p.want(PUBLISH).id)
	}
	for _, order := range [][]int{{7, 3, 11, 0, 14}, {13, 12, 10, 9, 8}, {1, 6, 2, 5, 4}} {
		var recs []byte
		for _, k := range order {
			recs = append(recs, frame(PUBREC<<4, u16(ids[k]))...)
		}
		p.write(recs)
		for _, k := range order {
			if x := p.want(PUBREL); x.id != ids[k] {
				t.Errorf("PUBREL %d, want %d", x.id, ids[k])
			}
		}
	}
}

// TestMQTT311_4_6_0_5: every topic is an ordered one if nobody says otherwise,
// whatever its name, at each QoS.
func TestMQTT311_4_6_0_5(t *testing.T) {
	t.Parallel()
	const n = 15
	address := server(t)
	base := name(t, "")
	q := newcomer(t, address, 4, base+"/#", 2)
	p := client(t, address, 4, name(t, "p"))
	for _, tail := range []string{"", "/", "/a/b/c/d/e/f", "/$a", "/ ", "//é"} {
		for qos := range byte(3) {
			var all []byte
			for k := range n {
				all = append(all, publish{topic: base + tail, payload: fmt.Sprint(k), qos: qos, id: k + 1, retain: k%2 == 0}.encode(4)...)
			}
			p.write(all)
			p.flowsEnd([]int{0, n, 0}[qos], []int{0, 0, n}[qos])
			for k, x := range q.collect(n) {
				if x.topic != base+tail || x.payload != fmt.Sprint(k) || x.qos != qos {
					t.Fatalf("%q at QoS %d: message %d is %+v", tail, qos, k, x)
				}
			}
		}
	}
}

// TestMQTT311_4_6_0_6: messages of one publisher on one topic at one QoS reach each
// subscriber in their order.
func TestMQTT311_4_6_0_6(t *testing.T) {
	t.Parallel()
	orderIsKept(t, 4)
}
