package abuse

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// absentees makes n persistent clients that subscribe to one of ten topics at QoS 1
// and leave.
func absentees(t *testing.T, s *server, n int) {
	t.Helper()
	together(n, 16, func(k int) {
		c, err := s.dial(mqtt.Connect{ClientID: fmt.Sprint("away-", k), Persistent: true})
		if err == nil {
			err = c.SubscribeNow(1, 1, fmt.Sprint("away/", k%10))
		}
		if err != nil {
			t.Error(err)
			return
		}
		c.Close()
	})
}

// flood publishes the messages from one number to before another at QoS 1 to ten
// topics, the k-th to topic k modulo ten, a hundred on their way at a time.
func flood(s *server, topics string, from, n int) error {
	c, err := s.dial(mqtt.Connect{ClientID: "floods"})
	if err != nil {
		return err
	}
	defer c.Close()
	const many = 100
	for k := from; k < n; k += many {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		for j := range many {
			c.Publish(mqtt.Publish{Topic: fmt.Appendf(nil, "%s/%d", topics, (k+j)%10), Payload: fmt.Appendf(nil, "%08d", k+j), QoS: 1, ID: uint16(1 + j)})
		}
		if err := c.Flush(); err != nil {
			return err
		}
		for range many {
			if _, err := c.Expect(mqtt.PUBACK); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestQueuesOfAbsentClientsEndAtTheirLimitAndEveryDropIsCounted(t *testing.T) {
	parallel(t)
	var e embedded
	e.Limits.MaxQueued = prove.Size(50, 1000)
	s, clients, n := embed(t, e), prove.Size(20, 1000), prove.Size(2000, 1_000_000)
	absentees(t, s, clients)
	quiet := newNeighbour(t, s)
	if err := flood(s, "nobody", 0, n); err != nil {
		t.Fatal(err)
	}
	base := quiet.stop()
	s.report(t)
	w, busy := weigh(s), newNeighbour(t, s)
	began := time.Now()
	if err := flood(s, "away", 0, n); err != nil {
		t.Fatal(err)
	}
	took, peak, pings := time.Since(began), w.peak(), busy.stop()
	wanted, dropped := uint64(n/10*clients-e.Limits.MaxQueued*clients), s.report(t).Stats.Dropped["queue full"]
	if dropped != wanted {
		t.Errorf("%d drops are counted, want %d", dropped, wanted)
	}
	for _, k := range []int{0, 7, clients - 1} { // the first that were queued are kept, in order
		c := s.must(t, mqtt.Connect{ClientID: fmt.Sprint("away-", k), Persistent: true})
		for j := range e.Limits.MaxQueued {
			p, err := c.Expect(mqtt.PUBLISH)
			if err != nil || string(p.Publish.Payload) != fmt.Sprintf("%08d", j*10+k%10) {
				t.Fatalf("message %d of client %d: %q, %v", j, k, p.Publish.Payload, err)
			}
			c.Ack(mqtt.PUBACK, p.ID)
			if !c.Buffered() {
				_ = c.Flush()
			}
		}
		if err := c.Answers(); err != nil {
			t.Fatal(err)
		}
	}
	prove.Record(t, "queues of absent clients end at their limit and every drop is counted", "bounded by the limit, every drop counted, the rest in order",
		fmt.Sprintf("%d clients, %d messages in %s: %d queued, %d dropped and counted, %s; neighbour %s, when nobody subscribes %s",
			clients, n, short(took), e.Limits.MaxQueued*clients, dropped, mega(peak), pings, base))
}
