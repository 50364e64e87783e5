package rights

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// holder is one of two programs with the same client identifier and credential: it
// connects again as soon as its connection has ended.
type holder struct {
	s *server
	mqtt.Connect
	seen map[string]bool // payloads that came
	last *mqtt.Conn      // the connection that it had when it was stopped
}

// fight goes on until stop says so, and leaves the last connection open.
func (h *holder) fight(stop func() bool) {
	for !stop() {
		c, err := mqtt.Dial(h.s.Addr, mqtt.Options{Connect: h.Connect, Timeout: patience})
		var refused *mqtt.RefusedError
		if errors.As(err, &refused) {
			h.s.t.Errorf("refused with %#x", refused.Code)
			return
		}
		if err != nil {
			continue // the other one came before the answer
		}
		h.s.t.Cleanup(c.Cut)
		h.last = c
		for alive := true; alive && !stop(); {
			alive = h.read(c)
		}
	}
}

// read takes what comes for a moment; false if the connection has ended.
func (h *holder) read(c *mqtt.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	for {
		p, err := c.Read()
		if gone(err) {
			return false
		}
		if err != nil {
			return true
		}
		if p.Type == mqtt.PUBLISH {
			h.seen[string(p.Publish.Payload)] = true
			c.Ack(mqtt.PUBACK, p.ID)
			if c.Flush() != nil {
				return false
			}
		}
	}
}

func TestTwoWhoFightOverAnIdentifierLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{Data: t.TempDir(), Rules: map[string]rule{
		"a": {Publish: []string{"#"}, Read: []string{"#"}}, "b": {Publish: []string{"#"}, Read: []string{"#"}},
	}})
	b := s.connect(mqtt.Connect{ClientID: "b"}, "b")
	first := s.connect(mqtt.Connect{ClientID: "a", Persistent: true}, "a")
	first.subscribed(1, "for/a")
	first.goodbye()
	before, descriptors := s.report(), s.Descriptors()
	wanted := prove.Size(100, 1000)

	began := time.Now()
	var told atomic.Int64
	var over atomic.Bool
	var both sync.WaitGroup
	holders := []*holder{}
	for _, v := range versions {
		h := &holder{s: s, Connect: mqtt.Connect{Version: v, ClientID: "a", Persistent: true, User: "a", Password: "a"}, seen: map[string]bool{}}
		holders = append(holders, h)
		both.Go(func() { h.fight(over.Load) })
	}
	sent := 0
	for s.report().Stats.TakeOvers < uint64(wanted) {
		publishAll(b, "for/a", sent, sent+5)
		sent += 5
		if told.Load() == 0 && strings.Contains(s.Stderr.String(), "fought over") {
			told.Store(int64(time.Since(began)))
		}
		if time.Since(began) > 3*patience {
			t.Fatalf("%d take-overs", s.report().Stats.TakeOvers)
		}
	}
	during := s.report()
	over.Store(true)
	both.Wait()
	if took := time.Duration(told.Load()); took == 0 || took > 10*time.Second {
		t.Errorf("it was told after %s, want 10 s: %s", took, s.Stderr)
	}
	info := during.Clients[slices.IndexFunc(during.Clients, func(c broker.ClientInfo) bool { return c.Client == "a" })]
	if during.Stats.Contested != 1 || info.TakeOvers < wanted {
		t.Errorf("%d identifiers are fought over, with %d take-overs", during.Stats.Contested, info.TakeOvers)
	}

	// Nobody is there when both have gone, and one is when one comes; all messages came
	// to one of them.
	for _, h := range holders {
		if h.last != nil {
			h.read(h.last)
			h.last.Cut()
		}
	}
	prove.Eventually(t, "the watcher believes that the client is down", func() bool {
		r := s.report()
		up, _ := presenceOf(r, "a")
		return !up && r.Stats.Connected == 1
	})
	c := s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: "a", Persistent: true}, "a")
	c.settle()
	lost := 0
	for _, n := range numbered(0, sent) {
		if !holders[0].seen[n] && !holders[1].seen[n] && !slices.Contains(c.payloads("for/a"), n) {
			lost++
		}
	}
	var after report
	prove.Eventually(t, "the connections of before have ended", func() bool {
		after = s.report()
		return after.Stats.Connections == 2 && after.Goroutines <= before.Goroutines+5 && s.Descriptors() <= descriptors+5
	})
	up, wrong := presenceOf(after, "a")
	if !up || wrong != 0 {
		t.Errorf("the watcher believes that the client is up: %v; %d changes out of order", up, wrong)
	}
	if after.Stats.Sessions != before.Stats.Sessions {
		t.Errorf("%d sessions, before %d", after.Stats.Sessions, before.Stats.Sessions)
	}
	if lost > 0 {
		t.Errorf("%d of %d messages are lost", lost, sent)
	}
	prove.Record(t, "two who fight over a client identifier leave nothing behind", "1,000 take-overs: no leak, one is up at the end, told within 10 s, 0 of the messages lost",
		fmt.Sprintf("%d take-overs: goroutines %+d, descriptors %+d, sessions %+d, up %v, told after %s, %d of %d messages lost",
			after.Stats.TakeOvers, after.Goroutines-before.Goroutines, s.Descriptors()-descriptors, after.Stats.Sessions-before.Stats.Sessions,
			up, time.Duration(told.Load()).Round(time.Millisecond), lost, sent))
}

// presenceOf says what a watcher believes of a client at the end, and how many
// changes were not in order: up, then down, with an epoch that rises.
func presenceOf(r report, client string) (up bool, wrong int) {
	var epoch uint64
	for _, p := range r.Presences {
		if string(p.Client) != client {
			continue
		}
		if p.Up == up || p.Up && p.Epoch <= epoch || !p.Up && p.Epoch != epoch {
			wrong++
		}
		up, epoch = p.Up, p.Epoch
	}
	return up, wrong
}
