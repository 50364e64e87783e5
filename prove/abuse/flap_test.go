package abuse

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// flapper is a device that says "on" when it comes, and whose will says "off".
type flapper struct {
	k     int
	s     *server
	delay uint32
	c     *mqtt.Conn
	ended time.Time // when it was cut for good, or last
}

func (d *flapper) connect() error {
	topic := fmt.Sprintf("flap/%d/%d", d.delay, d.k)
	c, err := d.s.dial(mqtt.Connect{
		Version: mqtt.V5, ClientID: fmt.Sprintf("flapper-%d-%d", d.delay, d.k), Persistent: true,
		Will: &mqtt.Will{Topic: topic, Payload: []byte("off"), QoS: 1, Retain: true, Delay: d.delay},
	})
	if err != nil {
		return err
	}
	if d.c != nil {
		d.c.Close()
	}
	d.c = c
	c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: []byte("on"), QoS: 1, ID: 1, Retain: true})
	if err := c.Flush(); err != nil {
		return err
	}
	_, err = c.Expect(mqtt.PUBACK)
	return err
}

// flap ends the connection in one of three ways and comes back.
func (d *flapper) flap(way int) error {
	d.ended = time.Now()
	switch way {
	case 0:
		d.c.Close() // FIN
	case 1:
		d.c.Cut() // RST
	case 2: // the next connection takes it over
	}
	return d.connect()
}

// states is what a watcher saw of all devices.
type states struct {
	mu  sync.Mutex
	all map[string][]seen
}

type seen struct {
	what string
	at   time.Time
}

func watchStates(t *testing.T, s *server, filter string) *states {
	t.Helper()
	x := &states{all: map[string][]seen{}}
	c := s.must(t, mqtt.Connect{ClientID: "watches " + filter})
	if err := c.SubscribeNow(1, 1, filter); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Time{})
	go func() {
		for {
			p, err := c.Read()
			if err != nil {
				return
			}
			x.mu.Lock()
			topic := string(p.Publish.Topic)
			x.all[topic] = append(x.all[topic], seen{string(p.Publish.Payload), time.Now()})
			x.mu.Unlock()
			c.Ack(mqtt.PUBACK, p.ID)
			if c.Flush() != nil {
				return
			}
		}
	}()
	return x
}

func (x *states) of(topic string) []seen {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]seen(nil), x.all[topic]...)
}

func TestADeviceThatFlapsIsNeverSeenOfflineAndItsLastStateIsRight(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	s := embed(t, embedded{})
	devices, flaps, delay := prove.Size(12, 200), prove.Size(6, 20), uint32(prove.Size(2, 5))
	for _, delay := range []uint32{0, delay} {
		x := watchStates(t, s, fmt.Sprintf("flap/%d/#", delay))
		all := make([]*flapper, devices)
		together(devices, 16, func(k int) {
			d := &flapper{k: k, s: s, delay: delay}
			all[k] = d
			r := rand.New(rand.NewPCG(uint64(seed), uint64(k)))
			err := d.connect()
			for i := 0; i < flaps && err == nil; i++ {
				err = d.flap(r.IntN(3))
			}
			if err != nil {
				t.Errorf("device %d: %v", k, err)
			}
		})
		if t.Failed() {
			return
		}
		falseOff, wrong := 0, 0
		for k := range all {
			topic := fmt.Sprintf("flap/%d/%d", delay, k)
			prove.Eventually(t, "every birth of device came", func() bool { return count(x.of(topic), "on") == flaps+1 })
			got := x.of(topic)
			if got[len(got)-1].what != "on" {
				wrong++
				t.Errorf("device %d is there and was last seen %q", k, got[len(got)-1].what)
			}
			if n := count(got, "off"); delay > 0 && n > 0 {
				falseOff += n
				t.Errorf("device %d came back within the delay and was seen offline %d times", k, n)
			} else if delay == 0 && n != flaps {
				t.Errorf("device %d ended %d times, %d wills came", k, flaps, n)
			}
		}
		took := leaveForGood(t, x, all, delay)
		limit(t, "from the end to the will, p99", took.p99(), time.Duration(delay)*time.Second+map[bool]time.Duration{true: 200 * time.Millisecond, false: time.Second}[delay == 0])
		prove.Record(t, fmt.Sprintf("a device that flaps is never seen offline in vain, will delay %d s", delay), "0 false, 0 wrong at the end, will after FIN or RST p99 200 ms without delay",
			fmt.Sprintf("%d devices, %d flaps each: %d false, %d wrong at the end, will %s", devices, flaps, falseOff, wrong, took))
	}
}

// leaveForGood ends all connections, by FIN and RST, and gives how long their wills
// took. They come once, and not before their delay.
func leaveForGood(t *testing.T, x *states, all []*flapper, delay uint32) (took times) {
	t.Helper()
	for k, d := range all {
		d.ended = time.Now()
		if k%2 == 0 {
			d.c.Close()
		} else {
			d.c.Cut()
		}
	}
	for k, d := range all {
		topic := fmt.Sprintf("flap/%d/%d", delay, k)
		var last seen
		prove.Eventually(t, "the will of a device that left", func() bool {
			got := x.of(topic)
			last = got[len(got)-1]
			return last.what == "off"
		})
		after := last.at.Sub(d.ended)
		if after < time.Duration(delay)*time.Second {
			t.Errorf("the will of %d came after %s, its delay is %d s", k, short(after), delay)
		}
		took = append(took, after)
	}
	return took
}

func count(all []seen, what string) (n int) {
	for _, s := range all {
		if s.what == what {
			n++
		}
	}
	return n
}
