package mqtttest

import (
	"fmt"
	"strings"
	"testing"
)

// properlyPassed sends messages with these lists of properties in every way in which a
// message comes to a client, and wants them unaltered: at each QoS, to one who is there,
// as a retained message, to a session whose client comes later, and as a will.
func properlyPassed(t *testing.T, lists ...properties) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	me := durable(5, name(t, "absent"))
	s, _ := open(t, address, 5, me)
	s.listen(topic, 2)
	s.listen("end of "+name(t, ""), 1)
	s.leave()
	w := watcher(t, address, 5, topic)
	p := client(t, address, 5, name(t, "p"))
	check := func(x packet, want properties, way string) {
		t.Helper()
		if x.payload != "x" {
			t.Errorf("%s: %+v", way, x)
		}
		sameProperties(t, x.props, want)
	}
	for i, props := range lists {
		for qos := range byte(3) {
			p.say(publish{topic: topic, payload: "x", qos: qos, retain: true, props: props})
			check(w.message(topic, "x"), props, "at once")
			check(gets(t, address, 5, filter{topic, 2})[0], props, "retained")
		}
		dying, _ := open(t, address, 5, connect{
			id: name(t, fmt.Sprint("dying", i)), will: &will{topic: topic, payload: "x", qos: 1, props: props},
		})
		dying.cut()
		check(w.message(topic, "x"), props, "will")
	}
	s, _ = open(t, address, 5, me)
	end := "end of " + name(t, "")
	p.say(publish{topic: end, qos: 1}) // behind what waits
	waited := s.until(end)
	const each = 3 // of each list: QoS 1, QoS 2, will
	if len(waited) != each*len(lists) {
		t.Fatalf("%d messages waited", len(waited))
	}
	for i, x := range waited {
		check(x, lists[i/each], "to an absent client")
	}
	p.say(publish{topic: topic, retain: true})
}

// TestMQTT5_3_3_2_4: the payload format indicator is passed on unaltered.
func TestMQTT5_3_3_2_4(t *testing.T) {
	t.Parallel()
	properlyPassed(t, properties{{payloadFormat, 0}}, properties{{payloadFormat, 1}}, nil)
}

// TestMQTT5_3_3_2_15: the response topic is passed on unaltered.
func TestMQTT5_3_3_2_15(t *testing.T) {
	t.Parallel()
	properlyPassed(t, properties{{responseTopic, name(t, "/r")}}, properties{{responseTopic, strings.Repeat("/é", 9000)}})
}

// TestMQTT5_3_3_2_16: the correlation data is passed on unaltered.
func TestMQTT5_3_3_2_16(t *testing.T) {
	t.Parallel()
	properlyPassed(t, properties{{correlationData, ""}}, properties{{correlationData, "\x00\xff\xc0\x80" + strings.Repeat("x", 300)}})
}

// TestMQTT5_3_3_2_17: all user properties are passed on unaltered.
func TestMQTT5_3_3_2_17(t *testing.T) {
	t.Parallel()
	properlyPassed(t, properties{{userProperty, pair{"name", "value"}}},
		properties{{userProperty, pair{"", ""}}, {userProperty, pair{"é", strings.Repeat("😀", 500)}}})
}

// TestMQTT5_3_3_2_18: user properties stay in their order, also those with the same name.
func TestMQTT5_3_3_2_18(t *testing.T) {
	t.Parallel()
	var many properties
	for i := range 40 {
		many = append(many, property{userProperty, pair{fmt.Sprint(i * 7 % 3), fmt.Sprint(i * 11 % 5)}})
	}
	properlyPassed(t, many, properties{
		{userProperty, pair{"b", "2"}}, {contentType, "c"}, {userProperty, pair{"a", "1"}}, {userProperty, pair{"b", "2"}},
		{userProperty, pair{"b", "1"}},
	})
}

// TestMQTT5_3_3_2_20: the content type is passed on unaltered.
func TestMQTT5_3_3_2_20(t *testing.T) {
	t.Parallel()
	properlyPassed(t, properties{{contentType, ""}}, properties{{contentType, "application/x; é=\uFEFF"}})
}

// propertyPlacesOf gives the places of strings whose names begin with this.
func propertyPlacesOf(t testing.TB, what string) (list []place[string]) {
	for _, l := range allStringPlaces(t, 5) {
		if strings.HasPrefix(l.what, what) {
			list = append(list, l)
		}
	}
	return list
}

// TestMQTT5_3_3_2_13: the response topic is a valid string, of PUBLISH and of the will.
func TestMQTT5_3_3_2_13(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, propertyPlacesOf(t, "response topic"), badText(), 0x81)
}

// TestMQTT5_3_3_2_14: the response topic has no wildcards, in PUBLISH and in the will.
func TestMQTT5_3_3_2_14(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, propertyPlacesOf(t, "response topic"), map[string]string{
		"#": "#", "+": "+", "level #": "a/#", "level +": "a/+/b", "in a level": "a+b",
	}, 0x81, 0x82, 0x90)
}

// TestMQTT5_3_3_2_19: the content type is a valid string, of PUBLISH and of the will.
func TestMQTT5_3_3_2_19(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 5, propertyPlacesOf(t, "content type"), badText(), 0x81)
}

// TestMQTT5_3_3_2_5: a message whose expiry passes before it can be sent to a subscriber
// is deleted for it: one that waits in a session, and a retained one.
func TestMQTT5_3_3_2_5(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	me := durable(5, name(t, "absent"))
	s, _ := open(t, address, 5, me)
	s.listen(topic, 2)
	s.leave()
	p := client(t, address, 5, name(t, "p"))
	for qos := byte(1); qos <= 2; qos++ {
		p.say(publish{topic: topic, payload: "expired", qos: qos, retain: true, props: properties{{messageExpiry, 1}}})
		p.say(publish{topic: topic, payload: "lives", qos: qos, props: properties{{messageExpiry, 100}}})
	}
	retained(t, address, 5, topic, "expired") // not yet
	pass(t, address, 2)
	retained(t, address, 5, topic, "")
	s, _ = open(t, address, 5, me)
	for range 2 {
		if x := s.want(PUBLISH); x.payload != "lives" {
			t.Errorf("%+v", x)
		}
	}
	s.silent()
}

// TestMQTT5_3_3_2_6: the expiry that a subscriber is told is what was published less the
// time that the message has waited.
func TestMQTT5_3_3_2_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	me := durable(5, name(t, "absent"))
	s, _ := open(t, address, 5, me)
	s.listen(topic, 2)
	s.leave()
	w := watcher(t, address, 5, topic)
	p := client(t, address, 5, name(t, "p"))
	const life = 100
	left := func(x packet, atLeast, atMost int) {
		t.Helper()
		if n := x.props.number(messageExpiry, -1); n < atLeast || n > atMost {
			t.Errorf("%+v: expiry %d, want %d to %d", x, n, atLeast, atMost)
		}
	}
	p.say(publish{topic: topic, payload: "x", qos: 1, retain: true, props: properties{{messageExpiry, life}}})
	left(w.message(topic, "x"), life-int(patience.Seconds()), life)
	pass(t, address, 2) // of whole seconds one has passed for certain
	s, _ = open(t, address, 5, me)
	left(s.message(topic, "x"), life-60, life-1)
	left(gets(t, address, 5, filter{topic, 0})[0], life-60, life-1)
	p.say(publish{topic: topic, payload: "for ever", retain: true})
	if x := w.message(topic, "for ever"); x.props.has(messageExpiry) {
		t.Errorf("%+v", x)
	}
	p.say(publish{topic: topic, retain: true})
}
