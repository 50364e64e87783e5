package rights

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// everything is the rule of those who watch.
var everything = rule{Publish: []string{"#"}, Read: []string{"#"}}

// testator is a client with a will, and what happens to it before its connection
// ends.
type testator struct {
	name   string
	topic  string
	before func(s *server, user string)
	want   bool // it is published
}

// The user may publish below "mine/" and "lost/"; "door/" is for commands.
var testators = []testator{
	{name: "permitted", topic: "mine/will", want: true},
	{name: "right to publish removed", topic: "lost/will", before: func(s *server, user string) {
		s.allow(user, rule{Publish: []string{"mine/#"}})
	}},
	{name: "right removed and given back", topic: "lost/will", want: true, before: func(s *server, user string) {
		s.allow(user, rule{Publish: []string{"mine/#"}})
		s.allow(user, rule{Publish: []string{"mine/#", "lost/#"}})
	}},
	{name: "disabled", topic: "mine/will", before: func(s *server, user string) { s.allow(user, rule{Publish: []string{"mine/#"}, Disabled: true}) }},
	{name: "forgotten", topic: "mine/will", before: func(s *server, user string) { s.order(order{User: user, Forget: true}) }},
}

// wills are the ways to have a will.
type willKind struct {
	version mqtt.Version
	qos     byte
	retain  bool
	delay   uint32
}

func willKinds() (list []willKind) {
	for _, v := range versions {
		for qos := range byte(3) {
			for _, retain := range []bool{false, true} {
				list = append(list, willKind{v, qos, retain, 0})
			}
		}
	}
	return append(list, willKind{mqtt.V5, 1, true, 1}, willKind{mqtt.V5, 1, false, 1})
}

func (k willKind) connect(id, topic string) mqtt.Connect {
	return mqtt.Connect{
		Version: k.version, ClientID: id, Persistent: true,
		Will: &mqtt.Will{Topic: topic, Payload: []byte(id), QoS: k.qos, Retain: k.retain, Delay: k.delay},
	}
}

func TestAWillIsPublishedOnlyWithTheRight(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{Rules: map[string]rule{"watcher": everything}, Commands: []string{"door/#"}})
	watcher := s.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
	watcher.subscribed(1, "#")
	tries, wrong, wanted := 0, 0, map[string]bool{}
	for _, k := range willKinds() {
		for _, w := range testators {
			tries++
			id := fmt.Sprintf("%s %d", w.name, tries)
			s.allow(id, rule{Publish: []string{"mine/#", "lost/#"}})
			c := s.connect(k.connect(id, w.topic), id)
			if w.before != nil {
				w.before(s, id)
			}
			c.Cut()
			if w.want {
				wanted[id] = true
			}
		}
		wrong += refusedWills(s, k, &tries)
	}
	watcher.await("every permitted will", func() bool { return heard(watcher, wanted) == len(wanted) })
	prove.Eventually(t, "no will waits", func() bool {
		r := s.report()
		return r.Stats.Dropped["will's right ended"]+uint64(len(wanted)) >= uint64(len(willKinds())*(len(testators)-1)) && r.Stats.Connected == 1
	})
	watcher.settle()
	for _, m := range watcher.got {
		if !wanted[m.payload] {
			t.Errorf("a will was published: %v", m)
			wrong++
		}
	}
	late := s.connect(mqtt.Connect{ClientID: "late"}, "watcher")
	late.subscribed(1, "#")
	late.settle()
	for _, m := range late.got {
		if !wanted[m.payload] {
			t.Errorf("a will is retained: %v", m)
			wrong++
		}
	}
	prove.Record(t, "a will is published only with the right", "0 wrongly",
		fmt.Sprintf("%d wills: %d published as permitted, %d wrongly", tries, len(wanted), wrong))
}

func heard(c *client, wanted map[string]bool) (n int) {
	seen := map[string]bool{}
	for _, m := range c.got {
		if wanted[m.payload] && !seen[m.payload] {
			seen[m.payload] = true
			n++
		}
	}
	return n
}

// refusedWills are those of a CONNECT that is refused: for the will, or for its
// sender.
func refusedWills(s *server, k willKind, tries *int) (wrong int) {
	s.t.Helper()
	s.allow("sender", rule{Publish: []string{"mine/#"}})
	s.allow("ghost", rule{Publish: []string{"mine/#"}, Disabled: true})
	for _, r := range []struct {
		user, password, topic string
		three, five           byte
	}{
		{"sender", "sender", "theirs/will", 5, 0x87},
		{"sender", "sender", "door/1", 5, 0x87},
		{"sender", "sender", "$SYS/broker/uptime", 5, 0x87},
		{"watcher", "watcher", "door/1", 5, 0x87},
		{"sender", "wrong", "mine/will", 4, 0x86},
		{"nobody", "nobody", "mine/will", 4, 0x86},
		{"ghost", "ghost", "mine/will", 4, 0x86},
	} {
		*tries++
		id := fmt.Sprintf("refused %d", *tries)
		c, code := s.attempt(k.connect(id, r.topic), r.user, r.password)
		if c != nil {
			c.Cut()
		}
		if want := refusalOf(k.version, r.three, r.five); c != nil || code != want {
			s.t.Errorf("%s with a will to %s: answered with %#x, want %#x", r.user, r.topic, code, want)
			wrong++
		}
	}
	return wrong
}

// A will that waits for its delay while the process is killed.
func TestAWillThatWaitsOverARestartIsPublishedOnlyWithTheRight(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{
		Data: t.TempDir(), Oversees: true, Commands: []string{"door/#"},
		Rules: map[string]rule{"watcher": everything, "a": everything, "b": everything, "c": everything, "d": everything},
	})
	kind := willKind{mqtt.V5, 1, true, 4}
	for _, name := range []string{"a", "b", "c", "d"} {
		c := s.connect(kind.connect(name, "will/"+name), name)
		if name < "c" { // the others are connected when the process ends
			c.Cut()
		}
	}
	prove.Eventually(t, "two are gone", func() bool { return s.report().Stats.Connected == 2 })
	s.rules["b"] = rule{Publish: []string{"other"}} // while the process is down
	s.restart()
	s.allow("c", rule{Publish: []string{"other"}})
	watcher := s.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
	watcher.subscribed(1, "#")
	watcher.await("the permitted wills", func() bool { return len(watcher.payloads("will/a")) > 0 && len(watcher.payloads("will/d")) > 0 })
	prove.Eventually(t, "the others were judged", func() bool { return s.report().Stats.Dropped["will's right ended"] == 2 })
	watcher.settle()
	wrong := len(watcher.payloads("will/b")) + len(watcher.payloads("will/c"))
	if wrong > 0 {
		t.Errorf("published: %v", watcher.got)
	}
	prove.Record(t, "a will that waits over a restart is published only with the right", "0 wrongly", fmt.Sprintf("4 wills: 2 as permitted, %d wrongly", wrong))
}
