package property

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/devices/wire"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// quick is a gate without movement that costs this process little: it acts on each
// command in the instant in which it comes, and speaks when it is told to.
type quick struct {
	idle

	// Guarded by the mutex of idle.
	acted  map[string]int // how often, by command
	passed int64
	said   int // events of all kinds
	billed int
}

// quicks connects gates, and waits until the feed has them all online.
func (h *House) quicks(t *testing.T, of []Device, w *watcher) []*quick {
	t.Helper()
	all := make([]*quick, len(of))
	for i, d := range of {
		all[i] = &quick{idle: idle{Device: d}, acted: map[string]int{}}
	}
	var reading sync.WaitGroup
	t.Cleanup(func() {
		for _, d := range all {
			if d.line != nil {
				d.line.Cut()
			}
		}
		reading.Wait()
	})
	each(t, all, func(d *quick) error {
		if err := d.dial(h.MQTT()); err != nil {
			return err
		}
		reading.Go(d.live)
		return d.report()
	})
	prove.Eventually(t, "all devices are online", func() bool { return w.online() == len(all) })
	return all
}

// live reads and obeys until the connection ends.
func (d *quick) live() {
	for {
		p, err := d.line.Read()
		if err != nil {
			return
		}
		d.mu.Lock()
		switch p.Type {
		case mqtt.PUBLISH:
			if p.Publish.QoS == 1 {
				d.line.Ack(mqtt.PUBACK, p.ID)
			}
			if string(p.Publish.Topic) == d.Topic("command") {
				d.act(p.Publish.Payload)
			}
		case mqtt.PUBREC:
			d.line.Ack(mqtt.PUBREL, p.ID)
		}
		_ = d.line.Flush() // Read says if it has ended
		d.mu.Unlock()
	}
}

// act opens, and says so. Its caller holds the mutex.
func (d *quick) act(payload []byte) {
	c, err := wire.DecodeCommand(payload)
	if err != nil {
		return // it is never answered, which the ladder shows
	}
	d.acted[c.ID]++
	now := time.Now().UnixMilli()
	d.say("answer", 1, map[string]any{"id": c.ID, "outcome": "done", "at": now})
	d.say("state", 1, map[string]any{
		"at": now, "mode": "controlled", "physical": "open", "command": c.ID, "firmware": "1.0",
		"capabilities": []string{"open", "close", "stop", "mode"}, "counters": map[string]int64{"in": d.passed},
	})
}

// say writes a message. Its caller holds the mutex, and flushes.
func (d *quick) say(channel string, qos byte, payload map[string]any) {
	b, _ := json.Marshal(payload) // made of texts and numbers
	d.id = d.id%1000 + 3
	d.line.Publish(mqtt.Publish{Topic: []byte(d.Topic(channel)), QoS: qos, ID: d.id, Payload: b, Retain: channel == "state"})
}

// talk says the n-th thing of a busy day: a passage, what it was paid, or that the
// gate is closed again and has counted.
func (d *quick) talk(n int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now().UnixMilli()
	switch n % 5 {
	case 0:
		d.said++
		d.say("event", 1, map[string]any{
			"id": fmt.Sprintf("e-%d", d.said), "seq": d.said, "at": now, "type": "passage", "direction": "in", "result": "granted", "credential": "card:0004512",
		})
	case 1:
		d.billed++
		d.say("billing", 2, map[string]any{"id": fmt.Sprintf("b-%d", d.billed), "seq": d.billed, "at": now, "amount": 1500, "currency": "CNY", "for": "停车 parking"})
	default:
		d.passed++
		d.say("state", 1, map[string]any{
			"at": now, "mode": "controlled", "physical": "closed", "firmware": "1.0",
			"capabilities": []string{"open", "close", "stop", "mode"}, "counters": map[string]int64{"in": d.passed},
		})
	}
	return d.line.Flush()
}

// did is how often the gate acted on a command.
func (d *quick) did(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.acted[id]
}

// inTurn has something done so many times a second, counted from 0, until it is
// stopped or fails. What is late is done at once.
func inTurn(t *testing.T, perSecond int, do func(n int) error) (stop func() (done int)) {
	t.Helper()
	end, over, done := make(chan struct{}), make(chan struct{}), 0
	go func() {
		defer close(over)
		for began := time.Now(); ; done++ {
			select {
			case <-end:
				return
			case <-time.After(time.Until(began.Add(time.Duration(done) * time.Second / time.Duration(perSecond)))):
			}
			if err := do(done); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	stopped := sync.OnceFunc(func() { close(end); <-over })
	t.Cleanup(stopped)
	return func() int { stopped(); return done }
}
