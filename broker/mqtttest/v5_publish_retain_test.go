package mqtttest

import (
	"fmt"
	"testing"
)

// gets subscribes a new client and gives the retained messages of the topic that come.
func gets(t testing.TB, address string, version byte, f filter) (list []packet) {
	t.Helper()
	s := client(t, address, version, name(t, "late"))
	end := "end of " + name(t, "")
	s.subscribe(nil, f, filter{end, 0})
	s.write(publish{topic: end}.encode(version)) // comes behind them
	defer s.cut()
	return s.until(end)
}

// retained fails unless a new subscriber gets just this payload; empty: nothing.
func retained(t testing.TB, address string, version byte, topic, payload string) {
	t.Helper()
	got := gets(t, address, version, filter{topic, 2})
	switch {
	case payload == "" && len(got) > 0, payload != "" && len(got) != 1:
		t.Fatalf("%d retained messages came: %+v; want %q", len(got), got, payload)
	case payload == "":
	case got[0].payload != payload || got[0].topic != topic || !got[0].retain:
		t.Fatalf("%+v; want %q", got[0], payload)
	}
}

// retainReplaces retains messages on one topic, one after the other, at each QoS.
func retainReplaces(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, version, name(t, "p"))
	retained(t, address, version, topic, "")
	for qos := range byte(3) {
		for _, payload := range []string{"first", "second"} {
			p.say(publish{topic: topic, payload: fmt.Sprint(payload, qos), qos: qos, retain: true})
			retained(t, address, version, topic, fmt.Sprint(payload, qos))
			if got := gets(t, address, version, filter{topic, 2}); got[0].qos != qos {
				t.Errorf("retained at QoS %d, came at %d", qos, got[0].qos)
			}
		}
	}
	p.say(publish{topic: topic + "2", payload: "another topic", retain: true})
	retained(t, address, version, topic, "second2")
	for _, x := range []string{topic, topic + "2"} {
		p.say(publish{topic: x, retain: true})
	}
}

// plainLeavesRetained publishes without the flag, also nothing, on a topic that has a
// retained message, and on one that has none.
func plainLeavesRetained(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic, other := name(t, "/t"), name(t, "/other")
	p := client(t, address, version, name(t, "p"))
	p.say(publish{topic: topic, payload: "kept", retain: true})
	for qos := range byte(3) {
		for _, payload := range []string{"not kept", ""} {
			for _, to := range []string{topic, other} {
				p.say(publish{topic: to, payload: payload, qos: qos})
			}
			retained(t, address, version, topic, "kept")
			retained(t, address, version, other, "")
		}
	}
	p.say(publish{topic: topic, retain: true})
}

// TestMQTT5_3_3_1_5: a message with the retain flag is stored for its topic, in place of
// the one before, with its QoS and properties.
func TestMQTT5_3_3_1_5(t *testing.T) {
	t.Parallel()
	retainReplaces(t, 5)
	address := server(t)
	topic := name(t, "/props")
	p := client(t, address, 5, name(t, "p"))
	for _, props := range []properties{
		{{contentType, "c"}, {userProperty, pair{"b", "1"}}, {userProperty, pair{"a", "2"}}, {responseTopic, "r"}, {correlationData, "\x00"}},
		{{payloadFormat, 1}},
	} {
		p.say(publish{topic: topic, payload: "x", retain: true, props: props})
		sameProperties(t, gets(t, address, 5, filter{topic, 0})[0].props, props)
	}
	p.say(publish{topic: topic, retain: true})
}

// TestMQTT5_3_3_1_6: an empty message with the retain flag is sent to subscribers and
// removes the retained message.
func TestMQTT5_3_3_1_6(t *testing.T) {
	t.Parallel()
	emptyClears(t, 5)
}

// TestMQTT5_3_3_1_7: an empty message is not stored as a retained one, whatever its
// properties.
func TestMQTT5_3_3_1_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 5, name(t, "p"))
	for qos := range byte(3) {
		p.say(publish{topic: topic, qos: qos, retain: true, props: properties{{contentType, "c"}, {userProperty, pair{"a", "b"}}}})
		retained(t, address, 5, topic, "")
	}
}

// TestMQTT5_3_3_1_8: a message without the retain flag neither is stored nor changes
// what is.
func TestMQTT5_3_3_1_8(t *testing.T) {
	t.Parallel()
	plainLeavesRetained(t, 5)
}

// resubscribed says whether a retained message comes for a new subscription with this
// Retain Handling, and for one that is made again.
func resubscribed(t *testing.T, handling byte) (first, again bool) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 5, name(t, "p"))
	p.say(publish{topic: topic + "/1", payload: "kept", retain: true})
	p.say(publish{topic: topic + "/2", payload: "kept", retain: true})
	s := client(t, address, 5, name(t, "s"))
	comes := func() bool {
		s.subscribe(nil, filter{topic + "/+", handling << 4})
		p.say(publish{topic: topic + "/3"})
		got := s.until(topic + "/3")
		for _, x := range got {
			if !x.retain || x.payload != "kept" {
				t.Errorf("%+v", x)
			}
		}
		if n := len(got); n != 0 && n != 2 {
			t.Errorf("%d of 2 retained messages came", n)
		}
		return len(got) > 0
	}
	first, again = comes(), comes()
	s.unsubscribe(topic + "/+")
	if anew := comes(); anew != first {
		t.Errorf("first %v, after UNSUBSCRIBE %v", first, anew)
	}
	for _, n := range []string{"/1", "/2"} {
		p.say(publish{topic: topic + n, retain: true})
	}
	return first, again
}

// TestMQTT5_3_3_1_9: with Retain Handling 0 retained messages are sent for every
// SUBSCRIBE.
func TestMQTT5_3_3_1_9(t *testing.T) {
	t.Parallel()
	if first, again := resubscribed(t, 0); !first || !again {
		t.Errorf("first %v, again %v", first, again)
	}
}

// TestMQTT5_3_3_1_10: with Retain Handling 1 retained messages are sent for a
// subscription that did not exist, and not for one that did.
func TestMQTT5_3_3_1_10(t *testing.T) {
	t.Parallel()
	if first, again := resubscribed(t, 1); !first || again {
		t.Errorf("first %v, again %v", first, again)
	}
}

// TestMQTT5_3_3_1_11: with Retain Handling 2 no retained messages are sent.
func TestMQTT5_3_3_1_11(t *testing.T) {
	t.Parallel()
	if first, again := resubscribed(t, 2); first || again {
		t.Errorf("first %v, again %v", first, again)
	}
}

// flagAsPublished publishes with and without the retain flag and looks at what a
// subscriber with this option gets: live, and as a retained message.
func flagAsPublished(t *testing.T, kept bool) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	f := filter{topic, 2}
	if kept {
		f.options |= retainAsPublished
	}
	s, p := client(t, address, 5, name(t, "s")), client(t, address, 5, name(t, "p"))
	s.subscribe(nil, f)
	for qos := range byte(3) {
		for _, flag := range []bool{true, false} {
			p.say(publish{topic: topic, payload: "x", qos: qos, retain: flag})
			if x := s.message(topic, "x"); x.retain != (flag && kept) {
				t.Errorf("published with retain %v at QoS %d: %+v", flag, qos, x)
			}
		}
	}
	if got := gets(t, address, 5, f); len(got) != 1 || !got[0].retain {
		t.Errorf("retained messages: %+v", got)
	}
	p.say(publish{topic: topic, retain: true})
}

// TestMQTT5_3_3_1_12: without Retain As Published the retain flag of what is published
// is cleared.
func TestMQTT5_3_3_1_12(t *testing.T) {
	t.Parallel()
	flagAsPublished(t, false)
}

// TestMQTT5_3_3_1_13: with Retain As Published it stays as it is.
func TestMQTT5_3_3_1_13(t *testing.T) {
	t.Parallel()
	flagAsPublished(t, true)
}
