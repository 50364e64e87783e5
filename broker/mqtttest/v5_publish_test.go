package mqtttest

import (
	"bytes"
	"fmt"
	"testing"
)

// TestMQTT5_3_3_1_1: a PUBLISH that is sent again has DUP 1, and had DUP 0 at first.
func TestMQTT5_3_3_1_1(t *testing.T) {
	t.Parallel()
	for qos := byte(1); qos <= 2; qos++ {
		t.Run(fmt.Sprint("QoS ", qos), func(t *testing.T) {
			t.Parallel()
			firstWithoutDup(t, 5, qos)
		})
	}
}

// TestMQTT5_3_3_1_2: DUP is 0 at QoS 0.
func TestMQTT5_3_3_1_2(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "p"))
	p.write(publish{topic: name(t, "/t"), dup: true}.encode(5))
	p.broken(0x81, 0x82)
}

// TestMQTT5_3_3_1_3: DUP of what a receiver gets does not come from the sender's DUP.
func TestMQTT5_3_3_1_3(t *testing.T) {
	t.Parallel()
	dupIsNotPassedOn(t, 5)
}

func dupIsNotPassedOn(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	s := client(t, address, version, name(t, "s"))
	s.listen(topic, 2)
	p := client(t, address, version, name(t, "p"))
	for qos := byte(1); qos <= 2; qos++ {
		p.say(publish{topic: topic, payload: "x", qos: qos, dup: true})
		if x := s.message(topic, "x"); x.dup {
			t.Errorf("%+v", x)
		}
	}
}

// TestMQTT5_3_3_1_4: a PUBLISH of QoS 3 is malformed.
func TestMQTT5_3_3_1_4(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	w := watcher(t, address, 5, topic)
	for _, m := range []publish{{qos: 3, id: 1}, {qos: 3, id: 1, dup: true}, {qos: 3, id: 1, retain: true}} {
		p := client(t, address, 5, name(t, "p"))
		m.topic = topic
		p.write(m.encode(5))
		p.broken(0x81)
	}
	w.silent()
}

// TestMQTT5_3_3_2_1: a PUBLISH begins with its topic name, a valid string.
func TestMQTT5_3_3_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, bad := range map[string][]byte{
		"nothing": frame(PUBLISH << 4), "half a length": frame(PUBLISH<<4, []byte{0}),
		"cut": frame(PUBLISH<<4, u16(9), []byte("topic")), "empty": publish{}.encode(5), "empty at QoS 1": publish{qos: 1, id: 1}.encode(5),
	} {
		t.Run(what, func(t *testing.T) {
			p := client(t, address, 5, name(t, "p"))
			p.write(bad)
			p.broken(0x81, 0x82, 0x90)
		})
	}
	refuseEverywhere(t, 5, placesOf("topic name"), badText(), 0x81)
}

// TestMQTT5_3_3_2_2: a topic name has no wildcards.
func TestMQTT5_3_3_2_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	w := watcher(t, address, 5, topic+"/#")
	for _, bad := range []string{topic + "/#", topic + "/+", topic + "/+/a", topic + "/a#", topic + "/a+b", "#", "+"} {
		for qos := byte(0); qos <= 2; qos++ {
			p := client(t, address, 5, name(t, "p"))
			p.write(publish{topic: bad, qos: qos, id: 1}.encode(5))
			if reason := p.refused(); reason == 0 && *foreign == "" || reason != 0 && !bytes.Contains([]byte{0x81, 0x82, 0x90}, []byte{reason}) {
				t.Errorf("%q: reason %#x", bad, reason)
			}
		}
	}
	w.silent()
}

// TestMQTT5_3_3_2_3: the topic name that a subscriber gets is the one that was
// published, and matches its filter.
func TestMQTT5_3_3_2_3(t *testing.T) {
	t.Parallel()
	namesMatch(t, 5)
}

// namesMatch subscribes to each filter on a connection of its own and publishes all
// names: each client gets those that match, as they were published.
func namesMatch(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	base := name(t, "")
	names := []string{"", "/", "/a", "/a/b", "/a/b/c", "/a//c", "/A/b", "/a/b ", "//"}
	p := client(t, address, version, name(t, "p"))
	for f, want := range map[string][]string{
		"/a": {"/a"}, "/+": {"/", "/a"}, "/a/#": {"/a", "/a/b", "/a/b/c", "/a//c", "/a/b "}, "/a/+/c": {"/a/b/c", "/a//c"},
		"/#": names, "/+/b": {"/a/b", "/A/b"}, "/a/b": {"/a/b"}, "/+/+": {"/a/b", "/A/b", "/a/b ", "//"}, "/": {"/"},
	} {
		s := client(t, address, version, name(t, "s"))
		s.listen(base+f, 0)
		for _, n := range names {
			p.say(publish{topic: base + n, payload: n})
		}
		for _, n := range want {
			if x := s.want(PUBLISH); x.topic != base+n || x.payload != n {
				t.Fatalf("filter %q: %q came, want %q", f, x.topic, n)
			}
		}
		s.silent()
	}
}

// TestMQTT5_3_3_4_1: a PUBLISH is answered as its QoS wants: not at all, with PUBACK,
// or with PUBREC.
func TestMQTT5_3_3_4_1(t *testing.T) {
	t.Parallel()
	answersFitQoS(t, 5)
}

func answersFitQoS(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	w := watcher(t, address, version, topic)
	p := client(t, address, version, name(t, "p"))
	for qos, want := range []byte{0, PUBACK, PUBREC} {
		p.write(publish{topic: topic, payload: "x", qos: byte(qos), id: 7}.encode(version))
		if want > 0 {
			p.wantAck(want, 7)
		}
		p.silent()
		if want == PUBREC {
			p.ack(PUBREL, 7)
			p.wantAck(PUBCOMP, 7)
		}
		w.message(topic, "x")
	}
}

// overlap subscribes to filters which all match the topic, publishes there at QoS 2, and
// gives the copies that come. props are given for each filter.
func overlap(t *testing.T, version byte, filters []filter, props func(i int) properties) (copies []packet) {
	t.Helper()
	address := server(t)
	s, p := client(t, address, version, name(t, "s")), client(t, address, version, name(t, "p"))
	for i, f := range filters {
		f.name = name(t, f.name)
		if x := s.subscribe(props(i), f); x.codes[0] != f.options&3 {
			t.Fatalf("%+v", x)
		}
	}
	end := "end of " + name(t, "")
	s.subscribe(nil, filter{end, 0})
	p.say(publish{topic: name(t, "/a/b"), payload: "x", qos: 2})
	p.say(publish{topic: end})
	return s.until(end)
}

// TestMQTT5_3_3_4_2: where filters overlap a message comes at the highest QoS of those
// that match it.
func TestMQTT5_3_3_4_2(t *testing.T) {
	t.Parallel()
	for i, order := range [][]filter{
		{{"/#", 0}, {"/a/+", 1}, {"/a/b", 2}}, {{"/a/b", 2}, {"/a/+", 1}, {"/#", 0}}, {{"/+/b", 1}, {"/a/#", 0}},
		{{"/a/b", 0}, {"/+/+", 0}},
	} {
		t.Run(fmt.Sprint("order ", i), func(t *testing.T) {
			t.Parallel()
			highest, want := byte(0), byte(0)
			for _, f := range order {
				want = max(want, f.options)
			}
			copies := overlap(t, 5, order, func(int) properties { return nil })
			for _, x := range copies {
				highest = max(highest, x.qos)
			}
			if highest != want || *foreign == "" && len(copies) != 1 {
				t.Errorf("%d copies, the best at QoS %d, want %d", len(copies), highest, want)
			}
		})
	}
}

// someIDs gives each filter but the second an identifier.
func someIDs(i int) properties {
	if i == 1 {
		return nil
	}
	return properties{{subscriptionID, 10 + i}}
}

// copiesByID subscribes with identifiers and gives those of each copy.
func copiesByID(t *testing.T) (ids [][]any) {
	t.Helper()
	filters := []filter{{"/#", 0}, {"/a/#", 0}, {"/+/b", 0}, {"/a/b", 0}}
	for _, x := range overlap(t, 5, filters, someIDs) {
		ids = append(ids, x.props.all(subscriptionID))
	}
	return ids
}

// TestMQTT5_3_3_4_3: a message has the subscription identifiers of the subscriptions
// that it comes for, and of no others.
func TestMQTT5_3_3_4_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	s, p := client(t, address, 5, name(t, "s")), client(t, address, 5, name(t, "p"))
	ids := func(at string) string {
		p.say(publish{topic: at, payload: "x"})
		return fmt.Sprint(s.message(at, "x").props.all(subscriptionID))
	}
	s.subscribe(properties{{subscriptionID, 268435455}}, filter{topic, 0}, filter{topic + "2", 0})
	s.subscribe(nil, filter{topic + "3", 0})
	for at, want := range map[string]string{topic: "[268435455]", topic + "2": "[268435455]", topic + "3": "[]"} {
		if got := ids(at); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	s.subscribe(properties{{subscriptionID, 1}}, filter{topic, 0}) // replaces
	s.subscribe(nil, filter{topic + "2", 0})
	if got := ids(topic) + ids(topic+"2"); got != "[1][]" {
		t.Errorf("replaced: %s, want [1][]", got)
	}
	p.say(publish{topic: topic, payload: "kept", retain: true})
	s.message(topic, "kept")
	s.subscribe(properties{{subscriptionID, 2}}, filter{topic, 0})
	if x := s.message(topic, "kept"); fmt.Sprint(x.props.all(subscriptionID)) != "[2]" {
		t.Errorf("retained: %v", x.props)
	}
	p.say(publish{topic: topic, retain: true})
}

// TestMQTT5_3_3_4_4: one copy for several subscriptions has all their identifiers.
func TestMQTT5_3_3_4_4(t *testing.T) {
	t.Parallel()
	all := copiesByID(t)
	if len(all) != 1 {
		if *foreign == "" || len(all) == 0 {
			t.Errorf("%d copies, want one", len(all))
		}
		return
	}
	for _, id := range []any{10, 12, 13} {
		if !bytes.Contains(fmt.Append(nil, all[0]), fmt.Append(nil, id)) {
			t.Errorf("identifiers %v: %v is missing", all[0], id)
		}
	}
	if len(all[0]) != 3 {
		t.Errorf("identifiers %v, want 3", all[0])
	}
}

// TestMQTT5_3_3_4_5: where several copies of a message are sent, each has the identifier
// of its subscription: here for the sessions of several clients, and for one client of
// a server that sends it several.
func TestMQTT5_3_3_4_5(t *testing.T) {
	t.Parallel()
	if all := copiesByID(t); len(all) > 1 {
		seen := map[string]int{}
		for _, ids := range all {
			seen[fmt.Sprint(ids)]++
		}
		if len(all) != 4 || seen["[10]"] != 1 || seen["[]"] != 1 || seen["[12]"] != 1 || seen["[13]"] != 1 {
			t.Errorf("copies with %v", all)
		}
	}
	address := server(t)
	topic := name(t, "/t")
	clients := map[int]*peer{}
	for id := 1; id <= 3; id++ {
		clients[id] = client(t, address, 5, name(t, fmt.Sprint(id)))
		clients[id].subscribe(properties{{subscriptionID, id}}, filter{topic, byte(id - 1)})
	}
	client(t, address, 5, name(t, "p")).say(publish{topic: topic, payload: "x", qos: 2})
	for id, s := range clients {
		if x := s.message(topic, "x"); fmt.Sprint(x.props.all(subscriptionID)) != fmt.Sprintf("[%d]", id) {
			t.Errorf("client %d: %v", id, x.props)
		}
	}
}

// TestMQTT5_3_3_4_6: a PUBLISH of a client has no subscription identifier.
func TestMQTT5_3_3_4_6(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	w := watcher(t, address, 5, topic)
	for qos := byte(0); qos <= 2; qos++ {
		p := client(t, address, 5, name(t, "p"))
		p.write(publish{topic: topic, qos: qos, id: 1, props: properties{{subscriptionID, 1}}}.encode(5))
		p.broken(0x81, 0x82)
	}
	w.silent()
}
