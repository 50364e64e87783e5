package rights

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// lamp is a retained message: who sees it has seen what was retained for the filters
// before it.
const lamp = "lamp"

func light(s *server) {
	s.t.Helper()
	c := s.connect(mqtt.Connect{ClientID: lamp}, "watcher")
	c.publish(lamp, "x", 1, true)
	c.goodbye()
}

// look subscribes in every way in which retained messages are given, and counts
// those whose topics begin so.
func look(s *server, beginning string, filters ...string) (n int) {
	s.t.Helper()
	for _, v := range versions {
		options := []byte{0, 1, 2}
		if v == mqtt.V5 {
			options = append(options, 1|8, 1|16) // as published; if the subscription is new
		}
		for _, o := range options {
			c := s.connect(mqtt.Connect{Version: v, ClientID: fmt.Sprintf("look %d %d", v, o)}, "watcher")
			var list []mqtt.Filter
			lamps := 0
			for _, f := range append(slices.Clone(filters), lamp) {
				if matches(f, lamp) {
					lamps++
				}
				list = append(list, mqtt.Filter{Name: f, Options: o})
			}
			c.id++
			c.SubscribeWith(c.id, nil, list...)
			c.await("all that is retained", func() bool { return len(c.payloads(lamp)) == lamps })
			for _, m := range c.got {
				if strings.HasPrefix(m.topic, beginning) {
					n++
				}
			}
			c.goodbye()
		}
	}
	return n
}

// retains publishes retained messages below a prefix.
func (c *client) retains(prefix string, n int) {
	c.t.Helper()
	for k := range n {
		if code := c.publish(fmt.Sprint(prefix, k), "kept", byte(k%3), true); code != 0 {
			c.t.Fatalf("%s%d was refused with %#x", prefix, k, code)
		}
	}
}

func TestWhatIsRetainedIsNotGivenOnceThePublishersRightHasEnded(t *testing.T) {
	t.Parallel()
	for _, oversees := range []bool{false, true} {
		t.Run(fmt.Sprintf("overseer=%v", oversees), func(t *testing.T) {
			t.Parallel()
			n := prove.Size(30, 3000)
			s := embed(t, embedded{Data: t.TempDir(), Oversees: oversees, Rules: map[string]rule{"watcher": everything, "a": everything, "b": everything}})
			all := []string{"x/#", "y/#"}
			a, b := s.connect(mqtt.Connect{ClientID: "a", Persistent: true}, "a"), s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: "b"}, "b")
			light(s)
			a.retains("x/a", n)
			a.retains("y/a", n)
			b.retains("x/b", n)
			given := look(s, "x/a", all...)
			b.goodbye() // its session has ended

			wrong := map[string]int{}
			check := func(when string, gone ...string) {
				t.Helper()
				for _, g := range gone {
					if got := look(s, g, all...); got > 0 {
						t.Errorf("%s: %d messages of %q were given", when, got, g)
						wrong[when] += got
					}
				}
			}
			s.allow("a", rule{Publish: []string{"y/#"}})
			check("connected", "x/a")
			s.restart()
			check("restarted", "x/a")
			if got := look(s, "y/a0", all...); got == 0 {
				t.Error("what may be published is gone")
			}
			gone := []string{"x/a"}
			if oversees {
				s.allow("b", rule{Publish: []string{"y/#"}})
				gone = append(gone, "x/b")
				check("absent", gone...)
				s.rules["a"] = rule{Disabled: true} // while it is down
				gone = append(gone, "y/a")
			}
			s.restart()
			check("changed while it was down", gone...)
			prove.Record(t, "what is retained is not given once its publisher's right has ended", "0 of them",
				fmt.Sprintf("%d messages, given %d times before, and %v after", 3*n, given, sum(wrong)))
			if given == 0 {
				t.Error("nothing was given before: the test sees nothing")
			}
		})
	}
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

func TestTheReleaseForgetsWhatIsRetainedByItsFiles(t *testing.T) {
	t.Parallel()
	acl := filepath.Join(t.TempDir(), "acl")
	list := func(more ...string) { writeACL(t, acl, append([]string{"user watcher", "topic #"}, more...)) }
	list("user a", "topic write x/#", "topic write y/#", "pattern write by/%u/%c")
	s := release(t, []string{"a", "watcher"}, nil, "--data", t.TempDir(), "--acl", acl)
	a := s.connect(mqtt.Connect{ClientID: "a"}, "a")
	light(s)
	a.retains("x/", 20)
	a.retains("y/", 20)
	if code := a.publish("by/a/a", "kept", 1, true); code != 0 {
		t.Fatalf("refused with %#x", code)
	}
	a.goodbye()
	all := []string{"#"}
	before := look(s, "x/", all...)

	list("user a", "topic write y/#", "pattern write by/%u/%c")
	s.hangup()
	prove.Eventually(t, "the list counts", func() bool { return look(s, "x/", all...) == 0 })
	kept := look(s, "y/", all...) + look(s, "by/", all...)
	s.restart()
	wrong := look(s, "x/", all...)
	list("user a", "topic write z") // while it is down
	s.Kill()
	s.begin()
	wrong += look(s, "x/", all...) + look(s, "y/", all...) + look(s, "by/", all...)
	if wrong > 0 || before == 0 || kept == 0 {
		t.Errorf("given before: %d; kept: %d; given wrongly: %d", before, kept, wrong)
	}
	prove.Record(t, "the broker alone forgets what is retained when the list changes", "0 given afterwards, also after restarts",
		fmt.Sprintf("%d given before, %d that may be, %d wrongly", before, kept, wrong))
}

// taking is how the tests of sessions that last see what came.
func taking(c *client, topics ...string) (list []string) {
	c.settle()
	for _, m := range c.got {
		if slices.Contains(topics, m.topic) {
			list = append(list, m.payload)
		}
	}
	return list
}

// absence is one way in which a reader is away while its right ends.
type absence struct {
	version  mqtt.Version
	qos      byte
	inFlight bool // it has been sent messages and has not acknowledged them
	shared   bool
	recheck  bool // the broker is told; otherwise the right ends while it is down
	restart  bool
}

func absences() (list []absence) {
	bools := []bool{false, true}
	for _, v := range versions {
		for qos := byte(1); qos < 3; qos++ {
			for _, inFlight := range bools {
				for _, shared := range bools {
					list = append(list, absence{v, qos, inFlight, shared, true, false}, absence{v, qos, inFlight, shared, true, true}, absence{v, qos, inFlight, shared, false, true})
				}
			}
		}
	}
	return list
}

func TestNothingQueuedIsGivenOnceTheRightToReadHasEnded(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{Data: t.TempDir(), Rules: map[string]rule{"watcher": everything}})
	wrong, given, all := 0, 0, absences()
	readers := make([]string, len(all))
	filterOf := func(k int, what string) string {
		f := fmt.Sprintf("%s/%d", what, k)
		if all[k].shared {
			return "$share/g/" + f
		}
		return f
	}
	writer := s.connect(mqtt.Connect{ClientID: "writer"}, "watcher")
	for k, x := range all {
		readers[k] = fmt.Sprint("reader ", k)
		s.allow(readers[k], rule{Read: []string{"#"}})
		c := s.connect(mqtt.Connect{Version: x.version, ClientID: readers[k], Persistent: true}, readers[k])
		c.subscribed(x.qos, filterOf(k, "secret"), filterOf(k, "open"))
		if !x.inFlight {
			c.goodbye()
		}
		publishAll(writer, fmt.Sprint("secret/", k), 0, 3)
		publishAll(writer, fmt.Sprint("open/", k), 0, 3)
		if x.inFlight { // they are in its socket
			c.Cut()
		}
	}
	prove.Eventually(t, "the readers are gone", func() bool { return s.report().Stats.Connected == 1 })
	narrow := rule{Read: []string{"open/#"}}
	for k, x := range all {
		if x.recheck {
			s.allow(readers[k], narrow)
		}
	}
	look := func(restarted bool) {
		for k, x := range all {
			if x.restart != restarted {
				continue
			}
			c := s.connect(mqtt.Connect{Version: x.version, ClientID: readers[k], Persistent: true}, readers[k])
			publishAll(writer, fmt.Sprint("secret/", k), 3, 5)
			publishAll(writer, fmt.Sprint("open/", k), 3, 5)
			if got := taking(c, fmt.Sprint("secret/", k)); len(got) > 0 {
				t.Errorf("%+v: received %q without the right", x, got)
				wrong += len(got)
			}
			got := taking(c, fmt.Sprint("open/", k))
			if given += len(got); !slices.Equal(got, numbered(0, 5)) {
				t.Errorf("%+v: with the right it received %q", x, got)
			}
			c.goodbye()
		}
	}
	look(false)
	for _, reader := range readers {
		s.rules[reader] = narrow
	}
	s.restart()
	writer = s.connect(mqtt.Connect{ClientID: "writer"}, "watcher")
	look(true)
	prove.Record(t, "nothing queued is given once the right to read has ended, also after a restart", "0 delivered",
		fmt.Sprintf("%d sessions: %d delivered without the right, %d with it", len(all), wrong, given))
}
