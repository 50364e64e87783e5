package mqtttest

import "testing"

// TestMQTT311_3_3_1_5: a message with the retain flag is stored with its QoS.
func TestMQTT311_3_3_1_5(t *testing.T) {
	t.Parallel()
	storesQoS(t, 4)
}

// TestMQTT311_3_3_1_6: a new subscription gets the last retained message of each
// topic that it matches.
func TestMQTT311_3_3_1_6(t *testing.T) {
	t.Parallel()
	givesLastOfEach(t, 4)
}

// TestMQTT311_3_3_1_7: a retained message at QoS 0 discards the one that was there;
// it may be kept in its place.
func TestMQTT311_3_3_1_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 4, name(t, "p"))
	p.say(publish{topic: topic, payload: "old", qos: 2, retain: true})
	p.say(publish{topic: topic, payload: "new", retain: true})
	q := newcomer(t, address, 4, topic, 2)
	q.write(frame(PINGREQ << 4))
	x := q.next()
	if x.kind == PUBLISH && x.payload == "new" && x.qos == 0 {
		x = q.next()
	}
	if x.kind != PINGRESP {
		t.Errorf("%+v, want the new message or none", x)
	}
}

// TestMQTT311_3_3_1_8: what is sent because of a new subscription has the retain
// flag.
func TestMQTT311_3_3_1_8(t *testing.T) {
	t.Parallel()
	flagTellsOldFromNew(t, 4)
	address := server(t)
	topic := name(t, "/again")
	p := client(t, address, 4, name(t, "p"))
	p.say(publish{topic: topic, payload: "1", qos: 1, retain: true})
	for range 2 { // the same subscription again is new, too
		p.listen(topic, 1)
		if x := p.message(topic, "1"); !x.retain {
			t.Errorf("%+v: not retained", x)
		}
	}
}

// TestMQTT311_3_3_1_9: what is sent to a subscription that was there has not the
// retain flag, also if it waited for its client.
func TestMQTT311_3_3_1_9(t *testing.T) {
	t.Parallel()
	flagTellsOldFromNew(t, 4)
	address := server(t)
	topic, id := name(t, "/absent"), name(t, "a")
	absent(t, address, 4, id, topic)
	client(t, address, 4, name(t, "p")).say(publish{topic: topic, payload: "1", qos: 1, retain: true})
	p, _ := open(t, address, 4, durable(4, id))
	if x := p.message(topic, "1"); x.retain {
		t.Errorf("%+v: retained", x)
	}
	p.silent()
}

// TestMQTT311_3_3_1_10: an empty retained message is passed on as any other, and
// removes what was retained.
func TestMQTT311_3_3_1_10(t *testing.T) {
	t.Parallel()
	emptyClears(t, 4)
}

// TestMQTT311_3_3_1_11: an empty retained message is not stored.
func TestMQTT311_3_3_1_11(t *testing.T) {
	t.Parallel()
	address := server(t)
	p := client(t, address, 4, name(t, "p"))
	for qos := range byte(3) {
		topic := name(t, string('0'+rune(qos)))
		p.say(publish{topic: topic, qos: qos, retain: true})
		nothingRetained(t, address, 4, topic)
	}
}

// TestMQTT311_3_3_1_12: a message without the retain flag is not stored, and leaves
// what is retained as it is, also if it is empty.
func TestMQTT311_3_3_1_12(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 4, name(t, "p"))
	for qos := range byte(3) {
		p.say(publish{topic: topic, payload: "passing", qos: qos})
	}
	nothingRetained(t, address, 4, topic)
	p.say(publish{topic: topic, payload: "kept", qos: 1, retain: true})
	for qos := range byte(3) {
		p.say(publish{topic: topic, payload: "passing", qos: qos})
		p.say(publish{topic: topic, qos: qos})
	}
	q := newcomer(t, address, 4, topic, 1)
	q.message(topic, "kept")
	q.silent()
}
