package abuse

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// burglar tries passwords from one address, so many in a second, until stop is
// closed. It gives how many were answered and how many were not heard, and when it
// was first not heard.
func burglar(s *server, from net.Addr, rate int, stop <-chan struct{}) (heard, unheard int, barred time.Duration) {
	began := time.Now()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var mu sync.Mutex
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case <-stop:
			mu.Lock()
			defer mu.Unlock()
			return heard, unheard, barred
		case <-tick.C:
		}
		for range rate / 100 {
			wg.Go(func() {
				nc, err := (&net.Dialer{LocalAddr: from, Timeout: patience}).Dial("tcp", s.Addr)
				if err != nil {
					return
				}
				defer drop(nc.(*net.TCPConn))
				_, _ = nc.Write(mqtt.AppendConnect(nil, mqtt.Connect{Version: mqtt.V5, User: "owner", Password: "guess"}))
				a := await(nc, mqtt.V5, patience)
				mu.Lock()
				defer mu.Unlock()
				if len(a.packets) > 0 {
					heard++
				} else if unheard++; barred == 0 {
					barred = time.Since(began)
				}
			})
		}
	}
}

func TestWhoeverTriesPasswordsIsNotHeardSoonAndNobodyElseNotices(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{Users: residents()})
	stop := make(chan struct{})
	good := devices(t, s, stop)
	before := s.Processor()
	began := time.Now()
	timer := time.AfterFunc(time.Duration(prove.Size(2, 60))*time.Second, func() { close(stop) })
	defer timer.Stop()
	heard, unheard, barred := burglar(s, from(1_000_000), 500, stop)
	took, spent := time.Since(began), s.Processor()-before
	d := <-good
	if from(0) != nil && (heard > 300*(1+int(took.Minutes()+1)) || unheard == 0) {
		t.Errorf("%d attempts were answered in %s, %d not; want 300 in a minute", heard, short(took), unheard)
	}
	limit(t, "time until the source is throttled", barred, 5*time.Second)
	limit(t, "a good client connects, p99", d.p99(), 250*time.Millisecond)
	prove.Record(t, "whoever tries 500 passwords a second is not heard soon, and nobody else notices", "throttled within 5 s, good clients connect p99 250 ms",
		fmt.Sprintf("%d attempts in %s: %d answered, the rest not heard, the first %s after the begin; %.1f %% of a processor; good clients %s",
			heard+unheard, short(took), heard, short(barred), 100*spent.Seconds()/took.Seconds(), d))
}

func TestOneCredentialHasAFewSessions(t *testing.T) {
	parallel(t)
	const few = 3
	s, n := embed(t, embedded{Users: residents(), Sessions: few}), prove.Size(2_000, 100_000)
	before := s.report(t)
	resident := s.Resident()
	var mu sync.Mutex
	made, refused := 0, 0
	var wrong []string
	together(n, 16, func(k int) {
		nc, err := raw(s.Addr, k)
		if err != nil {
			t.Error(err)
			return
		}
		defer drop(nc)
		v := versions[k%2]
		_, _ = nc.Write(mqtt.AppendConnect(nil, mqtt.Connect{Version: v, ClientID: fmt.Sprint("bomb-", k), User: "owner", Password: "o", Persistent: true}))
		c := mqtt.NewConn(nc, v, 256)
		p, err := c.Read()
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil || p.Type != mqtt.CONNACK:
			wrong = append(wrong, fmt.Sprintf("%s, %v", p.Type, err))
		case p.Code == 0:
			made++
		default:
			refused++
		}
	})
	r := s.report(t)
	if made != few || refused != n-few || r.Stats.Sessions-before.Stats.Sessions != few || len(wrong) > 0 {
		t.Errorf("%d of %d let in, %d refused, %d sessions; want %d; %v", made, n, refused, r.Stats.Sessions, few, wrong[:min(len(wrong), 3)])
	}
	prove.Record(t, "one credential has a few sessions", "3 of 100,000 made, the rest refused", fmt.Sprintf("%d of %d made, %d refused, %s", made, n, refused, mega(s.Resident()-resident)))
}
