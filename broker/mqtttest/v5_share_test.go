package mqtttest

import (
	"strconv"
	"testing"
)

// TestMQTT5_4_8_2_1: a shared subscription begins with $share/ and a name: one
// without a name is not granted.
func TestMQTT5_4_8_2_1(t *testing.T) {
	t.Parallel()
	refusesFilters(t, 5, "$share//a", "$share//#", "$share/", "$share//")
	sharing(t, "$share/g/", "$share/h/")
}

// sharing proves that each of these beginnings makes a group of its own, of whose
// members one gets each message.
func sharing(t *testing.T, groups ...string) {
	t.Helper()
	const all = 8
	address := server(t)
	topic := name(t, "/t")
	q := client(t, address, 5, name(t, "q"))
	var members []*peer
	for i, g := range groups {
		for k := range 2 {
			p := client(t, address, 5, name(t, strconv.Itoa(2*i+k)))
			p.listen(g+name(t, "/+"), 1)
			members = append(members, p)
		}
	}
	for i := range all {
		q.say(publish{topic: topic, payload: strconv.Itoa(i), qos: 1})
	}
	for i, g := range groups {
		seen := map[string]bool{}
		for _, p := range members[2*i : 2*i+2] {
			for _, x := range p.collectAtLeast(0) {
				if seen[x.payload] || x.topic != topic {
					t.Errorf("group %q: %+v came, perhaps to both", g, x)
				}
				seen[x.payload] = true
			}
		}
		if len(seen) != all {
			t.Errorf("group %q got %d messages of %d", g, len(seen), all)
		}
	}
}

// TestMQTT5_4_8_2_2: the name of a group has no slash and no wildcard, and a filter
// follows it.
func TestMQTT5_4_8_2_2(t *testing.T) {
	t.Parallel()
	refusesFilters(t, 5, "$share/g", "$share/g/", "$share/+/a", "$share/#/a", "$share/#", "$share/+", "$share/g+/a", "$share/g#/a", "$share/g/a#", "$share/g/#/a")
	sharing(t, "$share/G/", "$share/é $%/", "$share/$share/")
}

// TestMQTT5_4_8_2_3: a message of a shared subscription is sent at the QoS that the
// chosen member was granted, or that of the message if it is lower.
func TestMQTT5_4_8_2_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	q := client(t, address, 5, name(t, "q"))
	var members []*peer
	for qos := range byte(3) {
		p := client(t, address, 5, name(t, strconv.Itoa(int(qos))))
		p.listen("$share/g/"+name(t, "/+"), qos)
		members = append(members, p)
	}
	const all = 36
	got := 0
	for i := range all {
		qos := i / 3 % 3 // with members by turns each gets some of each
		q.say(publish{topic: name(t, "/"+strconv.Itoa(qos)), payload: "x", qos: byte(qos)})
	}
	for granted, p := range members {
		for _, x := range p.collectAtLeast(0) {
			published, _ := strconv.Atoi(x.topic[len(x.topic)-1:])
			if int(x.qos) != min(granted, published) {
				t.Errorf("published at %d, granted %d: came at %d", published, granted, x.qos)
			}
			got++
		}
	}
	if got != all {
		t.Errorf("%d messages came of %d", got, all)
	}
}

// begun has the delivery of a message of a shared subscription begin to one member,
// which has said nothing, while there is another one.
func begun(t *testing.T, qos byte, c connect) (address string, chosen, other *peer, m packet) {
	t.Helper()
	address = server(t)
	group := "$share/g/" + name(t, "/t")
	chosen, _ = open(t, address, 5, c)
	chosen.listen(group, 2)
	client(t, address, 5, name(t, "q")).say(publish{topic: name(t, "/t"), payload: "1", qos: qos})
	m = chosen.want(PUBLISH)
	other = client(t, address, 5, name(t, "other"))
	other.listen(group, 2)
	return address, chosen, other, m
}

// TestMQTT5_4_8_2_4: a QoS 2 message whose delivery has begun waits for the member
// that it was sent to.
func TestMQTT5_4_8_2_4(t *testing.T) {
	t.Parallel()
	c := durable(5, name(t, "chosen"))
	address, chosen, other, m := begun(t, 2, c)
	chosen.leave()
	other.silent()
	chosen, _ = open(t, address, 5, c)
	x := chosen.want(PUBLISH)
	if x.id != m.id || x.payload != "1" || !x.dup {
		t.Errorf("%+v came again, want message %d with DUP", x, m.id)
	}
	chosen.ack(PUBREC, x.id)
	chosen.wantAck(PUBREL, x.id)
	chosen.cut()
	chosen, _ = open(t, address, 5, c)
	chosen.wantAck(PUBREL, x.id)
	chosen.ack(PUBCOMP, x.id)
	chosen.silent()
	other.silent()
}

// TestMQTT5_4_8_2_5: if the session of that member ends, no other gets the message.
func TestMQTT5_4_8_2_5(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(t *testing.T, address string, p *peer){
		"with its connection": func(_ *testing.T, _ string, p *peer) {
			p.write(frame(DISCONNECT<<4, []byte{0}, properties{{sessionExpiry, 0}}.encode()))
			p.closed()
		},
		"by Clean Start": func(t *testing.T, address string, p *peer) {
			p.leave()
			client(t, address, 5, name(t, "chosen")).silent()
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			address, chosen, other, _ := begun(t, 2, durable(5, name(t, "chosen")))
			end(t, address, chosen)
			other.silent()
			client(t, address, 5, name(t, "q")).say(publish{topic: name(t, "/t"), payload: "2", qos: 2})
			other.message(name(t, "/t"), "2")
			other.silent()
		})
	}
}

// TestMQTT5_4_8_2_6: if a member refuses a message no other gets it, nor the same one
// again.
func TestMQTT5_4_8_2_6(t *testing.T) {
	t.Parallel()
	for kind, qos := range map[byte]byte{PUBACK: 1, PUBREC: 2} {
		t.Run(strconv.Itoa(int(qos)), func(t *testing.T) {
			t.Parallel()
			c := durable(5, name(t, "chosen"))
			address, chosen, other, m := begun(t, qos, c)
			chosen.write(frame(kind<<4, u16(m.id), []byte{0x83}))
			chosen.silent()
			other.silent()
			chosen.cut()
			chosen, _ = open(t, address, 5, c)
			chosen.silent()
			client(t, address, 5, c.id).leave() // the end of its session
			other.silent()
		})
	}
}
