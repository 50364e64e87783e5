package rights

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// A right that ends between PUBREC and PUBREL ends nothing that was begun.
func TestAMessageThatWasTakenIsFinishedWithoutTheRight(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("version %d, restart %v", v, restart), func(t *testing.T) {
				t.Parallel()
				s := embed(t, embedded{Data: t.TempDir(), Rules: map[string]rule{"watcher": everything, "a": everything}})
				watcher := s.connect(mqtt.Connect{ClientID: "watcher", Persistent: true}, "watcher")
				watcher.subscribed(2, "#")
				connect := mqtt.Connect{Version: v, ClientID: "a", Persistent: true}
				a := s.connect(connect, "a")
				const n = 20
				for id := range uint16(n) {
					a.Publish(mqtt.Publish{Topic: []byte("t"), Payload: []byte(strconv.Itoa(int(id))), QoS: 2, ID: id + 1})
				}
				for range n {
					if p, ok := a.until(mqtt.PUBREC); !ok || p.Code != 0 {
						t.Fatalf("PUBREC with %#x", p.Code)
					}
				}
				s.allow("a", rule{Publish: []string{"other"}})
				if restart {
					s.restart()
					if a = s.connect(connect, "a"); !a.Session {
						t.Fatal("the session is gone")
					}
					watcher = s.connect(mqtt.Connect{ClientID: "watcher", Persistent: true}, "watcher")
				}
				unfinished := 0
				for id := range uint16(n) {
					a.Ack(mqtt.PUBREL, id+1)
				}
				for range n {
					if p, ok := a.until(mqtt.PUBCOMP); !ok || p.Code != 0 {
						t.Errorf("PUBCOMP of %d with %#x, ended %v", p.ID, p.Code, !ok)
						unfinished++
					}
				}
				if code := a.publish("t", "later", 2, false); v == mqtt.V5 && code != 0x87 {
					t.Errorf("the next one was answered with %#x", code)
				}
				got := taking(watcher, "t")
				if !slices.Equal(slices.Compact(slices.Sorted(slices.Values(got))), slices.Sorted(slices.Values(numbered(0, n)))) || !restart && len(got) != n {
					t.Errorf("the subscriber received %q", got)
				}
				prove.Record(t, "a message that was taken is finished without the right", "PUBCOMP for each, each delivered, none taken afterwards",
					fmt.Sprintf("%d messages: %d not finished, %d delivered", n, unfinished, len(got)))
			})
		}
	}
}

// shooter publishes every millisecond and says when it sent what.
type shooter struct {
	c     *client
	began time.Time
	topic string
	qos   byte
	words func(sent time.Duration) string // payload by when it was sent, since began; nil: only that

	enough   uint16        // shots
	fired    chan struct{} // closed after so many
	ended    chan struct{} // closed when the broker closed the connection
	at       time.Time     // when that was seen
	ackedOff time.Duration // the latest that was sent and acknowledged with success, since began
	open     atomic.Int64  // messages that count for the Receive Maximum
}

// read takes answers until the connection ends.
func (h *shooter) read(sentAt *sync.Map) {
	defer close(h.ended)
	for {
		p, err := h.c.Read()
		if err != nil {
			h.at = time.Now()
			return
		}
		switch p.Type {
		case mqtt.DISCONNECT:
			h.c.said = p.Code
		case mqtt.PUBACK, mqtt.PUBREC:
			if p.Type == mqtt.PUBACK || p.Code >= 0x80 { // what is received and not released is open still
				h.open.Add(-1)
			}
			if at, ok := sentAt.Load(p.ID); ok && p.Code < 0x80 {
				h.ackedOff = max(h.ackedOff, at.(time.Duration))
			}
		}
	}
}

// mostOpen is less than any Receive Maximum here, which a broker on a busy machine would find exceeded.
const mostOpen = 100

// shoot publishes every millisecond until the connection has ended.
func (h *shooter) shoot() {
	var sentAt sync.Map
	go h.read(&sentAt)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for id := uint16(1); ; {
		select {
		case <-h.ended:
			return
		case <-tick.C:
		}
		if h.open.Load() >= mostOpen {
			continue
		}
		now := time.Since(h.began)
		sentAt.Store(id, now)
		payload := strconv.FormatInt(int64(now), 10)
		if h.words != nil {
			payload = h.words(now)
		}
		h.c.Publish(mqtt.Publish{Topic: []byte(h.topic), Payload: []byte(payload), QoS: h.qos, ID: id})
		if h.c.Flush() != nil {
			<-h.ended
			return
		}
		if id == h.enough {
			close(h.fired)
		}
		if id++; h.qos > 0 {
			h.open.Add(1)
		}
	}
}

// trial disables a user that publishes, and gives how long after that it was
// connected and what of later was taken.
func trial(s *server, watcher *mqtt.Conn, began time.Time, k int) (closed time.Duration, returned time.Duration, h *shooter) {
	user := fmt.Sprint("user ", k)
	s.order(order{User: user, Rule: &everything})
	h = &shooter{
		c:     s.connect(mqtt.Connect{Version: versions[k/3%2], ClientID: user, Persistent: k%5 == 0}, user),
		began: began, topic: fmt.Sprint("shot/", k), qos: byte(k % 3), enough: uint16(3 + k%9), fired: make(chan struct{}), ended: make(chan struct{}),
	}
	h.c.deadline()
	var gun sync.WaitGroup
	gun.Go(h.shoot)
	select {
	case <-h.fired:
	case <-h.ended:
		s.t.Errorf("trial %d was closed too early", k)
	}
	asked := time.Now()
	s.order(order{User: user, Rule: &rule{Disabled: true}, Recheck: true})
	returned = time.Since(began)
	gun.Wait()
	return h.at.Sub(asked), returned, h
}

func TestNothingIsTakenFromAUserOnceHeIsDisabled(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{Rules: map[string]rule{"watcher": everything}})
	watcher := s.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
	watcher.subscribed(0, "shot/#")
	n := prove.Size(48, 1000)
	returned, closed, said, late := make([]time.Duration, n), make([]time.Duration, n), 0, 0
	began := time.Now()
	const together = 4
	for from := 0; from < n; from += together {
		var wg sync.WaitGroup
		var mu sync.Mutex
		for k := from; k < min(from+together, n); k++ {
			wg.Go(func() {
				var h *shooter
				closed[k], returned[k], h = trial(s, watcher.Conn, began, k)
				mu.Lock()
				defer mu.Unlock()
				if h.c.v == mqtt.V5 && h.c.said != 0x98 {
					t.Errorf("trial %d ended with %#x, want 0x98", k, h.c.said)
					said++
				}
				if h.ackedOff > returned[k] {
					t.Errorf("trial %d: acknowledged what was sent %s after the call had returned", k, h.ackedOff-returned[k])
					late++
				}
			})
		}
		wg.Wait()
		watcher.settle()
	}
	for _, m := range watcher.got {
		var k int
		var sent int64
		if _, err := fmt.Sscan(m.topic[len("shot/"):]+" "+m.payload, &k, &sent); err != nil {
			t.Fatal(err)
		}
		if time.Duration(sent) > returned[k] {
			t.Errorf("trial %d: delivered what was sent %s after the call had returned", k, time.Duration(sent)-returned[k])
			late++
		}
	}
	slices.Sort(closed)
	p99 := closed[n*99/100]
	if prove.Full() && p99 > 200*time.Millisecond {
		t.Errorf("p99 of closing is %s, want 200 ms", p99)
	}
	if len(watcher.got) < n {
		t.Errorf("only %d messages came at all", len(watcher.got))
	}
	prove.Record(t, "nothing is taken from a user once he is disabled", "1,000 times: 0 taken after the call returned, closed within 200 ms (p99), reason 0x98",
		fmt.Sprintf("%d times, %d messages: %d taken after, closed p99 %s, max %s, %d without 0x98", n, len(watcher.got), late,
			p99.Round(100*time.Microsecond), closed[n-1].Round(100*time.Microsecond), said))
}

// What a message says of an answer gives nobody a right.
func TestAResponseTopicGivesNoRight(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{
		Commands: []string{"door/#"},
		Rules: map[string]rule{
			"watcher": everything, "a": {Publish: []string{"ask/#"}, Read: []string{"answer/a/#"}},
			"responder": {Publish: []string{"#"}, Read: []string{"ask/#"}},
		},
	})
	watcher := s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: "watcher"}, "watcher")
	watcher.subscribed(1, "#")
	responder := s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: "responder"}, "responder")
	responder.subscribed(1, "ask/#")
	a := s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: "a", Properties: mqtt.Properties{}.Number(mqtt.RequestResponse, 1)}, "a")
	gained := 0
	gain := func(what string, is bool) {
		if is {
			t.Errorf("gained: %s", what)
			gained++
		}
	}
	denied := []string{"secret/x", "answer/b", "door/1", "$SYS/broker/uptime", "$share/g/secret/x", "ask/other"}
	for k, name := range denied {
		for qos := range byte(3) {
			before := len(responder.got)
			ps := mqtt.Properties{}.Text(mqtt.ResponseTopic, name).Text(mqtt.CorrelationData, name)
			if code := a.publishWith(mqtt.Publish{Topic: []byte("ask/1"), Payload: []byte("?"), QoS: qos, Retain: qos == 1, Properties: ps}); code != 0 {
				t.Errorf("asking with the response topic %q: %#x", name, code)
			}
			responder.await("the question", func() bool { return len(responder.got) > before })
			// Nothing is published there by that, and it is neither received nor written.
			if name != "ask/other" {
				gain("the right to publish to "+name, a.publish(name, "x", 1, false) == 0)
			}
			gain("the right to read "+name, a.subscribe(1, name)[0] < 0x80)
		}
		if code := responder.publish(name, fmt.Sprint("answer ", k), 1, false); code != 0 && k < 2 {
			t.Errorf("the answer on %q: %#x", name, code)
		}
	}
	a.settle()
	gain(fmt.Sprint("messages: ", a.got), len(a.got) > 0)
	if code := responder.publish("answer/a/1", "allowed", 1, false); code != 0 {
		t.Errorf("an answer where it may be read: %#x", code)
	}
	a.subscribed(1, "answer/a/#")
	responder.publish("answer/a/1", "allowed", 1, false)
	a.await("what may be read", func() bool { return len(a.got) == 1 })
	watcher.settle()
	for _, m := range watcher.got {
		gain("a message on "+m.topic, m.payload == "x" || m.topic[0] == '$' || m.topic == "door/1")
	}
	prove.Record(t, "a response topic and correlation data give no right", "0 gained", fmt.Sprintf("%d topics at 3 QoS: %d gained", len(denied), gained))
}
