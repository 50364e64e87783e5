package mqtttest

import (
	"fmt"
	"testing"
)

// What retained messages do, for each version.

// newcomer gives a client that has just subscribed.
func newcomer(t testing.TB, address string, version byte, topic string, qos byte) *peer {
	t.Helper()
	p := client(t, address, version, "") // an identifier of its own
	p.listen(topic, qos)
	return p
}

// nothingRetained proves that a new subscriber of the topic gets no message.
// Behind the topic there is one with a retained message, which does come.
func nothingRetained(t testing.TB, address string, version byte, topic string) {
	t.Helper()
	last := topic + "/~"
	p := client(t, address, version, "")
	p.say(publish{topic: last, payload: "last", qos: 1, retain: true})
	p.listen(topic+"/#", 2)
	if x := p.message(last, "last"); !x.retain {
		t.Errorf("%+v: not retained", x)
	}
	p.silent()
}

// storesQoS proves that a retained message keeps the QoS that it came with.
func storesQoS(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	p := client(t, address, version, name(t, "p"))
	for qos := range byte(3) {
		topic := name(t, fmt.Sprint("/", qos))
		p.say(publish{topic: topic, payload: "1", qos: qos, retain: true})
		if x := newcomer(t, address, version, topic, 2).message(topic, "1"); x.qos != qos || !x.retain {
			t.Errorf("retained at QoS %d, came %+v", qos, x)
		}
	}
}

// givesLastOfEach proves that a new subscription gets the last retained message of
// every topic that it matches, and of no other.
func givesLastOfEach(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	p := client(t, address, version, name(t, "p"))
	want := map[string]bool{}
	for k := range 5 {
		for _, tail := range []string{"/in", "/in/deeper", "/out"} {
			topic := name(t, fmt.Sprint("/", k, tail))
			for _, payload := range []string{"older", "old", "last of " + topic} {
				p.say(publish{topic: topic, payload: payload, qos: 1, retain: true})
			}
			want[topic] = tail == "/in"
		}
	}
	q := newcomer(t, address, version, name(t, "/+/in"), 1)
	for range 5 {
		x := q.want(PUBLISH)
		if !want[x.topic] || x.payload != "last of "+x.topic || !x.retain {
			t.Errorf("%q on %q, retained %v", x.payload, x.topic, x.retain)
		}
		delete(want, x.topic)
		q.finish(x)
	}
	q.silent()
}

// flagTellsOldFromNew proves that a message has the retain flag if it came before
// the subscription, and not if it comes while there is one.
func flagTellsOldFromNew(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	p, q := client(t, address, version, name(t, "p")), newcomer(t, address, version, topic, 2)
	for qos := range byte(3) {
		p.say(publish{topic: topic, payload: "1", qos: qos, retain: true})
		if x := q.message(topic, "1"); x.retain {
			t.Errorf("QoS %d: retained for a subscription that was there", qos)
		}
		if x := newcomer(t, address, version, topic, 2).message(topic, "1"); !x.retain {
			t.Errorf("QoS %d: not retained for a new subscription", qos)
		}
	}
}

// emptyClears proves that an empty retained message goes to those who are there
// as any other, and leaves nothing for those who come.
func emptyClears(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic := name(t, "/t")
	p, q := client(t, address, version, name(t, "p")), newcomer(t, address, version, topic, 2)
	for qos := range byte(3) {
		p.say(publish{topic: topic, payload: "1", qos: 1, retain: true})
		q.message(topic, "1")
		p.say(publish{topic: topic, qos: qos, retain: true})
		if x := q.message(topic, ""); x.retain || x.qos != qos {
			t.Errorf("empty message at QoS %d came %+v", qos, x)
		}
		nothingRetained(t, address, version, topic)
	}
}
