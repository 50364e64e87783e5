package abuse

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// limit judges a time or a weight at full size; measured is what to record.
func limit[T int | time.Duration](t testing.TB, what string, got, most T) {
	t.Helper()
	if prove.Full() && got > most {
		t.Errorf("%s: %v, want at most %v", what, got, most)
	}
}

// times are durations; their percentiles are asked for when all are there.
type times []time.Duration

// part is the value that this part of all is not above: 0.99 for p99.
func (d times) part(of float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	return sorted[min(int(of*float64(len(sorted))), len(sorted)-1)]
}

func (d times) p99() time.Duration { return d.part(0.99) }
func (d times) max() time.Duration { return d.part(1) }

func (d times) String() string {
	return fmt.Sprintf("p99 %s, max %s of %d", short(d.p99()), short(d.max()), len(d))
}

// short is a duration for people.
func short(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

// weight measures the memory of a server from here on.
type weight struct {
	s      *server
	before int // KiB
}

func weigh(s *server) weight {
	_ = s.Forget() // then Peak is that of the whole life, which is only stricter
	return weight{s, s.Resident()}
}

// peak is the most that the server ever had more than at the beginning, KiB.
func (w weight) peak() int { return max(0, w.s.Peak()-w.before) }

// now is what it has more than at the beginning, KiB.
func (w weight) now() int { return w.s.Resident() - w.before }

// mega is a weight for people.
func mega(kib int) string { return fmt.Sprintf("%+.1f MB", float64(kib)/1024) }

// neighbour is a client that behaves well and measures how it is served: it pings
// every 10 ms.
type neighbour struct {
	t    *testing.T
	c    *mqtt.Conn
	end  chan struct{}
	done sync.WaitGroup
	took times
}

func newNeighbour(t *testing.T, s *server) *neighbour {
	t.Helper()
	n := &neighbour{t: t, c: s.must(t, mqtt.Connect{ClientID: "neighbour"}), end: make(chan struct{})}
	n.done.Go(n.run)
	return n
}

func (n *neighbour) run() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-n.end:
			return
		case <-tick.C:
		}
		took, err := ping(n.c)
		if err != nil {
			n.t.Errorf("the neighbour is not served: %v", err)
			return
		}
		n.took = append(n.took, took)
	}
}

// stop gives how long its pings took.
func (n *neighbour) stop() times {
	close(n.end)
	n.done.Wait()
	return n.took
}

// ping sends PINGREQ and waits for the answer.
func ping(c *mqtt.Conn) (time.Duration, error) {
	began := time.Now()
	if err := c.SetDeadline(began.Add(patience)); err != nil {
		return 0, err
	}
	c.Ping()
	if err := c.Flush(); err != nil {
		return 0, err
	}
	_, err := c.Expect(mqtt.PINGRESP)
	return time.Since(began), err
}

// together runs f for 0 to n-1 on so many goroutines, and waits.
func together(n, workers int, f func(k int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for k := range next {
				f(k)
			}
		})
	}
	for k := range n {
		next <- k
	}
	close(next)
	wg.Wait()
}

// parallel lets other tests run beside this one, but not at full size: then times
// and weights are judged.
func parallel(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
}
