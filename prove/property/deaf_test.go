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
	"gatehouse/prove/served"
)

// deaf is a gate that takes one command and answers nothing until it is told to: a
// second one waits for it in the server.
type deaf struct {
	Device
	line *mqtt.Conn

	mu    sync.Mutex // guards what follows, and writing
	got   []string   // orders to open, as they came
	at    []time.Time
	ack   uint16 // of the first, which it owes
	awake bool
}

func (h *House) deaf(t *testing.T, zone string) *deaf {
	t.Helper()
	d := &deaf{Device: h.Device(zone, "gate", "Deaf gate")}
	c, err := mqtt.Dial(h.MQTT(), mqtt.Options{Timeout: served.Patience, Connect: mqtt.Connect{
		Version: mqtt.V5, ClientID: d.ClientID, User: d.Username, Password: d.Password, Properties: mqtt.Properties{}.Number(mqtt.ReceiveMaximum, 1),
	}})
	if err != nil {
		t.Fatal(err)
	}
	d.line = c
	c.Subscribe(1, 1, d.Topic("command"))
	d.say("state", 2, map[string]any{"mode": "controlled", "physical": "closed", "capabilities": []string{"open", "close"}})
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	var over sync.WaitGroup
	over.Go(func() {
		for {
			p, err := c.Read()
			if err != nil {
				return
			}
			if p.Type == mqtt.PUBLISH {
				d.hear(p)
			}
		}
	})
	t.Cleanup(func() { c.Cut(); over.Wait() })
	prove.Eventually(t, "the deaf gate is online", func() bool { return h.link(t, d.ID) == "online" })
	return d
}

func (d *deaf) hear(p mqtt.Packet) {
	now := time.Now()
	c, err := wire.DecodeCommand(p.Publish.Payload)
	if err != nil {
		return // the test waits for it in vain
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.Action != "open" || d.awake { // the platform may tell it its mode
		d.line.Ack(mqtt.PUBACK, p.ID)
		_ = d.line.Flush() // Read says if it has ended
	} else {
		d.ack = p.ID
	}
	if c.Action == "open" {
		d.got, d.at = append(d.got, c.ID), append(d.at, now)
	}
}

func (d *deaf) say(channel string, id uint16, payload map[string]any) {
	payload["at"] = time.Now().UnixMilli()
	b, _ := json.Marshal(payload) // made of texts and numbers
	d.line.Publish(mqtt.Publish{Topic: []byte(d.Topic(channel)), QoS: 1, ID: id, Payload: b})
}

// heard are the commands that it has.
func (d *deaf) heard() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.got...)
}

// wake has it acknowledge what it has, and answer the first command.
func (d *deaf) wake(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.awake = true
	d.line.Ack(mqtt.PUBACK, d.ack)
	d.say("answer", 3, map[string]any{"id": d.got[0], "outcome": "done"})
	d.say("state", 4, map[string]any{"mode": "controlled", "physical": "open", "command": d.got[0], "capabilities": []string{"open", "close"}})
	if err := d.line.Flush(); err != nil {
		t.Error(err)
	}
}

// leavePending leaves two commands at a gate that does not answer: one that it has,
// and one that waits for it in the server.
func (h *House) leavePending(t *testing.T, by *Staff, d *deaf) (ids []string) {
	t.Helper()
	for i := range 2 {
		var c struct{ ID string }
		by.Must("POST", "/devices/"+d.ID+"/commands", Body{"action": "open", "ttlMs": 30_000}, 202, &c, "Idempotency-Key", fmt.Sprintf("pending-%d", i))
		ids = append(ids, c.ID)
	}
	prove.Eventually(t, "the deaf gate has the first", func() bool { return len(d.heard()) == 1 })
	return ids
}
