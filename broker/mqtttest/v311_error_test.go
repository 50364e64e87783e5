package mqtttest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gatehouse/broker"
)

// TestMQTT311_4_8_0_1: a violation of the protocol closes the connection that it
// came by, and no other.
func TestMQTT311_4_8_0_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	topic := name(t, "/t")
	for what, violation := range map[string][]byte{
		"type 0":               frame(0),
		"type 15":              frame(15 << 4),
		"CONNACK":              frame(CONNACK<<4, []byte{0, 0}),
		"SUBACK":               frame(SUBACK<<4, u16(1), []byte{0}),
		"UNSUBACK":             frame(UNSUBACK<<4, u16(1)),
		"PINGRESP":             frame(PINGRESP << 4),
		"five bytes of length": {PUBLISH << 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x01},
		"CONNECT":              connect{id: name(t, "x")}.encode(4),
		"QoS 3":                publish{topic: topic, qos: 3, id: 1}.encode(4),
		"PUBACK cut":           frame(PUBACK<<4, []byte{0}),
		"PUBREL cut":           frame(PUBREL<<4 | 2),
		"SUBSCRIBE cut":        frame(SUBSCRIBE<<4|2, u16(1), str(topic)),
		"SUBSCRIBE overrun":    frame(SUBSCRIBE<<4|2, u16(1), u16(100), []byte("abc")),
		"UNSUBSCRIBE cut":      frame(UNSUBSCRIBE<<4|2, u16(1), []byte{0}),
		"PUBLISH cut":          frame(PUBLISH<<4|2, str(topic), []byte{1}),
		"PINGREQ with a body":  frame(PINGREQ<<4, []byte{0}),
	} {
		t.Run(what, func(t *testing.T) {
			topic := name(t, "/t")
			bystander := newcomer(t, address, 4, topic, 1)
			p := client(t, address, 4, name(t, "a"))
			p.write(publish{topic: topic, payload: "before", qos: 1, id: 1}.encode(4), violation,
				publish{topic: topic, payload: "behind", qos: 1, id: 2}.encode(4))
			p.wantAck(PUBACK, 1)
			p.closed()
			bystander.message(topic, "before") // nothing behind it
			bystander.silent()
		})
	}
}

// fragile lets everybody in whose password is not "fragile", and breaks when
// somebody publishes below "broken/".
type fragile struct{ doorman }

func (f fragile) Connect(ctx context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	if string(r.Password) == "fragile" {
		return nil, errors.New("the list of passwords cannot be read")
	}
	g, err := f.doorman.Connect(ctx, r)
	return breaking{g}, err
}

type breaking struct{ broker.Grant }

func (b breaking) MayPublish(name string) bool {
	if strings.HasPrefix(name, "broken/") {
		panic("broken")
	}
	return b.Grant.MayPublish(name)
}

// TestMQTT311_4_8_0_2: an error of the server while it processes a packet closes the
// connection that the packet came by, and touches no other client.
func TestMQTT311_4_8_0_2(t *testing.T) {
	t.Parallel()
	t.Run("breaks off", func(t *testing.T) { // the line is lost in the middle of a packet
		t.Parallel()
		address := server(t)
		topic := name(t, "/t")
		bystander := newcomer(t, address, 4, topic, 1)
		m := publish{topic: topic, payload: "a whole message", qos: 1, id: 1}.encode(4)
		for _, n := range []int{1, 2, 5, len(m) - 1} {
			p := client(t, address, 4, name(t, "a"))
			p.write(m[:n])
			p.cut()
			client(t, address, 4, name(t, "a")).leave()
			bystander.silent()
		}
	})
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		address := own(t, func(o *broker.Options) { o.Authorizer = fragile{} })
		topic := name(t, "/t")
		bystander := newcomer(t, address, 4, topic, 1)
		for qos := range byte(3) {
			p := client(t, address, 4, name(t, "a"))
			p.write(publish{topic: "broken/x", qos: qos, id: 1}.encode(4))
			p.closed()
		}
		password := "fragile"
		p := dial(t, address, 4)
		p.write(connect{id: name(t, "a"), user: &someUser, password: &password}.encode(4))
		if code := p.refused(); code != 3 {
			t.Errorf("return code %d, want 3, server unavailable", code)
		}
		client(t, address, 4, name(t, "c")).say(publish{topic: topic, payload: "1", qos: 1})
		bystander.message(topic, "1")
	})
}

// TestMQTT311_3_12_4_1: every PINGREQ is answered with PINGRESP.
func TestMQTT311_3_12_4_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 4, name(t, "a"))
	for _, n := range []int{1, 3, 50} {
		p.write([]byte(strings.Repeat(string(frame(PINGREQ<<4)), n)))
		for range n {
			if x := p.want(PINGRESP); len(x.body) > 0 {
				t.Errorf("PINGRESP with a body: % x", x.body)
			}
		}
	}
	p.leave()
}

// TestMQTT311_7_0_0_2: a client that has nothing but what the standard demands can
// do everything with the server: no identifier, no user name, no keep-alive.
func TestMQTT311_7_0_0_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	everything(t, address, 4)
	topic := name(t, "/t")
	p := client(t, address, 4, "")
	p.listen(topic, 2)
	for qos := range byte(3) {
		client(t, address, 4, "").say(publish{topic: topic, payload: "1", qos: qos, retain: true})
		if x := p.message(topic, "1"); x.qos != qos {
			t.Errorf("%+v, want QoS %d", x, qos)
		}
	}
	newcomer(t, address, 4, topic, 1).message(topic, "1")
	w, _ := open(t, address, 4, connect{will: &will{topic: topic, payload: "gone"}})
	w.cut()
	p.message(topic, "gone")
	p.unsubscribe(topic)
	p.silent()
	p.leave()
}

// TestMQTT311_7_1_1_1: the server runs on an ordered stream of bytes without loss:
// packets may come in any pieces, and large ones arrive whole.
func TestMQTT311_7_1_1_1(t *testing.T) {
	t.Parallel()
	streamIsWhole(t, 4)
}
