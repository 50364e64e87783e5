package property

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// guessers try passwords that are none, each from an address and for a name of its own, so
// that no throttle of either holds them up: only the queue before the hash does.
type guessers struct {
	url  string
	mqtt string

	judged, busy, other, refused, wrong atomic.Int64
}

// from dials from the i-th address of this machine.
func from(i int) *net.Dialer {
	return &net.Dialer{Timeout: served.Patience, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(1+i>>16), byte(i>>8), byte(i))}}
}

// web guesses once at the console.
func (g *guessers) web(i int) error {
	transport := &http.Transport{DialContext: from(i).DialContext, DisableKeepAlives: true}
	c := &http.Client{Timeout: served.Patience, Transport: transport}
	body := fmt.Sprintf(`{"name":"somebody.%d","password":"one of a list of passwords %d"}`, i, i)
	res, err := c.Post(g.url+"/session", "application/json", bytes.NewReader([]byte(body))) //nolint:noctx // the client has a timeout
	if err != nil {
		return err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusUnauthorized:
		g.judged.Add(1)
	case http.StatusTooManyRequests:
		if res.Header.Get("Retry-After") == "" {
			return fmt.Errorf("429 without Retry-After")
		}
		g.busy.Add(1)
	default:
		g.other.Add(1)
	}
	return nil
}

// device guesses once at the broker. It hears a refusal, or is not heard any more.
func (g *guessers) device(i int) error {
	c, err := mqtt.Dial(g.mqtt, mqtt.Options{Timeout: served.Patience, Connect: mqtt.Connect{
		ClientID: fmt.Sprint("guess-", i), User: fmt.Sprint("somebody-", i), Password: "one of a list of passwords",
	}})
	if err == nil {
		c.Cut()
		g.wrong.Add(1)
		return fmt.Errorf("a guess was let in")
	}
	g.refused.Add(1)
	return nil
}

// flood keeps up a rate of guesses at both, each on its own, until it is stopped.
func (g *guessers) flood(t *testing.T, rate int) (stop func() int) {
	t.Helper()
	var work sync.WaitGroup
	places := make(chan struct{}, 256)
	end := inTurn(t, rate, func(i int) error {
		for _, guess := range []func(int) error{g.web, g.device} {
			places <- struct{}{}
			work.Go(func() {
				defer func() { <-places }()
				if err := guess(i); err != nil {
					t.Error(err)
				}
			})
		}
		return nil
	})
	return func() int { n := end(); work.Wait(); return n }
}

// TestAFloodOfPasswordsHoldsUpNobodyAtADoor opens doors, by somebody who is signed in, while
// 200 wrong passwords a second are tried at the console and as many at the broker: one is
// hashed at a time (OWASP ASVS 5.0 2.4.1, 6.3.1), a few wait, the others are told to come back.
func TestAFloodOfPasswordsHoldsUpNobodyAtADoor(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	rate, span := prove.Size(40, 200), time.Duration(prove.Size(2, 60))*time.Second
	h := open(t, Options{})
	doors := h.doors(t, h.Zone(h.Site("East"), "Garage"), 10)
	by := h.SignIn()
	quiet := h.pressInTurn(t, by, doors, "quiet", span/4)
	g := &guessers{url: h.api(), mqtt: h.MQTT()}
	stop := g.flood(t, rate)
	before, began := h.Server().Processor(), time.Now()
	busy := h.pressInTurn(t, by, doors, "flood", span)
	spent := (h.Server().Processor() - before).Seconds() / time.Since(began).Seconds()
	tries, in := h.entersAmong(t)
	stop()

	judged, tired := g.judged.Load(), g.busy.Load()
	if judged == 0 || g.other.Load() > 0 || g.wrong.Load() > 0 {
		t.Errorf("%d judged, %d with another answer, %d let in", judged, g.other.Load(), g.wrong.Load())
	}
	for _, d := range doors {
		d.mu.Lock()
		if d.lost != nil || d.twice > 0 {
			t.Errorf("%s was cut (%v), or acted twice (%d)", d.Name, d.lost, d.twice)
		}
		d.mu.Unlock()
	}
	prove.Record(t, fmt.Sprintf("%d wrong passwords a second at the console and as many at the broker: HTTP request to the door's act, and work of the server", rate),
		"p99 300 ms, one core of hashing at most, nobody let in",
		fmt.Sprintf("p50 %s, p99 %s, at most %s of %d (before: p99 %s); %.2f cores in all; %d judged, %d told to come back, %d refused by the broker; somebody with the right password is in after %d tries, %s",
			short(quantile(busy, 50)), short(quantile(busy, 99)), short(quantile(busy, 100)), len(busy), short(quantile(quiet, 99)), spent, judged, tired, g.refused.Load(), tries, short(in)))
	if p99 := quantile(busy, 99); prove.Full() && p99 > 300*time.Millisecond {
		t.Errorf("p99 is %s, want 300 ms", p99)
	}
	h.Healthy()
}

// pressInTurn opens doors in turn, twenty times a second, and gives how long each took to act.
func (h *House) pressInTurn(t *testing.T, by *Staff, doors []*door, key string, span time.Duration) (took []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var work sync.WaitGroup
	stop := inTurn(t, 20, func(i int) error {
		work.Go(func() {
			d, began := doors[i%len(doors)], time.Now()
			var o seenOrder
			if err := by.Try("POST", "/devices/"+d.ID+"/commands", Body{"action": "open"}, 202, &o, "Idempotency-Key", fmt.Sprintf("guess-%s-%d", key, i)); err != nil {
				t.Error(err)
				return
			}
			acted := d.actedAt(o.ID)
			mu.Lock()
			defer mu.Unlock()
			if acted.IsZero() {
				t.Errorf("%s never acted on %s", d.Name, o.ID)
			}
			took = append(took, acted.Sub(began))
		})
		return nil
	})
	<-time.After(span) // so long they press, nothing is awaited
	stop()
	work.Wait()
	return took
}

// actedAt waits until the door acted on a command; zero: it did not.
func (d *door) actedAt(id string) time.Time {
	for end := time.Now().Add(served.Patience); time.Now().Before(end); <-time.After(time.Millisecond) {
		if at, ok := d.actedOn(id); ok {
			return at
		}
	}
	return time.Time{}
}

// entersAmong signs somebody in while the queue is full: how many tries and how long it took.
func (h *House) entersAmong(t *testing.T) (tries int, took time.Duration) {
	t.Helper()
	began := time.Now()
	prove.Eventually(t, "somebody with the right password is in", func() bool {
		tries++
		status, answer, err := newStaff(t, h.api).Ask("POST", "/session", Body{"name": adminName, "password": adminPassword})
		if err != nil || status != 200 && status != 429 {
			t.Fatalf("%d %s %v", status, answer, err)
		}
		return status == 200
	})
	return tries, time.Since(began)
}

// quantile is the time that so many in a hundred do not exceed.
func quantile(took []time.Duration, percent int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[max((len(sorted)*percent+99)/100, 1)-1]
}

func short(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
