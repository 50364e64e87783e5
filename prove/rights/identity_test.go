package rights

import (
	"crypto/tls"
	"fmt"
	"slices"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// place is a server with two ways to show who one is: a password and a certificate.
type place struct {
	*server
	authority *authority
	certs     map[string]tls.Certificate
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{authority: newAuthority(t), certs: map[string]tls.Certificate{}}
	// "a" and "b" exist in both ways.
	p.server = release(t, []string{"a", "b", "watcher"}, nil, append(p.authority.flags(), "--tls", "127.0.0.1:0", "--data", t.TempDir())...)
	for _, name := range []string{"a-cert", "b-cert"} {
		p.certs[name] = p.authority.issue(name)
	}
	return p
}

// come connects a user in its way.
func (p *place) come(connect mqtt.Connect, user string) (*client, byte) {
	p.t.Helper()
	if cert, ok := p.certs[user]; ok {
		return p.greet(p.authority.dial(p.Told["mqtts"], cert), connect, "", "")
	}
	return p.attempt(connect, user, user)
}

// theft is one way to try to be given A's session.
type theft struct {
	a, b     string // users
	av, bv   mqtt.Version
	clean    bool // B's
	absent   bool // A is
	clientID string
}

func thefts() (list []theft) {
	bools := []bool{false, true}
	for _, av := range versions {
		for _, bv := range versions {
			for _, clean := range bools {
				for _, absent := range bools {
					for _, a := range []string{"a", "a-cert"} {
						for _, b := range []string{"b", "b-cert"} {
							list = append(list, theft{a, b, av, bv, clean, absent, fmt.Sprint("device ", len(list))})
						}
					}
				}
			}
		}
	}
	return list
}

func (f *theft) String() string {
	return fmt.Sprintf("%s (%d) has the session, absent %v; %s (%d) wants it, clean %v", f.a, f.av, f.absent, f.b, f.bv, f.clean)
}

func TestNobodyIsGivenAnothersSession(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	watcher := p.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
	watcher.subscribed(1, "stolen/#", "left/#")
	accepted, disturbed, wrong := 0, 0, 0
	all := thefts()
	for _, f := range all {
		a, code := p.come(mqtt.Connect{Version: f.av, ClientID: f.clientID, Persistent: true, Will: &mqtt.Will{Topic: "left/" + f.clientID, QoS: 1}}, f.a)
		if a == nil {
			t.Fatalf("%s: the owner was refused with %#x", &f, code)
		}
		topic := "for/" + f.clientID
		a.subscribed(1, topic)
		if f.absent {
			a.goodbye()
		}
		publishAll(watcher, topic, 0, 3)
		b, code := p.come(mqtt.Connect{
			Version: f.bv, ClientID: f.clientID, Persistent: !f.clean, Will: &mqtt.Will{Topic: "stolen/" + f.clientID, QoS: 1, Retain: true},
		}, f.b)
		if b != nil {
			t.Errorf("%s: accepted, session present: %v", &f, b.Session)
			accepted++
		} else if want := refusalOf(f.bv, 2, 0x85); code != want {
			t.Errorf("%s: refused with %#x, want %#x", &f, code, want)
		}
		publishAll(watcher, topic, 3, 6)
		if f.absent {
			a, _ = p.come(mqtt.Connect{Version: f.av, ClientID: f.clientID, Persistent: true}, f.a)
			if a == nil || !a.Session {
				t.Errorf("%s: the owner's session is gone", &f)
				disturbed++
				continue
			}
		}
		if !a.settle() {
			t.Errorf("%s: the owner was disconnected (%#x)", &f, a.said)
			disturbed++
		}
		if got := a.payloads(topic); !slices.Equal(got, numbered(0, 6)) {
			t.Errorf("%s: the owner received %q", &f, got)
			wrong++
		}
		a.goodbye()
	}
	watcher.settle()
	if len(watcher.got) > 0 {
		t.Errorf("wills were published: %v", watcher.got)
	}
	prove.Record(t, "nobody is given another's session", "64 ways: 0 accepted, 0 disturbed, 0 messages seen or lost, 0 wills",
		fmt.Sprintf("%d ways: %d accepted, %d disturbed, %d with other messages, %d wills", len(all), accepted, disturbed, wrong, len(watcher.got)))
}

// publishAll publishes numbers.
func publishAll(c *client, topic string, from, to int) {
	c.t.Helper()
	for _, n := range numbered(from, to) {
		if code := c.publish(topic, n, 1, false); code != 0 {
			c.t.Errorf("%s was refused with %#x", n, code)
		}
	}
}

func TestAWrongPasswordChangesNothingOfASession(t *testing.T) {
	t.Parallel()
	s := release(t, []string{"a", "watcher"}, nil, "--data", t.TempDir())
	watcher := s.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
	watcher.subscribed(1, "stolen")
	seed := prove.Seed(t)
	n, accepted, damaged := prove.Size(24, 400), 0, 0
	for k := range n {
		av, bv, absent := versions[k%2], versions[k/2%2], k/4%2 == 0
		a := s.connect(mqtt.Connect{Version: av, ClientID: "a", Persistent: true}, "a")
		a.subscribed(1, "for/a")
		if a.goodbyeIf(absent); k%3 == 0 && absent {
			s.restart()
			watcher = s.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
			watcher.subscribed(1, "stolen")
		}
		publishAll(watcher, "for/a", 0, 2)
		user, password := "a", fmt.Sprint("guess ", seed, k)
		if k%5 == 0 {
			user, password = "nobody", "a"
		}
		b, code := s.attempt(mqtt.Connect{Version: bv, ClientID: "a", Will: &mqtt.Will{Topic: "stolen"}}, user, password)
		if b != nil || code != refusalOf(bv, 4, 0x86) {
			t.Errorf("%d: answered with %#x, connected: %v", k, code, b != nil)
			accepted++
		}
		publishAll(watcher, "for/a", 2, 4)
		if absent {
			a = s.connect(mqtt.Connect{Version: av, ClientID: "a", Persistent: true}, "a")
			if !a.Session {
				t.Errorf("%d: the session is gone", k)
			}
		}
		if !a.settle() || !slices.Equal(a.payloads("for/a"), numbered(0, 4)) {
			t.Errorf("%d: the owner received %q, ended %v", k, a.payloads("for/a"), a.ended)
			damaged++
		}
		a.goodbye()
	}
	watcher.settle()
	prove.Record(t, "a wrong password changes nothing of a session", "0 accepted, 0 damaged, 0 wills",
		fmt.Sprintf("%d tries: %d accepted, %d damaged, %d wills", n, accepted, damaged, len(watcher.got)))
	if len(watcher.got) > 0 {
		t.Error("a will was published")
	}
}

func (c *client) goodbyeIf(leaves bool) {
	c.t.Helper()
	if leaves {
		c.goodbye()
	}
}
