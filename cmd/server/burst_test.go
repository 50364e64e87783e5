package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func TestABurstOfEventsDelaysNoCommandAndLosesNothing(t *testing.T) {
	alone(t)
	const each = 50
	p := spawn(t, t.TempDir())
	s := signUp(t, &p.program)
	d, c := s.enrol("gate")
	connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	watch := s.watch(t, &p.program)
	opens := func(n int, until func() bool) (took []time.Duration) {
		for i := 0; i < n || !until(); i++ {
			start := time.Now()
			id := s.order(d.ID, []string{"open", "close"}[i%2]).ID
			watch.next("confirmed", func(m *paho.Publish) bool {
				return strings.HasSuffix(m.Topic, "/command/"+id) && strings.Contains(string(m.Payload), `"step":"confirmed"`)
			})
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took
	}
	lanes := make([]*wired, prove.Size(20, 200))
	for i := range lanes {
		lanes[i] = s.wire(&p.program, []mqtt.Version{mqtt.V311, mqtt.V5}[i%2])
		lanes[i].connect(100)
	}
	calm := opens(prove.Size(4, 100), func() bool { return true })

	var sending sync.WaitGroup
	over := make(chan struct{})
	start := time.Now()
	for _, w := range lanes {
		sending.Go(func() {
			var last uint16
			for i := range each {
				last = w.packet()
				typ := []string{`"type":"passage","result":"granted"`, `"type":"tailgating"`}[i%2]
				w.line.Publish(mqtt.Publish{Topic: []byte(w.own("event")), QoS: 1, ID: last,
					Payload: fmt.Appendf(nil, `{"id":"e%d","seq":%d,"at":%d,%s}`, i, i, time.Now().UnixMilli(), typ)})
			}
			w.owned(last)
		})
	}
	var stored time.Duration
	go func() {
		sending.Wait()
		stored = time.Since(start)
		close(over)
	}()
	busy := opens(1, func() bool {
		select {
		case <-over:
			return true
		default:
			return false
		}
	})

	events, raised := 0, int64(0)
	for _, w := range lanes {
		eventually(t, "every tailgating is counted", func() bool { return s.openAlarms(w.device.ID)["tailgating"].Count >= each/2 })
		raised += s.openAlarms(w.device.ID)["tailgating"].Count
		events += len(s.eventIDs(w.device.ID))
	}
	n := len(lanes) * each
	if events != n || raised != int64(n/2) {
		t.Errorf("%d events said, %d stored; %d alarms' causes counted of %d", n, events, raised, n/2)
	}
	most := func(took []time.Duration) time.Duration { return took[len(took)-1].Round(time.Millisecond) }
	if prove.Full() && most(busy) > 300*time.Millisecond {
		t.Errorf("an order took %s during the burst", most(busy))
	}
	prove.Record(t, fmt.Sprintf("%d events at once from %d devices, half of them alarms: orders to another gate, HTTP request to confirmed on the feed", n, len(lanes)),
		"none lost, each counted once; slowest order during it at most 300 ms",
		fmt.Sprintf("%d stored in %s, %d counted; orders: %d during it, slowest %s, median %s; before it median %s, slowest %s", events, stored.Round(time.Millisecond), raised,
			len(busy), most(busy), busy[len(busy)/2].Round(time.Millisecond), calm[len(calm)/2].Round(time.Millisecond), most(calm)))
}
