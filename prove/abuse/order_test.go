package abuse

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// rough runs a client's work through connections that are cut now and then, until
// the work is done. dial opens one.
func rough(dial func() (*mqtt.Conn, error), work func(*mqtt.Conn) error) error {
	for {
		c, err := dial()
		if err == nil {
			err = work(c)
			c.Close()
		}
		var f *flow.Fault
		var refused *mqtt.RefusedError
		switch {
		case err == nil || errors.As(err, &f) || errors.As(err, &refused) || isTimeout(err):
			return err
		}
	}
}

// at0 publishes numbers at QoS 0, with cuts and without asking what arrives.
func at0(s *server, topic string, n, cuts int) error {
	c, err := s.dial(mqtt.Connect{ClientID: "at0-" + topic})
	if err != nil {
		return err
	}
	for k := range n {
		if k > 0 && k%(n/(cuts+1)) == 0 {
			c.Cut()
			if c, err = s.dial(mqtt.Connect{ClientID: "at0-" + topic}); err != nil {
				return err
			}
		}
		c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: fmt.Append(nil, k)})
		if k%50 == 0 && c.Flush() != nil {
			return errors.New("a good connection failed")
		}
	}
	defer c.Close()
	return c.Answers()
}

// by publishes numbers at QoS 1 or 2 by the book, with cuts.
func by(s *server, topic string, qos byte, n, cuts int) error {
	out, next := flow.NewSender(topic, qos, 20), n/(cuts+1)
	return rough(func() (*mqtt.Conn, error) {
		return s.dial(mqtt.Connect{ClientID: "by-" + topic, Persistent: true, Version: versions[len(topic)%2]})
	}, func(c *mqtt.Conn) error {
		return out.Run(c, func() bool {
			if out.Begun >= next && out.Begun < n {
				next += n / (cuts + 1)
				c.Cut()
			}
			return out.Begun < n
		})
	})
}

// ordered is what a subscriber saw of each topic.
type ordered struct {
	mu         sync.Mutex
	last       map[string]int
	came       int
	repeated   int
	inversions int
}

// saw notes a message. One that is lower than one before it and came never yet is
// out of order; one that came already is a repetition, which QoS 1 allows.
func (o *ordered) saw(topic string, n int, seen map[int]bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if seen[n] {
		o.repeated++
		return
	}
	if last, there := o.last[topic]; there && n < last {
		o.inversions++
	}
	seen[n] = true
	o.came++
	o.last[topic] = max(o.last[topic], n)
}

func (o *ordered) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.came
}

// watch reads everything below order/, with cuts, until done says that all was sent,
// and as many as are wanted came.
func (o *ordered) watch(s *server, qos byte, want int, cuts *atomic.Int64, r *rand.Rand, done func() bool) error {
	seen := map[string]map[int]bool{}
	held := map[uint16]bool{}
	return rough(func() (*mqtt.Conn, error) {
		return s.dial(mqtt.Connect{ClientID: fmt.Sprint("order-watch-", qos), Persistent: true})
	}, func(c *mqtt.Conn) error {
		c.Subscribe(1, qos, fmt.Sprintf("order/%d/#", qos))
		until := 1 + r.IntN(2000)
		for k := 0; ; k++ {
			if !c.Buffered() {
				if done() {
					c.Ping()
				}
				if err := c.Flush(); err != nil {
					return err
				}
			}
			p, err := c.Read()
			if err != nil {
				return err
			}
			switch p.Type {
			case mqtt.PUBLISH:
				topic := string(p.Publish.Topic)
				if seen[topic] == nil {
					seen[topic] = map[int]bool{}
				}
				if p.Publish.QoS < 2 || !held[p.ID] {
					o.saw(topic, flow.Number(p.Publish.Payload), seen[topic])
				}
				switch p.Publish.QoS {
				case 1:
					c.Ack(mqtt.PUBACK, p.ID)
				case 2:
					held[p.ID] = true
					c.Ack(mqtt.PUBREC, p.ID)
				}
			case mqtt.PUBREL:
				delete(held, p.ID)
				c.Ack(mqtt.PUBCOMP, p.ID)
			case mqtt.PINGRESP: // what waits beyond the window comes behind it
				if qos == 0 || o.count() >= want {
					return c.Flush()
				}
			}
			if k == until && cuts.Add(-1) >= 0 && !done() {
				c.Cut()
			}
		}
	})
}

func TestMessagesOfOnePublisherAndTopicKeepTheirOrder(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	publishers, n, cuts := prove.Size(3, 10), prove.Size(500, 10_000), prove.Size(4, 20)
	var limits embedded
	limits.Limits.MaxQueued, limits.Limits.MaxQueuedBytes = 1_000_000, 1<<30
	s := embed(t, limits)
	for qos := range byte(3) {
		o := &ordered{last: map[string]int{}}
		var sent atomic.Int64
		var left atomic.Int64
		left.Store(int64(cuts))
		var publishing, watching sync.WaitGroup
		ready := s.must(t, mqtt.Connect{ClientID: fmt.Sprint("order-watch-", qos), Persistent: true})
		if err := ready.SubscribeNow(1, qos, fmt.Sprintf("order/%d/#", qos)); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(seed), uint64(qos)))
		watching.Go(func() {
			if err := o.watch(s, qos, publishers*n+1, &left, r, func() bool { return sent.Load() == int64(publishers) }); err != nil {
				t.Errorf("the subscriber: %v", err)
			}
		})
		for k := range publishers {
			publishing.Go(func() {
				defer sent.Add(1)
				topic := fmt.Sprintf("order/%d/%d", qos, k)
				var err error
				if qos == 0 {
					err = at0(s, topic, n, cuts)
				} else {
					err = by(s, topic, qos, n, cuts)
				}
				if err != nil {
					t.Errorf("publisher %d at QoS %d: %v", k, qos, err)
				}
			})
		}
		publishing.Wait()
		nudge(t, s, fmt.Sprintf("order/%d/nudge", qos), qos)
		watching.Wait()
		if o.inversions > 0 || qos > 0 && o.came != publishers*n+1 || qos == 2 && o.repeated > 0 { // with the nudge
			t.Errorf("QoS %d: %d inversions, %d of %d came, %d repeated", qos, o.inversions, o.came, publishers*n+1, o.repeated)
		}
		prove.Record(t, fmt.Sprintf("messages of one publisher and topic keep their order at QoS %d", qos), "0 inversions",
			fmt.Sprintf("%d publishers, %d messages each, %d reconnections of each and of the subscriber: %d came, %d repeated, %d inversions", publishers, n, cuts, o.came, o.repeated, o.inversions))
	}
}

// nudge has a subscriber that waits look up.
func nudge(t *testing.T, s *server, topic string, qos byte) {
	t.Helper()
	c := s.must(t, mqtt.Connect{ClientID: "nudge"})
	c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: []byte("0"), QoS: qos, ID: uint16(qos)})
	if err := c.Answers(); err != nil {
		t.Fatal(err)
	}
}
