package durability

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// stream is a publisher and a subscriber at QoS 2, both persistent and by the
// book, and the brokers that come and go between them.
type stream struct {
	house *house
	out   *flow.Sender
	in    *flow.Receiver
	stop  atomic.Bool
	wait  func()
}

func newStream(t *testing.T, s *server, r *rand.Rand, out *flow.Sender) *stream {
	t.Helper()
	x := &stream{house: newHouse(s), out: out, in: &flow.Receiver{}}
	versions := []mqtt.Version{mqtt.V311, mqtt.V5}
	subscribe(t, s.Addr, "subscriber", out.QoS, out.Topic)
	x.wait = both(t, func() error {
		if err := x.house.live("publisher", versions[r.IntN(2)], func(c *mqtt.Conn) error {
			return x.out.Run(c, func() bool { return !x.stop.Load() })
		}); err != nil {
			return err
		}
		return x.house.live("ender", mqtt.V311, func(c *mqtt.Conn) error { return end(c, out.Topic, out.QoS) })
	}, func() error {
		return x.house.live("subscriber", mqtt.V311, func(c *mqtt.Conn) error {
			return x.in.Run(c, nil)
		})
	})
	return x
}

// end publishes the end, once everything is acknowledged.
func end(c *mqtt.Conn, topic string, qos byte) error {
	s := flow.NewSender(topic, qos, 1)
	s.Begin(c, flow.End)
	return s.GoOn(c, func() bool { return false })
}

// finish lets the clients come to their end, and compares.
func (x *stream) finish() flow.Tally {
	x.stop.Store(true)
	x.wait()
	return flow.Compare(x.out.Acked, x.in.Got, x.out.Begun)
}

// pause waits for a random time: an instant that nobody expects.
func pause(r *rand.Rand, from, to time.Duration) {
	<-time.After(from + time.Duration(r.Int64N(int64(to-from))))
}

// exactly runs a stream through restarts and records the outcome. Everything
// that was begun is to arrive once and in order, since the publisher is by the
// book and goes on until all of it is complete.
func exactly(t *testing.T, what string, restarts int, world func(*testing.T) (*server, disaster)) {
	t.Helper()
	seed := prove.Seed(t)
	for stretch := range uint64(prove.Size(1, 3)) {
		t.Run(fmt.Sprint("stretch ", stretch+1), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), stretch))
			first, strikes := world(t)
			x := newStream(t, first, rand.New(rand.NewPCG(uint64(seed), stretch+100)), flow.NewSender("t", 2, 10))
			shortest, longest := 300*time.Millisecond, 1200*time.Millisecond
			if !prove.Full() {
				shortest, longest = 50*time.Millisecond, 500*time.Millisecond
			}
			for range restarts {
				pause(r, shortest, longest)
				s, _ := x.house.current()
				x.house.move(strikes(t, s))
			}
			pause(r, shortest, longest)
			all := x.finish()
			if all.Lost+all.Doubled+all.Out+all.Invented > 0 || all.Came != x.out.Begun {
				t.Errorf("%d begun: %s", x.out.Begun, all)
			}
			s, _ := x.house.current()
			lively(t, s)
			prove.Record(t, what, "0 lost, 0 doubled, 0 out of order", fmt.Sprintf("%d restarts, %d flows begun: %s", restarts, x.out.Begun, all))
		})
	}
}

func TestQoS2IsExactlyOnceAndInOrderThroughKill9(t *testing.T) {
	t.Parallel()
	exactly(t, "QoS 2 is exactly once and in order through kill -9 at random instants", prove.Size(5, 100),
		func(t *testing.T) (*server, disaster) { return onFolder(t), killed })
}

func TestQoS2IsExactlyOnceAndInOrderThroughPowerCuts(t *testing.T) {
	t.Parallel()
	exactly(t, "QoS 2 is exactly once and in order through power cuts at random instants", prove.Size(2, 20),
		func(t *testing.T) (*server, disaster) {
			d := served.NewDisk(t, 128)
			return run(t, onDisk(t, d)), powerCut(&d, launch{})
		})
}

func TestQoS2IsExactlyOnceAndInOrderWithoutARestart(t *testing.T) {
	t.Parallel()
	exactly(t, "control: QoS 2 without a restart", 0,
		func(t *testing.T) (*server, disaster) { return onFolder(t), nil })
}

func TestQoS2IsExactlyOnceAndInOrderThroughCleanRestarts(t *testing.T) {
	t.Parallel()
	exactly(t, "control: QoS 2 through restarts by SIGTERM", prove.Size(2, 20),
		func(t *testing.T) (*server, disaster) { return onFolder(t), restarted })
}

func restarted(t *testing.T, s *server) *server {
	t.Helper()
	if code := s.Terminate(t); code != 0 {
		t.Errorf("exit code %d: %s", code, s.Stderr)
	}
	return start(t, s.dir)
}
