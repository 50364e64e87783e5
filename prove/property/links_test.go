package property

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/proxy"
	"gatehouse/prove/served"
)

// linked is a device on raw bytes that comes and goes, with a will and a birth.
type linked struct {
	Device
	random *rand.Rand
	line   *mqtt.Conn
	read   sync.WaitGroup
}

// up connects it, with a will that waits, and says its birth: that it is online, and
// what it does.
func (l *linked) up(address string, willDelay uint32) error {
	o := mqtt.Options{Timeout: served.Patience, Connect: mqtt.Connect{
		ClientID: l.ClientID, User: l.Username, Password: l.Password, KeepAlive: 60,
		Will: &mqtt.Will{Topic: l.Topic("status"), Payload: []byte(`{"status":"offline","cause":"will"}`), QoS: 1, Retain: true},
	}}
	if willDelay > 0 {
		o.Version, o.Persistent, o.Will.Delay = mqtt.V5, true, willDelay
	}
	c, err := mqtt.Dial(address, o)
	if err != nil {
		return err
	}
	birth := func(channel, payload string, id uint16) {
		c.Publish(mqtt.Publish{Topic: []byte(l.Topic(channel)), Payload: []byte(payload), QoS: 1, Retain: true, ID: id})
	}
	birth("status", `{"status":"online"}`, 1)
	birth("state", fmt.Sprintf(`{"at":%d,"mode":"controlled","physical":"closed"}`, time.Now().UnixMilli()), 2)
	if err := c.Flush(); err != nil {
		return err
	}
	l.line = c
	l.read.Go(func() { drain(c) })
	return nil
}

// drain reads until the end, so that the server never waits.
func drain(c *mqtt.Conn) {
	for {
		p, err := c.Read()
		if err != nil {
			return
		}
		if p.Type == mqtt.PUBLISH && p.Publish.QoS == 1 {
			c.Ack(mqtt.PUBACK, p.ID)
			_ = c.Flush() // Read says if it has ended
		}
	}
}

// down ends the connection without a word: in an orderly way or with a reset.
func (l *linked) down() time.Time {
	at := time.Now()
	if l.random.IntN(2) == 0 {
		_ = l.line.Close() // FIN
	} else {
		l.line.Cut() // RST
	}
	l.read.Wait()
	return at
}

// crowd does something with each device at once; the first error fails the test.
func crowd(t *testing.T, all []*linked, do func(*linked) error) {
	t.Helper()
	errs := make(chan error, len(all))
	for _, l := range all {
		go func() { errs <- do(l) }()
	}
	for range all {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}

func settled(t *testing.T, w *watcher, what string, all []*linked, status string) {
	t.Helper()
	prove.Eventually(t, what, func() bool {
		return !slices.ContainsFunc(all, func(l *linked) bool { return w.last(l.ID).Link.Status != status })
	})
}

// TestTheFeedIsTrueOfEveryConnection takes devices through every way in which a
// connection ends, over a line with latency, and reads the feed as a stranger.
func TestTheFeedIsTrueOfEveryConnection(t *testing.T) {
	t.Parallel()
	n, seed := prove.Size(20, 200), prove.Seed(t)
	h := open(t, Options{})
	site := h.Site("East")
	all := make([]*linked, n)
	for i, d := range h.Devices(h.Zone(site, "Garage"), "gate", n) {
		all[i] = &linked{Device: d, random: rand.New(rand.NewPCG(uint64(seed), uint64(i)))}
	}
	line := h.Line(proxy.Fault{Latency: 2 * time.Millisecond}, seed)
	w := h.watch(t, h.reader(site), site)
	up := func(delay uint32) {
		t.Helper()
		crowd(t, all, func(l *linked) error { return l.up(line.Addr(), delay) })
		settled(t, w, "every device is online", all, "online")
	}

	// An end is told at once.
	up(0)
	took := make([]time.Duration, n)
	ended := make([]time.Time, n)
	for i, l := range all {
		ended[i] = l.down()
	}
	for i, l := range all {
		prove.Eventually(t, "the end of a connection is told", func() bool {
			at := w.first(l.ID, "offline", ended[i])
			took[i] = at.Sub(ended[i])
			return !at.IsZero()
		})
	}
	slices.Sort(took)

	// A take-over and the will of the connection that it ended say nothing false.
	up(0)
	began := time.Now()
	crowd(t, all, func(l *linked) error { return l.up(line.Addr(), 0) })
	prove.Eventually(t, "the server knows of every take-over", func() bool { return h.takeOvers(t) >= n })
	false1 := quiet(t, h, w, all, began)
	crowd(t, all, func(l *linked) error { l.down(); return nil })
	settled(t, w, "every device is offline", all, "offline")

	// A will that waits is not said when the device is back before.
	up(5)
	crowd(t, all, func(l *linked) error { l.down(); return l.up(line.Addr(), 5) })
	settled(t, w, "every device is back", all, "online")
	began = time.Now()
	<-time.After(6 * time.Second) // the wills' delay: what is awaited is that nothing comes
	false2 := quiet(t, h, w, all, began)

	// Flaps: the last state is told, and that they flap.
	crowd(t, all, func(l *linked) error {
		for range 20 {
			l.down()
			if err := l.up(line.Addr(), 0); err != nil {
				return err
			}
		}
		return nil
	})
	wrong := 0
	for i, l := range all {
		if i%2 == 0 {
			l.down()
		}
	}
	for i, l := range all {
		want := []string{"offline", "online"}[i%2]
		prove.Eventually(t, l.Name+" is "+want, func() bool { return w.last(l.ID).Link.Status == want && w.last(l.ID).Link.Flapping })
		if got := h.link(t, l.ID); got != want {
			wrong++
		}
	}
	if w.back > 0 || wrong > 0 || false1+false2 > 0 {
		t.Errorf("false offline: %d at take-overs, %d by late wills; %d wrong final states; %d revisions that fell", false1, false2, wrong, w.back)
	}
	p99 := took[len(took)*99/100]
	prove.Record(t, fmt.Sprintf("%d devices: FIN, RST, 20 flaps each, take-over, will after 5 s", n),
		"0 false offline, 0 wrong final states, end told p99 200 ms",
		fmt.Sprintf("%d, %d, p50 %s, p99 %s", false1+false2, wrong, took[len(took)/2].Round(time.Millisecond), p99.Round(time.Millisecond)))
	if prove.Full() && p99 > 200*time.Millisecond {
		t.Errorf("the end of a connection was told after %s (p99)", p99)
	}
	h.Healthy()
}

// quiet is how many devices were called offline since a moment, in which all were
// online: everything that came until now is told once a device has moved.
func quiet(t *testing.T, h *House, w *watcher, all []*linked, since time.Time) (wrong int) {
	t.Helper()
	for _, l := range all {
		if !w.first(l.ID, "offline", since).IsZero() || h.link(t, l.ID) != "online" {
			wrong++
		}
	}
	return wrong
}

// link is the status that the API gives.
func (h *House) link(t *testing.T, id string) string {
	t.Helper()
	var d struct {
		Device struct{ Link struct{ Status string } }
	}
	h.Get("/devices/"+id, &d)
	return d.Device.Link.Status
}

func (h *House) takeOvers(t *testing.T) int {
	t.Helper()
	var s struct{ TakeOvers int }
	h.Get("/broker/stats", &s)
	return s.TakeOvers
}
