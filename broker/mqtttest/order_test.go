package mqtttest

import (
	"fmt"
	"strings"
	"testing"
)

// What a server promises of delivery and its order, for each version.

// everyMatchingSessionGets proves that each session with a matching subscription is
// given a message that the server has taken, whether its client is there or not.
func everyMatchingSessionGets(t *testing.T, version byte) {
	t.Helper()
	address := unguarded(t)
	y := fmt.Sprint("y", version) // one server may have both versions at once, and +/+/y hears everybody's
	topic := name(t, "/x/"+y)
	filters := []string{topic, name(t, "/+/"+y), name(t, "/x/+"), name(t, "/#"), topic + "/#", "+/+/" + y}
	others := []string{name(t, "/x"), name(t, "/+"), topic + "/+", name(t, "/X/"+y), "+/+/z"}
	here := map[string]*peer{}
	for i, f := range filters {
		here[f] = client(t, address, version, name(t, fmt.Sprint("here", i)))
		here[f].listen(f, byte(i%3))
		absent(t, address, version, name(t, fmt.Sprint("absent", i)), f)
	}
	for i, f := range others {
		here[f] = client(t, address, version, name(t, fmt.Sprint("other", i)))
		here[f].listen(f, 2)
	}
	q := client(t, address, version, name(t, "publisher"))
	for qos := range byte(3) {
		q.say(publish{topic: topic, payload: fmt.Sprint(qos), qos: qos})
	}
	for i, f := range filters {
		there, _ := open(t, address, version, durable(version, name(t, fmt.Sprint("absent", i))))
		for qos := range byte(3) {
			here[f].message(topic, fmt.Sprint(qos))
			if qos > 0 { // QoS 0 need not be kept
				there.message(topic, fmt.Sprint(qos))
			}
		}
		here[f].silent()
		there.silent()
	}
	for _, f := range others {
		here[f].silent()
	}
}

// stream is a message of a publisher who counts.
type stream struct {
	publisher, topic string
	qos              byte
}

// orderIsKept has two publishers send on two topics at each QoS, many at once, to
// clients that are there and to one that is absent in the meantime: within each
// publisher, topic and QoS the order is kept, and nothing is missing.
func orderIsKept(t *testing.T, version byte) {
	t.Helper()
	const rounds, burst = 6, 4 // what is open at once fits into every server's window
	address := server(t)
	topics := []string{name(t, "/1"), name(t, "/2")}
	exact, wild := client(t, address, version, name(t, "exact")), client(t, address, version, name(t, "wild"))
	for _, topic := range topics {
		exact.listen(topic, 2)
	}
	wild.listen(name(t, "/#"), 2)
	absent(t, address, version, name(t, "absent"), name(t, "/+"))
	publishers := []*peer{client(t, address, version, name(t, "p")), client(t, address, version, name(t, "q"))}
	for round := range rounds {
		for who, p := range publishers {
			var packets [][]byte
			for k := range burst {
				for i, topic := range topics {
					for qos := range byte(3) {
						m := publish{topic: topic, qos: qos, payload: fmt.Sprintf("%d %d %d", who, i, round*burst+k), id: p.nextID()}
						packets = append(packets, m.encode(version))
					}
				}
			}
			p.write(packets...)
		}
		for _, p := range publishers {
			p.flowsEnd(2*burst, 2*burst)
		}
	}
	const all = 2 * 2 * rounds * burst
	there, _ := open(t, address, version, durable(version, name(t, "absent")))
	inOrder(t, exact.collect(3*all), rounds*burst)
	inOrder(t, wild.collect(3*all), rounds*burst)
	var kept []packet
	for _, x := range there.collectAtLeast(2 * all) {
		if x.qos > 0 {
			kept = append(kept, x)
		}
	}
	inOrder(t, kept, rounds*burst)
}

// inOrder demands n messages of each stream in the list, counted from 0.
func inOrder(t *testing.T, list []packet, n int) {
	t.Helper()
	next := map[stream]int{}
	for _, x := range list {
		var who, topic, number int
		if _, err := fmt.Sscan(x.payload, &who, &topic, &number); err != nil || !strings.HasSuffix(x.topic, fmt.Sprint("/", topic+1)) {
			t.Fatalf("%+v", x)
		}
		s := stream{fmt.Sprint(who), x.topic, x.qos}
		if number != next[s] {
			t.Fatalf("%+v: message %d came, want %d", s, number, next[s])
		}
		next[s]++
	}
	for s, got := range next {
		if got != n {
			t.Errorf("%+v: %d messages of %d", s, got, n)
		}
	}
}

// flowsEnd takes the acknowledgements of messages that are open: so many at QoS 1
// and so many at QoS 2.
func (p *peer) flowsEnd(one, two int) {
	p.t.Helper()
	for one+two > 0 {
		switch x := p.next(); x.kind {
		case PUBACK:
			one--
		case PUBREC:
			p.ack(PUBREL, x.id)
		case PUBCOMP:
			two--
		default:
			p.t.Fatalf("%+v came, want acknowledgements", x)
		}
	}
}

// collect takes n messages and acknowledges them to the end.
func (p *peer) collect(n int) []packet {
	p.t.Helper()
	list := p.collectAtLeast(n)
	if len(list) != n {
		p.t.Fatalf("%d messages came, want %d", len(list), n)
	}
	return list
}

// collectAtLeast takes at least n messages above QoS 0, or n in all, until nothing
// more comes, and acknowledges them to the end.
func (p *peer) collectAtLeast(n int) (list []packet) {
	p.t.Helper()
	for open, pinged := 0, false; ; {
		if len(list) >= n && open == 0 && !pinged {
			p.write(frame(PINGREQ << 4))
			pinged = true
		}
		switch x := p.next(); x.kind {
		case PUBLISH:
			list = append(list, x)
			switch x.qos {
			case 1:
				p.ack(PUBACK, x.id)
			case 2:
				p.ack(PUBREC, x.id)
				open++
			}
		case PUBREL:
			p.ack(PUBCOMP, x.id)
			open--
		case PINGRESP:
			return list
		default:
			p.t.Fatalf("%+v came among messages", x)
		}
	}
}
