package mqtttest

import (
	"testing"
	"time"
)

// TestMQTT5_3_1_2_7: a will is stored with its session and published when the
// connection ends without a goodbye.
func TestMQTT5_3_1_2_7(t *testing.T) {
	t.Parallel()
	willIsPublished(t, 5)
}

// TestMQTT5_3_1_2_8: a will is published once its delay has passed or the session
// has ended, whichever is first.
func TestMQTT5_3_1_2_8(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, c := range map[string]struct {
		delay, expiry int
		lose          func(t *testing.T, p *peer, c connect)
		waits         bool
	}{
		"the delay":         {2, 100, func(_ *testing.T, p *peer, _ connect) { p.disconnect(4, nil) }, true},
		"the session's end": {100, 2, func(_ *testing.T, p *peer, _ connect) { p.disconnect(4, nil) }, true},
		"a session that ends with the connection": {100, 0, func(_ *testing.T, p *peer, _ connect) { p.cut() }, false},
		"a session that DISCONNECT ends": {100, 100, func(_ *testing.T, p *peer, _ connect) {
			p.disconnect(4, properties{{sessionExpiry, 0}})
		}, false},
		"a session that Clean Start ends": {100, 100, func(t *testing.T, p *peer, c connect) {
			p.disconnect(4, nil)
			client(t, address, 5, c.id)
		}, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			topic := name(t, "/w")
			w := watcher(t, address, 5, topic)
			k := connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone", props: properties{{willDelay, c.delay}}}}
			if c.expiry > 0 {
				k.props = properties{{sessionExpiry, c.expiry}}
			}
			p, _ := open(t, address, 5, k)
			begin := time.Now()
			c.lose(t, p, k)
			if c.waits {
				w.silent()
			}
			w.message(topic, "gone")
			if passed := time.Since(begin); c.waits && passed < time.Second { // servers count whole seconds
				t.Errorf("published after %v", passed)
			}
		})
	}
}

// TestMQTT5_3_1_2_10: a will is removed once it is published, and by a DISCONNECT
// with reason 0.
func TestMQTT5_3_1_2_10(t *testing.T) {
	t.Parallel()
	willIsForgotten(t, 5)
}

// TestMQTT5_3_1_2_14: a will without its retain flag is published as a message that
// is not retained.
func TestMQTT5_3_1_2_14(t *testing.T) {
	t.Parallel()
	willIsRetained(t, 5, false)
}

// TestMQTT5_3_1_2_15: a will with its retain flag is published as a retained message.
func TestMQTT5_3_1_2_15(t *testing.T) {
	t.Parallel()
	willIsRetained(t, 5, true)
}

// TestMQTT5_3_1_3_9: a client that is back within the delay of its will cancels it.
func TestMQTT5_3_1_3_9(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/w")
	w := watcher(t, address, 5, topic)
	longLived := properties{{sessionExpiry, 100}}
	c := connect{
		id: name(t, "p"), keep: true, props: longLived,
		will: &will{topic: topic, payload: "gone", props: properties{{willDelay, 1}}},
	}
	p, _ := open(t, address, 5, c)
	p.disconnect(4, nil)
	p, _ = open(t, address, 5, connect{id: c.id, keep: true, props: longLived})
	pass(t, address, 2)
	p.silent()
	w.silent()
}

// TestMQTT5_3_1_3_10: the user properties of a will are published in their order.
func TestMQTT5_3_1_3_10(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/w")
	w := watcher(t, address, 5, topic)
	props := properties{
		{userProperty, pair{"b", "1"}}, {contentType, "c"}, {userProperty, pair{"a", "2"}}, {correlationData, "\x00\xff"},
		{userProperty, pair{"b", "0"}}, {responseTopic, "r"}, {userProperty, pair{"b", "1"}}, {payloadFormat, 1},
		{userProperty, pair{"", ""}},
	}
	p, _ := open(t, address, 5, connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone", props: props}})
	p.cut()
	sameProperties(t, w.message(topic, "gone").props, props)
}

// TestMQTT5_3_1_2_22: a client that is silent for one and a half keep-alives is
// dropped as if its connection were lost.
func TestMQTT5_3_1_2_22(t *testing.T) {
	t.Parallel()
	silenceEnds(t, 5)
}
