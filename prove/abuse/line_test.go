package abuse

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/proxy"
)

// badLine puts a proxy before a server.
func badLine(t *testing.T, s *server, f proxy.Fault, seed int64) *proxy.Proxy {
	t.Helper()
	p, err := proxy.New(s.Addr, f, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (s *server) through(p *proxy.Proxy, connect mqtt.Connect) (*mqtt.Conn, error) {
	c, err := mqtt.Dial(p.Addr(), mqtt.Options{Connect: connect, Timeout: patience})
	if err != nil {
		return nil, err
	}
	return c, c.SetReadDeadline(time.Now().Add(patience))
}

// heard is when a server can have heard a client last: between two instants.
type heard struct{ from, to time.Time }

func TestALineThatSwallowsEverythingIsNoticedAtOneAndAHalfKeepAlives(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	s := embed(t, embedded{})
	devices, keepAlive := prove.Size(20, 500), prove.Size(1, 10)
	p := badLine(t, s, proxy.Fault{}, seed)
	watcher := s.must(t, mqtt.Connect{ClientID: "watcher"})
	if err := watcher.SubscribeNow(1, 1, "swallowed/#"); err != nil {
		t.Fatal(err)
	}
	last := make([]heard, devices)
	conns := make([]*mqtt.Conn, devices)
	together(devices, 32, func(k int) {
		will := &mqtt.Will{Topic: fmt.Sprint("swallowed/", k), Payload: fmt.Append(nil, k), QoS: 1}
		c, err := s.through(p, mqtt.Connect{Version: versions[k%2], ClientID: fmt.Sprint("device-", k), KeepAlive: uint16(keepAlive), Will: will})
		if err != nil {
			t.Error(err)
			return
		}
		conns[k] = c
	})
	if t.Failed() {
		return
	}
	together(devices, 32, func(k int) {
		last[k].from = time.Now()
		if _, err := ping(conns[k]); err != nil {
			t.Error(err)
		}
		last[k].to = time.Now()
	})
	p.Swallow(true)
	_ = watcher.SetReadDeadline(time.Now().Add(2 * patience))
	wanted := time.Duration(keepAlive) * 1500 * time.Millisecond
	early, seen := 0, map[int]bool{}
	var late, took times
	for range devices {
		m, err := watcher.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatalf("after %d wills: %v", len(seen), err)
		}
		at := time.Now()
		k := flow.Number(m.Publish.Payload)
		if seen[k] {
			t.Errorf("the will of %d came twice", k)
		}
		seen[k] = true
		if at.Sub(last[k].from) < wanted {
			early++
			t.Errorf("the will of %d came %s after it was heard, want %s", k, short(at.Sub(last[k].from)), wanted)
		}
		late, took = append(late, max(0, at.Sub(last[k].to)-wanted)), append(took, at.Sub(last[k].to))
		watcher.Ack(mqtt.PUBACK, m.ID)
		if err := watcher.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	limit(t, "wills late", late.max(), time.Second)
	prove.Record(t, "a line that swallows everything is noticed at one and a half keep-alives", "15.0 to 16.0 s for 100 %",
		fmt.Sprintf("%d devices, keep-alive %d s: %.2f to %.2f s, %d early", devices, keepAlive, took.part(0).Seconds(), took.max().Seconds(), early))
}

// badWindow is how many messages are on their way at once: with more, all that a line
// carries until it is reset would be repetitions.
const badWindow = 50

// badLines are the lines of the next test, and how many messages go over each at
// full size.
func badLines() []struct {
	name     string
	f        proxy.Fault
	messages int
} {
	return []struct {
		name     string
		f        proxy.Fault
		messages int
	}{
		{"latency 500 ms", proxy.Fault{Latency: 500 * time.Millisecond, Reset: 20_000}, 4000},
		{"1 KB/s", proxy.Fault{Rate: 1024, Reset: 5_000}, 1000},
		{"1-byte slices", proxy.Fault{Slice: 1, Reset: 3_000}, 4600},
		{"all of it", proxy.Fault{Latency: 500 * time.Millisecond, Rate: 1024, Slice: 1, Reset: 5_000}, 400},
	}
}

func TestMessagesComeThroughBadLines(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	e := embedded{Data: t.TempDir()}
	e.Limits.MaxInFlight = badWindow
	s := embed(t, e)
	var wg sync.WaitGroup
	for i, line := range badLines() {
		for qos := byte(1); qos <= 2; qos++ {
			f, n := line.f, prove.Size(60, line.messages)/2
			if !prove.Full() {
				f.Latency, f.Rate, f.Reset = f.Latency/50, f.Rate*32, 4000
			}
			wg.Go(func() { overBadLine(t, s, fmt.Sprintf("%s at QoS %d", line.name, qos), f, seed+int64(i), qos, n) })
		}
	}
	wg.Wait()
}

// overBadLine sends n messages from a publisher to a subscriber, each by the book and
// behind a bad line of its own.
func overBadLine(t *testing.T, s *server, name string, f proxy.Fault, seed int64, qos byte, n int) {
	first, second := badLine(t, s, f, seed), badLine(t, s, f, seed+100)
	topic := "bad/" + name
	connect := func(who string) mqtt.Connect {
		return mqtt.Connect{Version: versions[qos%2], ClientID: who + name, Persistent: true}
	}
	c, err := s.dial(connect("in "))
	if err == nil {
		err = c.SubscribeNow(1, qos, topic)
	}
	if err != nil {
		t.Error(err)
		return
	}
	c.Close()
	out, in := flow.NewSender(topic, qos, badWindow), &flow.Receiver{}
	dial := func(p *proxy.Proxy, who string) func() (*mqtt.Conn, error) {
		return func() (*mqtt.Conn, error) {
			c, err := s.through(p, connect(who))
			if err == nil && !prove.Full() {
				return c, nil
			}
			if err == nil {
				err = c.SetReadDeadline(time.Now().Add(30 * patience))
			}
			return c, err
		}
	}
	var both sync.WaitGroup
	both.Go(func() {
		if err := rough(dial(first, "out "), func(c *mqtt.Conn) error {
			return out.Run(c, func() bool { return out.Begun < n })
		}); err != nil {
			t.Errorf("%s, publisher: %v", name, err)
		}
		end := flow.NewSender(topic, qos, 1)
		last := s.must(t, mqtt.Connect{ClientID: "end " + name})
		end.Begin(last, flow.End)
		if err := end.GoOn(last, func() bool { return false }); err != nil {
			t.Errorf("%s, end: %v", name, err)
		}
	})
	both.Go(func() {
		if err := rough(dial(second, "in "), func(c *mqtt.Conn) error { return in.Run(c, nil) }); err != nil {
			t.Errorf("%s, subscriber: %v", name, err)
		}
	})
	both.Wait()
	all := flow.Compare(out.Acked, in.Got, out.Begun)
	if all.Lost+all.Invented > 0 || len(out.Acked) != n || qos == 2 && (all.Doubled > 0 || all.Came != n) {
		t.Errorf("%s: %d begun, %s", name, out.Begun, all)
	}
	prove.Record(t, "messages come through a bad line: "+name, "0 lost, QoS 2 0 doubled", fmt.Sprintf("%d messages, %d resets: %s", n, first.Resets()+second.Resets(), all))
}
