package durability

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// resident is the memory of the broker in MiB; 0 where nobody says it.
func resident(s *server) int { return s.Resident() / 1024 }

// processor is how long the broker has used a processor, in ticks of 10 ms.
func processor(s *server) int { return int(s.Processor() / (10 * time.Millisecond)) }

// flowThrough publishes n messages at QoS 1 to a subscriber that reads, and gives how
// long their acknowledgements took.
func flowThrough(t *testing.T, s *server, n int) []time.Duration {
	t.Helper()
	subscriber, err := dial(s.Addr, "reads", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer subscriber.Close()
	if err := subscriber.SubscribeNow(1, 1, "t"); err != nil {
		t.Fatal(err)
	}
	c, err := dialWith(s.Addr, mqtt.Connect{ClientID: "publishes"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out, in := flow.NewSender("t", 1, 20), &flow.Receiver{}
	out.Size = 100
	both(t, func() error {
		if err := out.Run(c, func() bool { return out.Begun < n }); err != nil {
			return err
		}
		return end(c, "t", 1)
	}, func() error { return in.Run(subscriber, nil) })()
	if all := flow.Compare(out.Acked, in.Got, n); all.Lost+all.Doubled+all.Out > 0 || all.Came != n {
		t.Errorf("to the one who reads: %s", all)
	}
	slices.Sort(out.Took)
	return out.Took
}

// stuck connects a subscriber that never reads again, or reads and never
// acknowledges.
func stuck(t *testing.T, s *server, name string, qos byte, reads bool) *mqtt.Conn {
	t.Helper()
	c, err := dial(s.Addr, name, mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SubscribeNow(1, qos, "t"); err != nil {
		t.Fatal(err)
	}
	if reads {
		go func() {
			for {
				if p, err := c.Read(); err != nil || string(p.Publish.Payload) == flow.End {
					return
				}
			}
		}()
	}
	return c
}

// What a connection that does not read may cost, in MiB: 1 waits for its socket,
// the rest is what the collector of garbage leaves between two measurements.
const mostForOne = 48

// What a message that waits may cost, in KiB, with the same allowance. The broker
// alone has no limit to how many wait.
const mostForMessage = 4

func TestReceiversThatAreStuckHarmNobody(t *testing.T) {
	alone(t)
	n := prove.Size(5000, 100_000)
	s := onFolder(t)
	base := flowThrough(t, s, n)
	before := resident(s)
	stuck(t, s, "never-reads", 0, false)
	loaded := flowThrough(t, s, n)
	unread := resident(s) - before
	stuck(t, s, "never-acknowledges", 1, true)
	loaded = append(loaded, flowThrough(t, s, n)...)
	slices.Sort(loaded)
	waiting := resident(s) - before - unread
	idle := processor(s)
	<-time.After(time.Duration(prove.Size(10, 2000)) * time.Millisecond) // a span to measure, nothing is awaited
	idle = processor(s) - idle
	if unread > mostForOne || waiting > mostForOne+n*mostForMessage/1024 {
		t.Errorf("memory grew by %d MiB for the one, by %d MiB for %d messages that wait for the other", unread, waiting, n)
	}
	if prove.Full() && (percentile(loaded, 99) > max(2*percentile(base, 99), 20*time.Millisecond) || idle > 20) {
		t.Errorf("acknowledged in p99 %s, without them %s; idle, it used %d ticks in 2 s", percentile(loaded, 99), percentile(base, 99), idle)
	}
	lively(t, s)
	prove.Record(t, "one subscriber that never reads and one that never acknowledges harm nobody", "p99 at most twice of that without them, memory bounded, no busy loop",
		fmt.Sprintf("%d messages, acknowledged in p99 %s, without them %s; memory grew by %d MiB for the one, by %d MiB for what waits for the other; idle %d ticks of 10 ms",
			n, percentile(loaded, 99), percentile(base, 99), unread, waiting, idle))
}

func TestAReceiverThatAcknowledgesAtLastGoesOn(t *testing.T) {
	t.Parallel()
	s := onFolder(t)
	subscribe(t, s.Addr, "late", 1, "t")
	n, window := prove.Size(2000, 70_000), prove.Size(256, 60_000) // the broker opens 60,000 to one client
	in := &flow.Receiver{Late: window - 1, Until: window}
	published := make(chan struct{})
	c, err := dial(s.Addr, "publisher", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out := flow.NewSender("t", 1, 20)
	both(t, func() error {
		if err := out.Run(c, func() bool { return out.Begun < n }); err != nil {
			return err
		}
		defer close(published)
		return end(c, "t", 1)
	}, func() error {
		c, err := dial(s.Addr, "late", mqtt.V311)
		if err != nil {
			return err
		}
		defer c.Close()
		return in.Run(c, func(int) {
			if len(in.Got) == window { // at full size no more come until one is acknowledged
				<-published
			}
		})
	})()
	all := flow.Compare(out.Acked, in.Got, n)
	if all.Lost+all.Doubled+all.Out > 0 || all.Came != n {
		t.Errorf("%s", all)
	}
	prove.Record(t, "a receiver that used up its identifiers goes on with its first acknowledgement", "0 lost, 0 doubled, 0 out of order", all.String())
}

// crowd connects n subscribers with 10 overlapping filters each.
func crowd(t *testing.T, s *server, n int) []*mqtt.Conn {
	t.Helper()
	filters := []string{"#", "+/#", "+/+/#", "a/#", "a/+/c", "a/b/#", "a/b/+", "a/b/c", "+/b/c", "a/b/c/#"}
	conns := make([]*mqtt.Conn, n)
	if err := parallel(50, n, func(i int) (err error) {
		if conns[i], err = mqtt.Dial(s.Addr, mqtt.Options{Connect: mqtt.Connect{ClientID: fmt.Sprint("many-", i)}}); err != nil {
			return err
		}
		_ = conns[i].SetReadDeadline(time.Now().Add(2 * patience))
		return conns[i].SubscribeNow(1, 1, filters...)
	}); err != nil {
		t.Fatal(err)
	}
	return conns
}

// publishAll publishes n messages, each acknowledged before the next, and the end.
func publishAll(t *testing.T, s *server, topic string, n int) *flow.Sender {
	t.Helper()
	c, err := dial(s.Addr, "publisher", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out := flow.NewSender(topic, 1, 1)
	if err := out.Run(c, func() bool { return out.Begun < n }); err != nil {
		t.Fatal(err)
	}
	if err := end(c, topic, 1); err != nil {
		t.Fatal(err)
	}
	return out
}

// Everybody gets one copy, whatever its filters have in common.
func TestOneMessageToManyIsOneCopyEach(t *testing.T) {
	alone(t)
	n, messages := prove.Size(200, 5000), prove.Size(5, 20)
	s := onFolder(t)
	conns := crowd(t, s, n)
	before := resident(s)
	got := make([]flow.Receiver, n)
	errs := make([]error, n)
	var all sync.WaitGroup
	for i, c := range conns {
		got[i].Held = map[uint16]bool{}
		all.Go(func() {
			errs[i] = got[i].Run(c, nil)
			c.Cut()
		})
	}
	began := time.Now()
	out := publishAll(t, s, "a/b/c", messages)
	all.Wait()
	took := time.Since(began)
	wrong := 0
	for i := range got {
		if a := flow.Compare(out.Acked, got[i].Got, messages); errs[i] != nil || a.Lost+a.Doubled+a.Out > 0 {
			wrong++
			t.Logf("client %d: %s, %v", i, a, errs[i])
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d clients got something else than one copy each", wrong, n)
	}
	lively(t, s)
	prove.Record(t, fmt.Sprintf("one publisher to %d subscribers with 10 overlapping filters: one copy each", n), "0 clients with another number of copies",
		fmt.Sprintf("%d messages, %d wrong, %s in all, memory grew by %d MiB to %d", messages, wrong, took.Round(time.Millisecond), resident(s)-before, resident(s)))
}
