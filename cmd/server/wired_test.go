package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/devices/wire"
	"gatehouse/prove/mqtt"
)

// wired is a gate on raw bytes with no sense of time: it acts on every command
// message that reaches it, and its test decides what it acknowledges and says, and
// when its line ends.
type wired struct {
	*staff
	mqtt    string
	version mqtt.Version
	device  seenDevice
	login   seenCredential
	line    *mqtt.Conn
	id      uint16
	seen    map[string]int // command messages that arrived, by command
}

// wire enrols a gate that speaks a version; it is not connected yet.
func (s *staff) wire(p *program, v mqtt.Version) *wired {
	s.t.Helper()
	d, c := s.enrol("gate")
	return &wired{staff: s, mqtt: p.MQTT, version: v, device: d, login: c, seen: map[string]int{}}
}

// connect opens a line, with the session of the last one, and waits until it is
// known. window is how many messages may be unacknowledged, of version 5.
func (w *wired) connect(window uint32) {
	w.t.Helper()
	o := mqtt.Options{Connect: mqtt.Connect{
		Version: w.version, ClientID: w.login.ClientID, Persistent: true, KeepAlive: 30, User: w.login.Username, Password: w.login.Password,
	}}
	if w.version == mqtt.V5 {
		o.Properties = mqtt.Properties{}.Number(mqtt.SessionExpiryInterval, 3600).Number(mqtt.ReceiveMaximum, window)
	}
	line, err := mqtt.Dial(w.mqtt, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.line = line
	w.t.Cleanup(func() { _ = line.Close() })
	w.line.Subscribe(w.packet(), 1, w.login.TopicPrefix+"/command")
	w.flush()
	w.read(func(p mqtt.Packet) bool { return p.Type == mqtt.SUBACK })
	w.report("closed", "")
	eventually(w.t, "it is online", func() bool {
		d := w.staff.device(w.device.ID)
		return d.Link.Status == "online" && d.Physical == "closed"
	})
}

func (w *wired) packet() uint16 {
	w.id++
	if w.id == 0 {
		w.id = 1
	}
	return w.id
}

func (w *wired) flush() {
	w.t.Helper()
	if err := w.line.Flush(); err != nil {
		w.t.Fatal(err)
	}
}

// read takes packets until one fits; commands among them have reached the device.
func (w *wired) read(fits func(mqtt.Packet) bool) mqtt.Packet {
	w.t.Helper()
	p, err := w.within(patience, fits)
	if err != nil {
		w.t.Fatalf("the line ended: %v", err)
	}
	return p
}

func (w *wired) within(d time.Duration, fits func(mqtt.Packet) bool) (mqtt.Packet, error) {
	if err := w.line.SetReadDeadline(time.Now().Add(d)); err != nil {
		return mqtt.Packet{}, err
	}
	for {
		p, err := w.line.Read()
		if err != nil {
			return p, err
		}
		if id := commandIn(p); id != "" {
			w.seen[id]++
		}
		if fits(p) {
			return p, nil
		}
	}
}

// take waits for a command and gives the packet that it has to acknowledge; 0 if the
// command ended before it arrived, as on a machine that is too busy.
func (w *wired) take(id string) uint16 {
	w.t.Helper()
	for {
		packet, err := w.within(100*time.Millisecond, func(p mqtt.Packet) bool { return commandIn(p) == id })
		if err == nil {
			return packet.ID
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			w.t.Fatalf("the line ended: %v", err)
		}
		var c seenCommand
		if w.get("/commands/"+id, &c); c.Ended {
			return 0
		}
	}
}

// commandIn is the id of the command that a packet carries; empty: none.
func commandIn(p mqtt.Packet) string {
	if p.Type != mqtt.PUBLISH || !strings.HasSuffix(string(p.Publish.Topic), "/command") {
		return ""
	}
	c, err := wire.DecodeCommand(p.Publish.Payload)
	if err != nil {
		return "not a command: " + err.Error()
	}
	return c.ID
}

func (w *wired) acknowledge(packet uint16) {
	w.t.Helper()
	w.line.Ack(mqtt.PUBACK, packet)
	w.flush()
}

// say puts a message into the line's buffer and gives its packet identifier.
func (w *wired) say(channel string, retain bool, payload map[string]any) uint16 {
	w.t.Helper()
	b, err := json.Marshal(payload)
	if err != nil {
		w.t.Fatal(err)
	}
	id := w.packet()
	w.line.Publish(mqtt.Publish{Topic: []byte(w.login.TopicPrefix + "/" + channel), QoS: 1, ID: id, Retain: retain, Payload: b})
	return id
}

func (w *wired) answer(command, outcome string) uint16 {
	return w.say("answer", false, map[string]any{"id": command, "outcome": outcome, "at": time.Now().UnixMilli()})
}

// report says the state and waits until the server owns it.
func (w *wired) report(physical, command string) {
	w.t.Helper()
	state := map[string]any{
		"at": time.Now().UnixMilli(), "mode": "controlled", "physical": physical, "tamper": false, "capabilities": []string{"open", "close"},
	}
	if command != "" {
		state["command"] = command
	}
	w.owned(w.say("state", true, state))
}

// owned waits until the server acknowledges what was said.
func (w *wired) owned(packet uint16) {
	w.t.Helper()
	w.flush()
	w.read(func(p mqtt.Packet) bool { return p.Type == mqtt.PUBACK && p.ID == packet })
}

// told is a command as the API shows it, with its times.
type told struct {
	seenCommand
	TTLMs int64
	Rungs []struct {
		Step string
		At   time.Time
	}
}

func (c told) has(step string) bool {
	return slices.ContainsFunc(c.Rungs, func(r struct {
		Step string
		At   time.Time
	}) bool {
		return r.Step == step
	})
}

// orders gives an order that is good for ttl.
func (w *wired) orders(action string, ttl time.Duration) seenCommand {
	w.t.Helper()
	var c seenCommand
	w.must(http.MethodPost, "/devices/"+w.device.ID+"/commands", map[string]any{"action": action, "ttlMs": ttl.Milliseconds()}, http.StatusAccepted, &c, "Idempotency-Key", newKey())
	return c
}

// opens orders an opening and takes it; packet is 0 if it did not arrive.
func (w *wired) opens(ttl time.Duration) (c seenCommand, packet uint16) {
	w.t.Helper()
	c = w.orders("open", ttl)
	return c, w.take(c.ID)
}

// end waits until a command has ended.
func (w *wired) end(c seenCommand) (end told) {
	w.t.Helper()
	w.outcome(c)
	w.get("/commands/"+c.ID, &end)
	return end
}

// fence orders something and takes it: whatever was on its way before has arrived.
func (w *wired) fence() {
	w.t.Helper()
	for {
		c := w.orders("close", 5*time.Second)
		if c.Step == "failed" { // the end of the line before is still on its way
			continue
		}
		packet := w.take(c.ID)
		if packet == 0 {
			continue
		}
		w.acknowledge(packet)
		w.owned(w.answer(c.ID, "refused"))
		return
	}
}

// together runs a trial on n gates at once, half of them of each version. They are no
// subtests: of those only as many run at once as there are processors. A gate that
// fails ends, with its test failed, and the others go on.
func together(t *testing.T, n int, p *program, s *staff, trial func(w *wired)) {
	t.Helper()
	var gates sync.WaitGroup
	for i := range n {
		w := s.wire(p, []mqtt.Version{mqtt.V311, mqtt.V5}[i%2])
		gates.Go(func() { trial(w) })
	}
	gates.Wait()
}
