package abuse

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// silent opens n sockets that say nothing, or drip a CONNECT byte by byte, and
// gives how long it took until each was closed.
func silent(t *testing.T, s *server, n int, drip time.Duration) (took <-chan times) {
	t.Helper()
	result := make(chan times, 1)
	var mu sync.Mutex
	var all times
	go func() {
		together(n, n, func(k int) {
			nc, err := raw(s.Addr, k)
			if err != nil {
				t.Error(err)
				return
			}
			defer drop(nc)
			began := time.Now()
			if drip > 0 {
				stop := make(chan struct{})
				defer close(stop)
				go dripping(nc, drip, stop)
			}
			_ = nc.SetDeadline(began.Add(2 * patience))
			if _, err := nc.Read(make([]byte, 1)); err == nil || isTimeout(err) {
				t.Errorf("a socket that says nothing is not closed: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, time.Since(began))
		})
		result <- all
	}()
	return result
}

func dripping(nc net.Conn, every time.Duration, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for _, b := range mqtt.AppendConnect(nil, mqtt.Connect{Version: mqtt.V5, ClientID: "slow"}) {
		if _, err := nc.Write([]byte{b}); err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

// devices connect one after the other, every 100 ms, until stop is closed.
func devices(t *testing.T, s *server, stop <-chan struct{}) <-chan times {
	result := make(chan times, 1)
	go func() {
		var all times
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for k := 0; ; k++ {
			began := time.Now()
			c, err := s.dial(mqtt.Connect{ClientID: fmt.Sprint("device-", k)})
			if err != nil {
				t.Errorf("a device cannot connect: %v", err)
			} else {
				all = append(all, time.Since(began))
				c.Close()
			}
			select {
			case <-stop:
				result <- all
				return
			case <-tick.C:
			}
		}
	}()
	return result
}

func TestSocketsThatSayNothingAreClosedAndCostLittle(t *testing.T) {
	parallel(t)
	var e embedded
	if !prove.Full() {
		e.Limits = broker.Limits{ConnectTimeout: time.Second}
	}
	s := embed(t, e)
	stop := make(chan struct{})
	served := devices(t, s, stop)
	n, drips := prove.Size(100, 2000), prove.Size(20, 200)
	before, open := s.Resident(), s.Descriptors()
	silently := silent(t, s, n, 0)
	prove.Eventually(t, "all sockets are open", func() bool { return s.Descriptors() >= open+n || s.Descriptors() == 0 })
	each := (s.Resident() - before) * 1024 / n
	dripping := silent(t, s, drips, time.Duration(prove.Size(300, 5000))*time.Millisecond)
	a, b := <-silently, <-dripping
	close(stop)
	d := <-served
	limit(t, "time until closed", max(a.max(), b.max()), 11*time.Second)
	limit(t, "memory of a silent socket, bytes", each, 12<<10)
	limit(t, "a device connects, p99", d.p99(), 50*time.Millisecond)
	prove.Record(t, "sockets that say nothing are closed and cost little", "closed at 10 s (+1), 12 KB each, a device connects p99 50 ms",
		fmt.Sprintf("%d silent closed after at most %s, %d dripping after %s, %.1f KB each, a device connects: %s", len(a), short(a.max()), len(b), short(b.max()), float64(each)/1024, d))
}
