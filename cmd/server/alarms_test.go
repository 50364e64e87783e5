package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
)

// seenAlarm is what the tests look at of an alarm.
type seenAlarm struct {
	ID, Device, Type, Severity, State, Loudness, Detail string
	Count                                               int64
	Cause                                               *struct{ Kind, ID string }
}

// openAlarms are those of a device that are not resolved, by type.
func (s *staff) openAlarms(device string) map[string]seenAlarm {
	s.t.Helper()
	var l struct{ Alarms []seenAlarm }
	s.get("/alarms?state=open&device="+device, &l)
	all := map[string]seenAlarm{}
	for _, a := range l.Alarms {
		all[a.Type] = a
	}
	return all
}

// says publishes an event.
func (g *gate) says(id string, seq int, typ, more string) {
	g.t.Helper()
	event := fmt.Sprintf(`{"id":%q,"seq":%d,"at":%d,"type":%q%s}`, id, seq, time.Now().UnixMilli(), typ, more)
	if reason, err := g.send(g.prefix+"/event", 1, false, []byte(event)); err != nil || reason != 0 {
		g.t.Fatalf("%s: reason %#x, %v", event, reason, err)
	}
}

func TestAnAlarmIsSeenOnTheFeedAcknowledgedAndGone(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	feed, _ := watchFeed(t, s, p)
	g.says("e1", 1, "tailgating", `,"direction":"in"`)
	topic := fmt.Sprintf("gatehouse/v1/feed/%s/%s/alarm/", d.Site, d.Zone)
	m := feed.next("the alarm on the feed", func(m *paho.Publish) bool { return strings.HasPrefix(m.Topic, topic) })
	a := s.openAlarms(d.ID)["tailgating"]
	if a.State != "over" || a.Loudness != "loud" || a.Severity != "minor" || a.Detail != "in" || a.Count != 1 || a.Cause == nil || a.Cause.ID != d.ID+"/e1" {
		t.Errorf("alarm is %+v; the feed said %s", a, m.Payload)
	}
	var snapshot struct{ Alarms []seenAlarm }
	if s.get("/live/snapshot", &snapshot); len(snapshot.Alarms) != 1 || snapshot.Alarms[0].ID != a.ID {
		t.Errorf("the snapshot has %+v", snapshot.Alarms)
	}
	s.must(http.MethodPost, "/alarms/"+a.ID+"/acknowledge", map[string]any{"comment": "seen"}, 200, &a)
	if a.State != "resolved" {
		t.Errorf("after it was seen: %+v", a)
	}
	feed.next("its end", func(m *paho.Publish) bool { return m.Topic == topic+a.ID && len(m.Payload) == 0 })
	var trail struct {
		Entries []struct{ Verb, Object string }
	}
	if s.get("/audit?limit=1", &trail); trail.Entries[0].Verb != "alarm.acknowledge" || trail.Entries[0].Object != "alarm:"+a.ID {
		t.Errorf("audited is %+v", trail.Entries)
	}
}

func TestWhatTheServerMissedIsAnAlarmAfterItsStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := spawn(t, dir)
	s := signUp(t, &p.program)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	for i := range 5 { // each is acknowledged once it is stored; the alarm is up to a tenth of a second behind
		g.says(fmt.Sprintf("e%d", i), i, "tailgating", "")
	}
	p.kill()
	p = spawn(t, dir)
	s = signIn(t, &p.program)
	eventually(t, "all are counted", func() bool { return s.openAlarms(d.ID)["tailgating"].Count >= 5 })
	g = connectGate(t, p.MQTT, c)
	g.says("e4", 4, "tailgating", `,"direction":"out"`) // what it may not: e4 said something else
	eventually(t, "the conflict is an alarm", func() bool { return s.openAlarms(d.ID)["other_content"].Count == 1 })
	if n := s.openAlarms(d.ID)["tailgating"].Count; n != 5 {
		t.Errorf("%d counted of 5", n)
	}
}
