package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// seenQuarantine is what the tests look at of messages that were not understood.
type seenQuarantine struct {
	Device, Topic, Why, Problem string
	Payload                     []byte
}

func (s *staff) quarantined(device string) (of []seenQuarantine) {
	s.t.Helper()
	var l struct{ Messages []seenQuarantine }
	s.get("/quarantine?limit=500", &l)
	for _, q := range l.Messages {
		if q.Device == device {
			of = append(of, q)
		}
	}
	return of
}

func (s *staff) eventIDs(device string) (ids []string) {
	s.t.Helper()
	var l struct{ Events []struct{ ID string } }
	s.get("/events?limit=500&device="+device, &l)
	for _, e := range l.Events {
		ids = append(ids, e.ID)
	}
	return ids
}

// send publishes bytes and gives the reason of the acknowledgement; closed is whether
// the connection ended instead.
func (w *wired) send(topic string, payload []byte, dup bool) (reason byte, closed bool) {
	w.t.Helper()
	id := w.packet()
	w.line.Publish(mqtt.Publish{Topic: []byte(topic), QoS: 1, ID: id, Dup: dup, Payload: payload})
	if err := w.line.Flush(); err != nil {
		return 0, true
	}
	p, err := w.within(patience, func(p mqtt.Packet) bool { return p.Type == mqtt.PUBACK && p.ID == id })
	return p.Code, err != nil
}

// outcome is what a row of the table says.
type outcome struct {
	accepted, refused, closed bool
	quarantined               string // the reason
}

// table reads the rows of "What becomes of a bad message": message to outcome.
func table(t *testing.T) map[string]outcome {
	t.Helper()
	text, err := os.ReadFile("../../docs/mqtt.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "### What becomes of a bad message")
	if !ok {
		t.Fatal("docs/mqtt.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n### ")
	rows := map[string]outcome{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \|`).FindAllStringSubmatch(section, -1) {
		said := m[2]
		o := outcome{accepted: strings.HasPrefix(said, "accepted once"), refused: strings.HasPrefix(said, "refused"), closed: strings.Contains(said, "closed")}
		if q := regexp.MustCompile("^quarantined `(.+)`$").FindStringSubmatch(said); q != nil {
			o.quarantined = q[1]
		}
		if o != (outcome{}) {
			rows[m[1]] = o
		}
	}
	return rows
}

func event(id string, seq int, at int64, more string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"seq":%d,"at":%d,"type":"passage","result":"granted"%s}`, id, seq, at, more)
}

// bad are the messages of the table: what a device sends, and the id of the event
// that is accepted, if one is.
var bad = map[string]func(w *wired, now int64) (topic string, payload []byte, dup bool, accepted string){
	"not JSON, a missing field, a value out of range": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("state"), fmt.Appendf(nil, `{"at":%d,"physical":"ajar","capabilities":[]}`, now), false, ""
	},
	"nothing at all": func(w *wired, _ int64) (string, []byte, bool, string) { return w.own("event"), nil, false, "" },
	"a report of over 64 KiB": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("event"), event("huge", 1, now, `,"x":"`+strings.Repeat("x", 70_000)+`"`), false, ""
	},
	"a packet over `mqtt.max_packet_size`": func(w *wired, _ int64) (string, []byte, bool, string) {
		return w.own("event"), make([]byte, 5<<20), false, ""
	},
	"an event that its kind does not have": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("event"), fmt.Appendf(nil, `{"id":"climb","seq":1,"at":%d,"type":"climb_over"}`, now), false, ""
	},
	"a topic of another version": func(w *wired, now int64) (string, []byte, bool, string) {
		return strings.Replace(w.own("event"), "/v1/", "/v2/", 1), event("v2", 1, now, ""), false, ""
	},
	"a channel that goes down": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("command"), event("down", 1, now, ""), false, ""
	},
	"a topic of another device": func(w *wired, now int64) (string, []byte, bool, string) {
		return strings.Replace(w.own("event"), w.device.ID, "somebody", 1), event("other", 1, now, ""), false, ""
	},
	"an answer to a command that was not sent to it": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("answer"), fmt.Appendf(nil, `{"id":"never-sent","outcome":"done","at":%d}`, now), false, ""
	},
	"the same packet again (DUP)": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("event"), event("first", 1, 1767225600000, ""), true, "first"
	},
	"an event that was said before": func(w *wired, _ int64) (string, []byte, bool, string) {
		return w.own("event"), event("first", 1, 1767225600000, ""), false, "first"
	},
	"an event id with other content": func(w *wired, _ int64) (string, []byte, bool, string) {
		return w.own("event"), event("first", 1, 1767225600000, `,"direction":"out"`), false, ""
	},
	"an event dated in the future": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("event"), event("future", 2, now+40*365*86_400_000, ""), false, "future"
	},
	"an event of long ago": func(w *wired, _ int64) (string, []byte, bool, string) {
		return w.own("event"), event("past", 3, 86_400_000, ""), false, "past"
	},
	"a lower `seq` than before": func(w *wired, now int64) (string, []byte, bool, string) {
		return w.own("event"), event("lower", 0, now, ""), false, "lower"
	},
	"what is no JPEG picture": func(w *wired, _ int64) (string, []byte, bool, string) {
		return w.own("picture/first"), []byte("GIF89a"), false, ""
	},
}

func (w *wired) own(channel string) string { return w.login.TopicPrefix + "/" + channel }

func TestEveryBadMessageEndsAsTheTableSaysAndTheDeviceGoesOn(t *testing.T) {
	t.Parallel()
	rows := table(t)
	for name := range bad {
		if _, ok := rows[name]; !ok {
			t.Errorf("the table of docs/mqtt.md has no row %q", name)
		}
	}
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	together(t, 2, p, s, func(w *wired) {
		w.connect(100)
		if reason, closed := w.send(w.own("event"), event("first", 1, 1767225600000, ""), false); reason != 0 || closed {
			w.t.Fatalf("the first event: reason %#x", reason)
		}
		physical := []string{"open", "closed"}
		i := 0
		for name, want := range rows {
			message, ok := bad[name]
			if !ok {
				w.t.Errorf("nobody sends %q", name)
				continue
			}
			kept, events := len(w.quarantined(w.device.ID)), w.eventIDs(w.device.ID)
			topic, payload, dup, id := message(w, time.Now().UnixMilli())
			for range 2 { // twice: a device that saw no acknowledgement
				reason, closed := w.send(topic, payload, dup)
				w.ends(name, want, reason, closed)
				if closed {
					w.connect(100)
				}
			}
			i++
			w.report(physical[i%2], "") // it goes on
			if got := w.staff.device(w.device.ID); got.Physical != physical[i%2] || got.Link.Status != "online" {
				w.t.Errorf("%s: after it the device is %+v", name, got)
			}
			w.kept(name, want, kept, events, id)
		}
	})
}

// ends checks how the broker answers.
func (w *wired) ends(name string, want outcome, reason byte, closed bool) {
	w.t.Helper()
	if closed != want.closed {
		w.t.Errorf("%s: connection closed: %v", name, closed)
	}
	refused := byte(0)
	if want.refused && !want.closed && w.version == mqtt.V5 {
		refused = 0x87
	}
	if !closed && reason != refused && (refused != 0 || reason >= 0x80) {
		w.t.Errorf("%s: acknowledged with %#x, want %#x", name, reason, refused)
	}
}

// kept checks what is stored after a message came twice.
func (w *wired) kept(name string, want outcome, before int, events []string, id string) {
	w.t.Helper()
	all := w.quarantined(w.device.ID)
	fresh := all[:len(all)-before]
	most := 2
	if want.quarantined == "other_content" {
		most = 1 // the same bytes are the same conflict
	}
	switch {
	case want.quarantined == "" && len(fresh) != 0:
		w.t.Errorf("%s: quarantined as %+v", name, fresh)
	case want.quarantined != "" && len(fresh) != most:
		w.t.Errorf("%s: %d quarantined, want %d", name, len(fresh), most)
	case want.quarantined != "" && fresh[0].Why != want.quarantined:
		w.t.Errorf("%s: quarantined as %s (%s)", name, fresh[0].Why, fresh[0].Problem)
	}
	now := w.eventIDs(w.device.ID)
	n := 0
	for _, e := range now {
		if e == id {
			n++
		}
	}
	if want.accepted && n != 1 {
		w.t.Errorf("%s: stored %d times", name, n)
	}
	if added := len(now) - len(events); !want.accepted && added != 0 || added > 1 {
		w.t.Errorf("%s: %d events more", name, added)
	}
	slices.Sort(now)
	if len(slices.Compact(now)) != len(w.eventIDs(w.device.ID)) {
		w.t.Errorf("%s: an event is there twice: %v", name, now)
	}
}

func TestOtherContentIsOneConflictAndOneAlarmThroughKills(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := spawn(t, dir)
	s := signUp(t, &p.program)
	gates := make([]*wired, prove.Size(4, 40))
	for i := range gates {
		gates[i] = s.wire(&p.program, []mqtt.Version{mqtt.V311, mqtt.V5}[i%2])
		gates[i].connect(100)
		gates[i].send(gates[i].own("event"), event("e1", 1, 1767225600000, `,"direction":"in"`), false)
	}
	rounds := prove.Size(3, 20)
	for range rounds {
		for _, w := range gates { // what is said here may be acknowledged, stored or lost when the process ends
			w.line.Publish(mqtt.Publish{Topic: []byte(w.own("event")), QoS: 1, ID: w.packet(), Payload: event("e1", 1, 1767225600000, `,"direction":"out"`)})
			w.flush()
		}
		p.kill()
		p = spawn(t, dir)
		s = signIn(t, &p.program)
		for _, w := range gates {
			w.staff, w.mqtt = s, p.MQTT
			w.connect(100)
		}
	}
	for _, w := range gates { // whatever was lost: it is said until it is acknowledged
		w.send(w.own("event"), event("e1", 1, 1767225600000, `,"direction":"out"`), false)
	}
	conflicts, raised, applied := 0, int64(0), 0
	for _, w := range gates {
		eventually(t, "the conflict is an alarm", func() bool { return s.openAlarms(w.device.ID)["other_content"].Count > 0 })
		conflicts += len(s.quarantined(w.device.ID))
		raised += s.openAlarms(w.device.ID)["other_content"].Count
		var l struct {
			Events []struct{ ID, Direction string }
		}
		s.get("/events?device="+w.device.ID, &l)
		if len(l.Events) != 1 || l.Events[0].Direction != "in" {
			applied++
		}
	}
	if conflicts != len(gates) || raised != int64(len(gates)) || applied != 0 {
		t.Errorf("%d devices: %d conflicts kept, %d raised, %d events changed", len(gates), conflicts, raised, applied)
	}
	prove.Record(t, "another content under an event id, through SIGKILL at every round: one conflict and one alarm each, what was said first stays",
		fmt.Sprintf("%d, %d, 0 changed", len(gates), len(gates)), fmt.Sprintf("%d, %d, %d changed in %d kills", conflicts, raised, applied, rounds))
}
