package abuse

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// audience is many subscribers, each with overlapping filters.
type audience struct {
	conns  []*mqtt.Conn
	copies atomic.Int64
	wrong  atomic.Int64
}

// overlapping are ten filters that all match fan/out/topic/0.
func overlapping() []string {
	return []string{"#", "fan/#", "fan/out/#", "fan/out/topic/#", "fan/out/topic/0", "+/out/topic/0", "fan/+/topic/0", "fan/out/+/0", "fan/out/topic/+", "+/+/+/+"}
}

func newAudience(t *testing.T, s *server, n int) *audience {
	t.Helper()
	a := &audience{conns: make([]*mqtt.Conn, n)}
	together(n, 32, func(k int) {
		c, err := s.dial(mqtt.Connect{Version: versions[k%2], ClientID: fmt.Sprint("audience-", k)})
		if err == nil {
			err = c.SubscribeNow(1, 0, overlapping()...)
		}
		if err != nil {
			t.Error(err)
			return
		}
		_ = c.SetReadDeadline(time.Time{})
		a.conns[k] = c
	})
	if t.Failed() {
		t.FailNow()
	}
	t.Cleanup(func() {
		for _, c := range a.conns {
			c.Close()
		}
	})
	return a
}

// listen counts what each subscriber is sent, until its connection ends.
func (a *audience) listen(wg *sync.WaitGroup) {
	for _, c := range a.conns {
		wg.Go(func() {
			for want := 0; ; want++ {
				p, err := c.Read()
				if err != nil {
					return
				}
				a.copies.Add(1)
				if len(p.Publish.Payload) < 4 || string(p.Publish.Payload[:4]) != fmt.Sprintf("%04d", want) {
					a.wrong.Add(1)
				}
			}
		})
	}
}

func TestOverlappingFiltersOfManyGiveOneCopyEach(t *testing.T) {
	parallel(t)
	n, messages := prove.Size(100, 5000), prove.Size(5, 20)
	var e embedded
	e.Limits.MaxConnectionsPerAddress = 2 * n // all of them are at one here
	s := embed(t, e)
	a := newAudience(t, s, n)
	neighbour := newNeighbour(t, s)
	var wg sync.WaitGroup
	a.listen(&wg)
	p := s.must(t, mqtt.Connect{ClientID: "publisher"})
	s.report(t)
	w := weigh(s)
	payload := make([]byte, 20_000)
	var took times
	tick := time.NewTicker(time.Duration(prove.Size(50, 1000)) * time.Millisecond)
	defer tick.Stop()
	for k := range messages {
		copy(payload, fmt.Sprintf("%04d", k))
		began := time.Now()
		p.Publish(mqtt.Publish{Topic: []byte("fan/out/topic/0"), Payload: payload})
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		prove.Eventually(t, "everybody has a copy", func() bool { return a.copies.Load() >= int64(n*(k+1)) })
		took = append(took, time.Since(began))
		<-tick.C
	}
	peak, pings := w.peak(), neighbour.stop()
	for _, c := range a.conns {
		c.Close()
	}
	wg.Wait()
	if got := a.copies.Load(); got != int64(n*messages) || a.wrong.Load() > 0 {
		t.Errorf("%d copies, %d wrong; want %d", got, a.wrong.Load(), n*messages)
	}
	limit(t, "memory, KiB", peak, len(payload)*n/1024*12/10)
	limit(t, "the neighbour's PINGRESP, p99", pings.p99(), 100*time.Millisecond)
	prove.Record(t, "overlapping filters of 5,000 subscribers give one copy each", "one copy each, memory 1.2 x payload x clients, neighbour p99 100 ms",
		fmt.Sprintf("%d copies of %d messages for %d clients, %s (payload x clients is %.1f MB), all have it after %s, neighbour %s",
			a.copies.Load(), messages, n, mega(peak), float64(len(payload)*n)/(1<<20), took, pings))
}
