package mqtttest

import (
	"fmt"
	"testing"
	"time"
)

// What the tests of wills of both versions share.

// watcher gives a client that hears what comes on the topic.
func watcher(t testing.TB, address string, version byte, topic string) *peer {
	t.Helper()
	w := client(t, address, version, name(t, "watcher"))
	w.listen(topic, 2)
	return w
}

// disconnect says goodbye with a reason (which only version 5 has) and properties,
// and waits for the server to close.
func (p *peer) disconnect(reason byte, props properties) {
	p.t.Helper()
	p.write(frame(DISCONNECT<<4, []byte{reason}, props.encode()))
	p.closed()
}

// losses are the ways in which a connection ends so that its will is published.
func losses(version byte) map[string]func(p *peer) {
	m := map[string]func(p *peer){
		"lost": (*peer).cut,
		"closed by the server": func(p *peer) {
			p.write(frame(0))
			p.closed()
		},
	}
	if version == 5 {
		m["goodbye with will"] = func(p *peer) { p.disconnect(4, nil) }
		m["goodbye with an error"] = func(p *peer) { p.disconnect(0x80, nil) }
	}
	return m
}

// willIsPublished loses connections in every way and waits for their wills.
func willIsPublished(t *testing.T, version byte) {
	address := server(t)
	for what, lose := range losses(version) {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			topic := name(t, "/w")
			w := watcher(t, address, version, topic)
			p, _ := open(t, address, version, connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone", qos: 1}})
			w.silent()
			lose(p)
			if x := w.message(topic, "gone"); x.qos != 1 || x.retain {
				t.Errorf("%+v", x)
			}
		})
	}
}

// afterwards connects as the client again, which is the time by which its will is
// out, and proves with a message of it that the watcher heard of no will.
func afterwards(t testing.TB, address string, version byte, id, topic string, w *peer) {
	t.Helper()
	p := client(t, address, version, id)
	p.say(publish{topic: topic, payload: "afterwards"})
	w.message(topic, "afterwards")
	p.leave()
}

// willIsForgotten says goodbye, and lets a will be published, and wants no will
// from then on.
func willIsForgotten(t *testing.T, version byte) {
	address := server(t)
	topic := name(t, "/w")
	w := watcher(t, address, version, topic)
	id := name(t, "p")
	c := connect{id: id, will: &will{topic: topic, payload: "gone"}}
	p, _ := open(t, address, version, c)
	p.leave()
	afterwards(t, address, version, id, topic, w)
	if version == 5 {
		p, _ = open(t, address, version, c)
		p.disconnect(0, nil)
		afterwards(t, address, version, id, topic, w)
	}
	p, _ = open(t, address, version, c)
	p.cut()
	w.message(topic, "gone")
	for range 2 {
		p = client(t, address, version, id)
		p.cut() // without a will of its own
		afterwards(t, address, version, id, topic, w)
	}
}

// willIsRetained loses a client whose will has this retain flag, and looks at what
// subscribers before and after it get.
func willIsRetained(t *testing.T, version byte, retain bool) {
	address := server(t)
	topic := name(t, "/w")
	w := watcher(t, address, version, topic)
	p, _ := open(t, address, version, connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone", qos: 1, retain: retain}})
	p.cut()
	if x := w.message(topic, "gone"); x.retain {
		t.Errorf("%+v: retained for whoever was there", x)
	}
	late := client(t, address, version, name(t, "late"))
	late.listen(topic, 1)
	if retain {
		if x := late.message(topic, "gone"); !x.retain {
			t.Errorf("%+v: not retained", x)
		}
		p = client(t, address, version, name(t, "p"))
		p.say(publish{topic: topic, retain: true}) // nothing is left behind
		p.leave()
		return
	}
	late.silent()
}

// silenceEnds lets a client with a keep-alive of one second be silent: it has to be
// dropped as if its connection were lost, and not before that second.
func silenceEnds(t *testing.T, version byte) {
	address := server(t)
	topic := name(t, "/w")
	w := watcher(t, address, version, topic)
	begin := time.Now()
	p, x := open(t, address, version, connect{id: name(t, "p"), keepAlive: 1, will: &will{topic: topic, payload: "gone"}})
	if x.props.has(serverKeepAlive) {
		t.Errorf("the server replaced a keep-alive of one second: %v", x.props)
	}
	w.message(topic, "gone")
	if passed := time.Since(begin); passed < time.Second {
		t.Errorf("given up after %v", passed)
	}
	p.reasonWas(p.closed(), 0x8D)
}

// pass waits until these seconds have passed on the server's clock: it lets the
// will of a client wait for them.
func pass(t testing.TB, address string, seconds int) {
	t.Helper()
	topic := name(t, fmt.Sprint("/clock", seconds))
	w := client(t, address, 5, name(t, "clock watcher"))
	w.listen(topic, 0)
	c := connect{
		id: name(t, "clock"), props: properties{{sessionExpiry, 100}},
		will: &will{topic: topic, props: properties{{willDelay, seconds}}},
	}
	p, _ := open(t, address, 5, c)
	p.disconnect(4, nil)
	w.message(topic, "")
}
