package mqtttest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"gatehouse/broker"
)

// TestMQTT311_3_3_1_1: a message that is sent again has the DUP flag, and one that
// is sent for the first time has not.
func TestMQTT311_3_3_1_1(t *testing.T) {
	t.Parallel()
	marksRepetitions(t, 4)
}

// marksRepetitions leaves a message open and connects again.
func marksRepetitions(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic, me := name(t, "/t"), durable(version, name(t, "a"))
	other := client(t, address, version, name(t, "b"))
	for _, qos := range []byte{1, 2} {
		p, _ := open(t, address, version, me)
		p.listen(topic, qos)
		other.say(publish{topic: topic, payload: "1", qos: qos})
		for k := range 3 {
			if x := p.want(PUBLISH); x.dup != (k > 0) || x.qos != qos {
				t.Errorf("sent for time %d at QoS %d: %+v", k+1, qos, x)
			}
			p.cut()
			p, _ = open(t, address, version, me)
		}
		p.message(topic, "1")
		p.leave()
	}
}

// TestMQTT311_3_3_1_2: a message at QoS 0 with the DUP flag closes the connection.
func TestMQTT311_3_3_1_2(t *testing.T) {
	t.Parallel()
	refusesPublish(t, 4, publish{topic: name(t, "/t"), payload: "1", dup: true})
}

// refusesPublish proves that a message closes the connection and reaches nobody
// who listens to the same without what is wrong with it.
func refusesPublish(t *testing.T, version byte, m publish, filters ...string) {
	t.Helper()
	address := server(t)
	q := client(t, address, version, "")
	for _, f := range append(filters, name(t, "/#")) {
		q.listen(f, 2)
	}
	p := client(t, address, version, "")
	p.write(m.encode(version))
	p.closed()
	q.silent()
}

// TestMQTT311_3_3_1_3: the DUP flag of what the server sends does not come from
// what it received.
func TestMQTT311_3_3_1_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	q := newcomer(t, address, 4, topic, 2)
	p := client(t, address, 4, name(t, "p"))
	for _, qos := range []byte{1, 2} {
		p.say(publish{topic: topic, payload: "1", qos: qos, dup: true})
		if x := q.message(topic, "1"); x.dup {
			t.Errorf("QoS %d: DUP was passed on", qos)
		}
	}
}

// TestMQTT311_3_3_1_4: a message with both bits of the QoS closes the connection.
func TestMQTT311_3_3_1_4(t *testing.T) {
	t.Parallel()
	for _, m := range []publish{{}, {dup: true}, {retain: true}} {
		m.topic, m.qos, m.id = name(t, "/t"), 3, 1
		refusesPublish(t, 4, m)
	}
}

// TestMQTT311_3_3_2_1: the topic name is there, comes first, and is well-formed.
func TestMQTT311_3_3_2_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	refuseEverywhere(t, 4, placesOf("topic name"), badStrings)
	for what, body := range map[string][]byte{
		"nothing":              nil,
		"half of a length":     {0},
		"a length without":     u16(3),
		"a name that ends":     append(u16(200), "abc"...),
		"the identifier first": append(u16(1000), str(name(t, "/t"))...),
	} {
		for _, first := range []byte{PUBLISH << 4, PUBLISH<<4 | 2} {
			p := client(t, address, 4, name(t, fmt.Sprint(what, first)))
			p.write(frame(first, body))
			p.closed()
		}
	}
}

// TestMQTT311_3_3_2_2: a topic name with a wildcard closes the connection.
func TestMQTT311_3_3_2_2(t *testing.T) {
	t.Parallel()
	for _, tail := range []string{"/+", "/#", "/+/a", "/a+", "/#a", "+", "#"} {
		for _, topic := range []string{name(t, tail), strings.TrimPrefix(tail, "/")} {
			refusesPublish(t, 4, publish{topic: topic, payload: "1"})
		}
	}
}

// TestMQTT311_3_3_2_3: the topic name that a subscriber is sent matches its filter:
// it is the one that the message was published with.
func TestMQTT311_3_3_2_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	base := name(t, "")
	all := []string{"", "/", "/a", "/a/b", "//b", "/a/b/c", "/E\u0301", "x"}
	for tail, want := range map[string][]string{
		"":         {""},
		"/#":       {"", "/", "/a", "/a/b", "//b", "/a/b/c", "/E\u0301"},
		"/+":       {"/", "/a", "/E\u0301"},
		"/+/b":     {"/a/b", "//b"},
		"/a/+/c":   {"/a/b/c"},
		"/+/b/#":   {"/a/b", "//b", "/a/b/c"},
		"/E\u0301": {"/E\u0301"},
	} {
		q := newcomer(t, address, 4, base+tail, 1)
		p := client(t, address, 4, "")
		for _, topic := range all {
			p.say(publish{topic: base + topic, payload: topic, qos: 1})
		}
		for _, topic := range want {
			q.message(base+topic, topic)
		}
		q.silent()
	}
}

// TestMQTT311_3_3_4_1: the answer to a message is none at QoS 0, PUBACK at QoS 1,
// PUBREC at QoS 2, whether or not somebody listens.
func TestMQTT311_3_3_4_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	p := client(t, address, 4, name(t, "p"))
	for range 2 {
		for qos, answer := range []byte{PINGRESP, PUBACK, PUBREC} {
			p.write(publish{topic: topic, payload: "1", qos: byte(qos), id: 9}.encode(4), frame(PINGREQ<<4))
			x := p.want(answer)
			if qos == 0 {
				continue
			}
			if x.id != 9 || len(x.body) != 2 {
				t.Errorf("QoS %d was answered with %+v", qos, x)
			}
			p.want(PINGRESP)
		}
		p.ack(PUBREL, 9)
		p.wantAck(PUBCOMP, 9)
		newcomer(t, address, 4, topic, 0)
	}
}

// TestMQTT311_3_3_5_1: a client whose filters overlap gets a message at the highest
// QoS of those that match it.
func TestMQTT311_3_3_5_1(t *testing.T) {
	t.Parallel()
	overlapGetsHighest(t, 4)
}

// overlapGetsHighest subscribes to one topic in three ways. A server may send a
// copy for each.
func overlapGetsHighest(t *testing.T, version byte) {
	t.Helper()
	address := server(t)
	topic, end := name(t, "/a/b"), name(t, "/end")
	p := client(t, address, version, name(t, "p"))
	for k, order := range [][3]byte{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 1, 0}} {
		q := client(t, address, version, name(t, fmt.Sprint("q", k)))
		q.subscribe(nil, filter{topic, order[0]}, filter{name(t, "/+/b"), order[1]}, filter{name(t, "/a/#"), order[2]}, filter{end, 0})
		for qos := range byte(3) {
			p.say(publish{topic: topic, payload: "1", qos: qos})
			p.say(publish{topic: end})
			var highest byte
			var copies []packet
			for x := q.want(PUBLISH); x.topic == topic; x = q.want(PUBLISH) {
				highest = max(highest, x.qos)
				copies = append(copies, x)
			}
			for _, x := range copies {
				q.finish(x)
			}
			if want := min(qos, max(order[0], order[1], order[2])); highest != want {
				t.Errorf("subscribed at % d, published at %d, came at %d", order, qos, highest)
			}
		}
		q.leave()
	}
}

// listening lets everybody hear everything, and publish what a doorman allows.
type listening struct{}

func (listening) Connect(_ context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	return ear{right{r.Username}}, nil
}

type ear struct{ right }

func (ear) MaySubscribe(string) bool { return true }

// TestMQTT311_3_3_5_2: a message that its client may not publish is acknowledged as
// any other, or closes the connection; nobody gets it.
func TestMQTT311_3_3_5_2(t *testing.T) {
	t.Parallel()
	address := own(t, func(o *broker.Options) { o.Authorizer = listening{} })
	q := newcomer(t, address, 4, "#", 2)
	p := client(t, address, 4, name(t, "p"))
	for qos := range byte(3) {
		p.say(publish{topic: "denied/x", payload: "1", qos: qos})
		p.say(publish{topic: "denied/x", payload: "1", qos: qos, retain: true})
	}
	p.say(publish{topic: "allowed", payload: "1", qos: 1})
	q.message("allowed", "1")
	late := newcomer(t, address, 4, "#", 2)
	late.silent()
}

// TestMQTT311_3_6_1_1: PUBREL with other header flags than 0010 closes the
// connection.
func TestMQTT311_3_6_1_1(t *testing.T) {
	t.Parallel()
	flagsAreFixed(t, 4, PUBREL, 2, func(*peer) [][]byte { return [][]byte{u16(1)} })
}
