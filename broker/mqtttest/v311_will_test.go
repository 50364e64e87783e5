package mqtttest

import (
	"bytes"
	"fmt"
	"testing"
)

// TestMQTT311_3_1_2_8: a will is stored with its connection and published when that
// ends without a goodbye: lost, closed for an error, or taken over.
func TestMQTT311_3_1_2_8(t *testing.T) {
	t.Parallel()
	willIsPublished(t, 4)
	t.Run("CONNECT again", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		topic := name(t, "/w")
		w := watcher(t, address, 4, topic)
		c := connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone"}}
		p, _ := open(t, address, 4, c)
		c.will = nil
		p.write(c.encode(4))
		p.closed()
		w.message(topic, "gone")
	})
	t.Run("taken over", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		topic := name(t, "/w")
		w := watcher(t, address, 4, topic)
		c := connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone"}}
		p, _ := open(t, address, 4, c)
		q, _ := open(t, address, 4, c)
		p.closed()
		w.message(topic, "gone")
		w.silent() // that of the new connection stays
		q.silent()
	})
}

// TestMQTT311_3_1_2_9: with the will flag the will's QoS, retain flag, topic and
// message are those of the CONNECT, and both fields have to be there.
func TestMQTT311_3_1_2_9(t *testing.T) {
	t.Parallel()
	address := server(t)
	for k, payload := range []string{"", "gone", "\x00\xff any bytes"} {
		topic := name(t, fmt.Sprint("/w", k))
		w := watcher(t, address, 4, topic)
		for qos := range byte(3) {
			p, _ := open(t, address, 4, connect{id: name(t, "p"), will: &will{topic: topic, payload: payload, qos: qos}})
			p.cut()
			if x := w.message(topic, payload); x.qos != qos {
				t.Errorf("a will of QoS %d came at QoS %d", qos, x.qos)
			}
		}
		w.leave()
	}
	malformed(t, address, connect{id: name(t, "a"), flags: 4})
	for _, rest := range [][]byte{str("t"), bytes.Join([][]byte{str("t"), u16(1)}, nil), u16(1)} {
		p := dial(t, address, 4)
		p.write(frame(CONNECT<<4, str("MQTT"), []byte{4, 6}, u16(0), str(name(t, "a")), rest))
		p.closed()
	}
}

// TestMQTT311_3_1_2_10: a will is removed once it is published, and by a DISCONNECT.
func TestMQTT311_3_1_2_10(t *testing.T) {
	t.Parallel()
	willIsForgotten(t, 4)
	t.Run("with a session that stays", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		topic, c := name(t, "/w"), durable(4, name(t, "p"))
		w := watcher(t, address, 4, topic)
		for _, end := range []func(p *peer){(*peer).leave, (*peer).cut} {
			c.will = &will{topic: topic, payload: "gone"}
			p, _ := open(t, address, 4, c)
			end(p)
			c.will = nil
			p, _ = open(t, address, 4, c)
			p.cut()
			p, _ = open(t, address, 4, c)
			p.leave()
		}
		w.message(topic, "gone") // that of the second round, once
		w.silent()
	})
}

// TestMQTT311_3_1_2_11: without the will flag there is no will QoS, no will retain
// flag, and no will in the payload.
func TestMQTT311_3_1_2_11(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, flags := range []byte{1 << 3, 2 << 3, 3 << 3, 1 << 5, 1<<5 | 1<<3} {
		malformed(t, address, connect{id: name(t, "a"), flags: flags})
	}
	malformed(t, address, connect{id: name(t, "a"), flags: 4, will: &will{topic: name(t, "/w"), payload: "gone"}})
}

// TestMQTT311_3_1_2_12: without the will flag nothing is published when the
// connection is lost, also if an earlier one had a will.
func TestMQTT311_3_1_2_12(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, id := name(t, "/w"), name(t, "p")
	w := watcher(t, address, 4, topic+"/#")
	w.listen(id+"/#", 0)
	p, _ := open(t, address, 4, connect{id: id, will: &will{topic: topic, payload: "gone"}})
	p.leave()
	for _, lose := range losses(4) {
		lose(client(t, address, 4, id))
	}
	afterwards(t, address, 4, id, topic, w)
	w.silent()
}

// TestMQTT311_3_1_2_13: without the will flag the will QoS is 0.
func TestMQTT311_3_1_2_13(t *testing.T) {
	t.Parallel()
	address := server(t)
	for qos := byte(1); qos <= 3; qos++ {
		malformed(t, address, connect{id: name(t, "a"), flags: qos << 3})
		malformed(t, address, connect{id: name(t, "a"), flags: qos << 3, keep: true, user: &someUser})
	}
}

// TestMQTT311_3_1_2_14: a will QoS of 3 closes the connection.
func TestMQTT311_3_1_2_14(t *testing.T) {
	t.Parallel()
	address := server(t)
	for _, retain := range []bool{false, true} {
		malformed(t, address, connect{id: name(t, "a"), will: &will{topic: name(t, "/w"), payload: "gone", qos: 3, retain: retain}})
	}
}

// TestMQTT311_3_1_2_15: without the will flag the will retain flag is 0.
func TestMQTT311_3_1_2_15(t *testing.T) {
	t.Parallel()
	address := server(t)
	malformed(t, address, connect{id: name(t, "a"), flags: 1 << 5})
	malformed(t, address, connect{id: name(t, "a"), flags: 1 << 5, keep: true, user: &someUser})
}

// TestMQTT311_3_1_2_16: a will without its retain flag is published as a message
// that is not retained.
func TestMQTT311_3_1_2_16(t *testing.T) {
	t.Parallel()
	willIsRetained(t, 4, false)
}

// TestMQTT311_3_1_2_17: a will with its retain flag is published as a retained
// message.
func TestMQTT311_3_1_2_17(t *testing.T) {
	t.Parallel()
	willIsRetained(t, 4, true)
}

// TestMQTT311_3_1_2_24: a client that is silent for one and a half times its
// keep-alive is disconnected as if the network had failed; one without keep-alive
// is not.
func TestMQTT311_3_1_2_24(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, _ := open(t, address, 4, connect{id: name(t, "without")})
	silenceEnds(t, 4)
	p.silent()
}

// TestMQTT311_3_1_3_10: a will topic that is no well-formed string closes the
// connection.
func TestMQTT311_3_1_3_10(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 4, placesOf("will topic"), badText())
}

// TestMQTT311_3_14_1_1: a DISCONNECT with reserved header bits closes the connection
// as an error: it is no goodbye, so the will is published.
func TestMQTT311_3_14_1_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/w")
	w := watcher(t, address, 4, topic)
	for flags := byte(1); flags < 16; flags++ {
		p, _ := open(t, address, 4, connect{id: name(t, "p"), will: &will{topic: topic, payload: "gone"}})
		p.write(frame(DISCONNECT<<4 | flags))
		p.closed()
		w.message(topic, "gone")
	}
}

// TestMQTT311_3_14_4_3: a DISCONNECT discards the will.
func TestMQTT311_3_14_4_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic, id := name(t, "/w"), name(t, "p")
	w := watcher(t, address, 4, topic)
	for _, retain := range []bool{false, true} {
		for qos := range byte(3) {
			p, _ := open(t, address, 4, connect{id: id, will: &will{topic: topic, payload: "gone", qos: qos, retain: retain}})
			p.leave()
			afterwards(t, address, 4, id, topic, w)
		}
	}
	nothingRetained(t, address, 4, topic)
}
