package property

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/devices/wire"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// doorKeepAlive is short, so that a server that does not answer in time is noticed.
const doorKeepAlive = 2 // s

// door is a gate without movement: it acts on each command in the instant in which
// it comes, and remembers when that was.
type door struct {
	Device
	line *mqtt.Conn
	id   uint16
	end  chan struct{}
	over sync.WaitGroup

	mu    sync.Mutex
	acted map[string]time.Time // first arrival, by command
	twice int
	lost  error // why the line ended by itself
}

// doors enrols n gates, connects each, and waits until all are shown.
func (h *House) doors(t *testing.T, zone string, n int) []*door {
	t.Helper()
	all := make([]*door, n)
	for i, d := range h.Devices(zone, "gate", n) {
		all[i] = &door{Device: d, end: make(chan struct{}), acted: map[string]time.Time{}}
		all[i].connect(t, h.MQTT())
	}
	prove.Eventually(t, "all doors are shown closed", func() bool {
		var s struct {
			Devices []struct {
				Kind, Physical string
				Link           struct{ Status string }
			}
		}
		h.Get("/live/snapshot", &s)
		closed := 0
		for _, d := range s.Devices {
			if d.Link.Status == "online" && d.Physical == "closed" {
				closed++
			}
		}
		return closed >= n // those of earlier rounds are away
	})
	return all
}

func (d *door) connect(t *testing.T, address string) {
	t.Helper()
	c, err := mqtt.Dial(address, mqtt.Options{Timeout: served.Patience, Connect: mqtt.Connect{
		ClientID: d.ClientID, User: d.Username, Password: d.Password, KeepAlive: doorKeepAlive,
	}})
	if err != nil {
		t.Fatal(err)
	}
	d.line = c
	c.Subscribe(d.next(), 1, d.Topic("command"))
	d.say("state", map[string]any{"at": time.Now().UnixMilli(), "mode": "controlled", "physical": "closed", "capabilities": []string{"open", "close"}})
	d.over.Go(d.live)
	t.Cleanup(func() {
		close(d.end)
		_ = c.Close()
		d.over.Wait()
	})
}

func (d *door) next() uint16 {
	d.id = max(1, d.id+1)
	return d.id
}

func (d *door) say(channel string, payload map[string]any) {
	b, _ := json.Marshal(payload) // made of texts and numbers
	d.line.Publish(mqtt.Publish{Topic: []byte(d.Topic(channel)), QoS: 1, ID: d.next(), Payload: b})
}

// live reads, and speaks at least twice in the time of its keep-alive.
func (d *door) live() {
	for {
		d.line.Ping()
		err := d.line.Flush()
		for end := time.Now().Add(doorKeepAlive * time.Second / 2); err == nil; {
			var p mqtt.Packet
			if err = d.line.SetReadDeadline(end); err == nil {
				p, err = d.line.Read()
			}
			if err == nil && p.Type == mqtt.PUBLISH {
				d.act(p)
				err = d.line.Flush()
			}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		select {
		case <-d.end:
		default:
			d.mu.Lock()
			d.lost = err
			d.mu.Unlock()
		}
		return
	}
}

func (d *door) act(p mqtt.Packet) {
	now := time.Now()
	c, err := wire.DecodeCommand(p.Publish.Payload)
	if err != nil {
		return
	}
	d.mu.Lock()
	if _, again := d.acted[c.ID]; again {
		d.twice++
	} else {
		d.acted[c.ID] = now
	}
	d.mu.Unlock()
	d.line.Ack(mqtt.PUBACK, p.Publish.ID)
	d.say("answer", map[string]any{"id": c.ID, "outcome": "done", "at": now.UnixMilli()})
	d.say("state", map[string]any{
		"at": now.UnixMilli(), "mode": "controlled", "physical": map[string]string{"open": "open", "close": "closed"}[c.Action],
		"command": c.ID, "capabilities": []string{"open", "close"},
	})
}

func (d *door) actedOn(id string) (at time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok = d.acted[id]
	return at, ok
}

// seenOrder is a command as the API shows it.
type seenOrder struct {
	ID, Device, Step string
	Ended            bool
	RecordPending    bool
	Rungs            []struct {
		Step   string
		At     time.Time
		Detail string
	}
}

func (o seenOrder) has(step string) bool {
	return slices.ContainsFunc(o.Rungs, func(r struct {
		Step   string
		At     time.Time
		Detail string
	}) bool {
		return r.Step == step
	})
}

// press orders a door open and gives the command, and how long it took from the
// request until the door acted. It may be used by many at once.
func (h *House) press(d *door, action, key string) (o seenOrder, took time.Duration, err error) {
	began := time.Now()
	if err := h.Try("POST", "/devices/"+d.ID+"/commands", Body{"action": action}, 202, &o, "Idempotency-Key", key); err != nil {
		return o, 0, err
	}
	for end := began.Add(served.Patience); ; <-time.After(time.Millisecond) {
		if at, ok := d.actedOn(o.ID); ok {
			return o, at.Sub(began), nil
		}
		if time.Now().After(end) {
			return o, 0, fmt.Errorf("the door never acted on %s", o.ID)
		}
	}
}

func (h *House) command(id string) (o seenOrder) {
	h.t.Helper()
	h.Get("/commands/"+id, &o)
	return o
}

// recorded waits until commands have ended and nothing of them waits for the disk,
// and counts the audit entries that each of them has.
func (h *House) recorded(t *testing.T, ids []string) (all []seenOrder, entries map[string]int) {
	t.Helper()
	for _, id := range ids {
		var o seenOrder
		prove.Eventually(t, "command "+id+" is recorded to its end", func() bool {
			o = h.command(id)
			return o.Ended && !o.RecordPending
		})
		all = append(all, o)
	}
	return all, h.auditOf(t, ids)
}

// auditOf counts the audit entries of commands.
func (h *House) auditOf(t *testing.T, ids []string) map[string]int {
	t.Helper()
	entries := map[string]int{}
	h.audit(func(e seenEntry) {
		if e.Verb == "device.command" && slices.Contains(ids, e.Detail.Command) {
			entries[e.Detail.Command]++
		}
	})
	return entries
}

// seenEntry is a line of the audit trail as the API shows it.
type seenEntry struct {
	ID           int64
	Verb, Object string
	Actor        struct{ ID string }
	Detail       struct{ Command string }
}

// audit visits the whole trail, newest first.
func (h *House) audit(visit func(seenEntry)) {
	h.t.Helper()
	for before := int64(0); ; {
		var page struct{ Entries []seenEntry }
		h.Get(fmt.Sprintf("/audit?limit=500&before=%d", before), &page)
		for _, e := range page.Entries {
			visit(e)
			before = e.ID
		}
		if len(page.Entries) < 500 {
			return
		}
	}
}
