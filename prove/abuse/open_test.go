package abuse

import (
	"fmt"
	"sync"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// holdOpen sends n messages at QoS 2 and never releases one. It counts what the
// server took before it ended the connection, and gives the reason.
func holdOpen(s *server, connect mqtt.Connect, n int) (taken int, reason byte, err error) {
	c, err := s.dial(connect)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	go func() {
		for id := 1; id <= n; id++ {
			c.Publish(mqtt.Publish{Topic: []byte("held"), Payload: make([]byte, 1000), QoS: 2, ID: uint16(id)})
			if id%100 == 0 && c.Flush() != nil {
				return
			}
		}
	}()
	for {
		p, err := c.Read()
		if err != nil {
			return taken, reason, nil
		}
		switch p.Type {
		case mqtt.PUBREC:
			taken++
		case mqtt.DISCONNECT:
			reason = p.Code
		}
	}
}

func TestMessagesThatAreNeverReleasedEndAtReceiveMaximum(t *testing.T) {
	parallel(t)
	s, n := embed(t, embedded{}), prove.Size(3_000, 30_000)
	for k := range 3 { // what is made for the first ones stays
		if _, _, err := holdOpen(s, mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("first-", k)}, n); err != nil {
			t.Fatal(err)
		}
	}
	s.report(t)
	w := weigh(s)
	taken, reason, err := holdOpen(s, mqtt.Connect{Version: mqtt.V5, ClientID: "holds"}, n)
	if err != nil {
		t.Fatal(err)
	}
	if taken != 256 || reason != 0x93 {
		t.Errorf("%d taken, then %#x; want 256, then 0x93", taken, reason)
	}
	limit(t, "memory, KiB", w.peak(), 1<<10)
	prove.Record(t, "messages that are never released end at Receive Maximum", "256 of 30,000 taken, DISCONNECT 0x93, +1 MB",
		fmt.Sprintf("%d of %d taken, DISCONNECT %#x, %s", taken, n, reason, mega(w.peak())))
}

func TestACrowdThatNeverReleasesWeighsLittle(t *testing.T) {
	parallel(t)
	s, crowd := embed(t, embedded{}), prove.Size(20, 200)
	s.report(t)
	w := weigh(s)
	var mu sync.Mutex
	wrong, total := 0, 0
	together(crowd, crowd, func(k int) {
		connect := mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("holds-", k), Persistent: true}
		taken, reason, err := holdOpen(s, connect, 1000)
		mu.Lock()
		defer mu.Unlock()
		if total += taken; err != nil || taken != 256 || reason != 0x93 {
			wrong++
			t.Errorf("client %d: %d taken, then %#x, %v", k, taken, reason, err)
		}
	})
	limit(t, "memory, KiB", w.peak(), 64<<10)
	prove.Record(t, "200 clients that never release weigh little", "+64 MB, 256 taken of each", fmt.Sprintf("%d clients, %d messages taken, %s", crowd, total, mega(w.peak())))
}
