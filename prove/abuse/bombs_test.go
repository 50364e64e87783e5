package abuse

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// filterBomb has a client ask for n filters with wildcards, 500 in a packet, and
// counts what is granted and what is refused with "quota exceeded".
func filterBomb(s *server, client string, n int) (c *mqtt.Conn, granted, quota int, err error) {
	if c, err = s.dial(mqtt.Connect{Version: mqtt.V5, ClientID: client}); err != nil {
		return nil, 0, 0, err
	}
	_ = c.SetReadDeadline(time.Now().Add(3 * patience))
	for k := 0; k < n; k += 500 {
		var fs []mqtt.Filter
		for j := k; j < min(n, k+500); j++ {
			fs = append(fs, mqtt.Filter{Name: fmt.Sprintf("bomb/+/%d/#", j)})
		}
		c.SubscribeWith(uint16(1+k/500), nil, fs...)
		if err := c.Flush(); err != nil {
			return c, granted, quota, err
		}
		p, err := c.Read()
		if err != nil || p.Type != mqtt.SUBACK || len(p.Codes) != len(fs) {
			return c, granted, quota, fmt.Errorf("SUBACK with %d codes expected, %s with %d came: %w", len(fs), p.Type, len(p.Codes), err)
		}
		for _, code := range p.Codes {
			switch code {
			case 0:
				granted++
			case 0x97:
				quota++
			}
		}
	}
	return c, granted, quota, nil
}

func TestAClientThatAsksForEveryFilterIsGivenAThousand(t *testing.T) {
	parallel(t)
	s, n := embed(t, embedded{}), prove.Size(5_000, 100_000)
	neighbour := newNeighbour(t, s)
	s.report(t)
	w := weigh(s)
	c, granted, quota, err := filterBomb(s, "bomb", n)
	if err != nil {
		t.Fatal(err)
	}
	peak := w.peak()
	s.report(t) // collects: what is left is what it holds
	held := w.now()
	c.Cut()
	began := time.Now()
	prove.Eventually(t, "its filters are gone", func() bool { return s.report(t).Stats.Subscriptions == 0 })
	cleaned := time.Since(began)
	took := neighbour.stop()
	if granted != 1000 || granted+quota != n {
		t.Errorf("%d granted, %d refused with 0x97, of %d; want 1,000 and all others", granted, quota, n)
	}
	limit(t, "memory that it holds, KiB", held, 4<<10)
	limit(t, "memory at the worst moment, garbage included, KiB", peak, 8<<10)
	limit(t, "the neighbour's PINGRESP, p99", took.p99(), 10*time.Millisecond)
	limit(t, "cleaning up", cleaned, 100*time.Millisecond)
	prove.Record(t, "a client that asks for 100,000 filters is given 1,000", "1,000 granted, the rest 0x97, +4 MB, neighbour's PINGRESP p99 10 ms, cleaned up in 100 ms",
		fmt.Sprintf("%d granted, %d refused with 0x97, %s held and %s at the worst moment, neighbour %s, cleaned up in %s",
			granted, quota, mega(held), mega(peak), took, short(cleaned)))
}

// retainBomb has a client retain n messages, a hundred on their way at a time, and
// counts what is stored and what is refused with "quota exceeded".
func retainBomb(s *server, client string, n int) (stored, quota int, err error) {
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5, ClientID: client})
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	const many = 100
	for k := 0; k < n; k += many {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		for j := range many {
			c.Publish(mqtt.Publish{Topic: fmt.Appendf(nil, "retained/%s/%d", client, k+j), Payload: []byte("0123456789"), QoS: 1, ID: uint16(1 + j), Retain: true})
		}
		if err := c.Flush(); err != nil {
			return stored, quota, err
		}
		for range many {
			p, err := c.Read()
			if err != nil || p.Type != mqtt.PUBACK {
				return stored, quota, fmt.Errorf("PUBACK expected, %s with code %#x came: %w", p.Type, p.Code, err)
			}
			switch p.Code {
			case 0x97:
				quota++
			default:
				stored++
			}
		}
	}
	return stored, quota, nil
}

func TestRetainedMessagesEndAtTheirLimit(t *testing.T) {
	parallel(t)
	var e embedded
	most, each := 1_000_000, 100_000
	if !prove.Full() {
		most, each = 2000, 200
		e.Limits.MaxRetained, e.Limits.MaxRetainedClient = most, each
	}
	s := embed(t, e)
	before := s.Resident()
	began := time.Now()
	stored, quota, err := retainBomb(s, "bomb", 2*each) // one device, which may have its share
	if err != nil || stored != each || quota != each {
		t.Fatalf("%d of %d stored for one client, %d refused with 0x97, %v; want %d", stored, 2*each, quota, err, each)
	}
	for k := range most / each { // and as many as would have the rest, and more
		more, refused, err := retainBomb(s, fmt.Sprint("bomb-", k), each)
		if stored, quota = stored+more, quota+refused; err != nil {
			t.Fatal(err)
		}
	}
	took, r := time.Since(began), s.report(t)
	counted := uint64(0)
	for reason, n := range r.Stats.Refused {
		if strings.Contains(reason, "retained") {
			counted += n
		}
	}
	if stored != most || r.Stats.Retained != most || counted != uint64(quota) {
		t.Errorf("%d acknowledged, %d refused with 0x97, %d stored, %d counted as refused; want %d stored", stored, quota, r.Stats.Retained, counted, most)
	}
	prove.Record(t, "retained messages end at their limits", "100,000 of one client and 1,000,000 in all stored, the rest refused with 0x97 and counted",
		fmt.Sprintf("%d of one client, %d in all, %d refused with 0x97, all counted, in %s, %s", each, stored, quota, short(took), mega(s.Resident()-before)))
}
