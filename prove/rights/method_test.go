package rights

import (
	"bytes"
	"fmt"
	"net"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// suitor is a client that proves who it is by enhanced authentication, or tries to.
type suitor struct {
	*client
	number []byte // that the server gave
}

func (s *server) suitor(id, method, data string, user ...string) *suitor {
	s.t.Helper()
	nc, err := net.DialTimeout("tcp", s.Addr, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &suitor{client: &client{Conn: mqtt.NewConn(nc, mqtt.V5, 0), t: s.t, v: mqtt.V5}}
	s.t.Cleanup(c.Cut)
	c.deadline()
	connect := mqtt.Connect{
		Version: mqtt.V5, ClientID: id, Properties: mqtt.Properties{}.Text(mqtt.AuthenticationMethod, method).Text(mqtt.AuthenticationData, data),
		Will: &mqtt.Will{Topic: "t", Payload: []byte("will of " + id)},
	}
	if len(user) > 0 {
		connect.User, connect.Password = user[0], user[0]
	}
	c.Raw(mqtt.AppendConnect(nil, connect))
	c.flush()
	return c
}

func (c *suitor) flush() {
	c.t.Helper()
	_ = c.Flush() // whoever reads sees that it has ended
}

// auth sends an AUTH.
func (c *suitor) auth(code byte, method string, data []byte) {
	c.t.Helper()
	c.Raw(mqtt.AppendReason(nil, mqtt.AUTH, 0, code, mqtt.Properties{}.Text(mqtt.AuthenticationMethod, method).Text(mqtt.AuthenticationData, string(data))))
	c.flush()
}

// challenged waits for the number; false if the server ended it.
func (c *suitor) challenged() bool {
	c.t.Helper()
	p, err := c.Read()
	if err != nil || p.Type != mqtt.AUTH || p.Code != 0x18 {
		return false
	}
	data, _ := p.Properties.GetText(mqtt.AuthenticationData)
	c.number = bytes.Clone(data)
	return len(c.number) > 0
}

// taken says whether the server takes it: CONNACK or AUTH with success.
func (c *suitor) taken() bool {
	c.t.Helper()
	p, err := c.Read()
	return err == nil && (p.Type == mqtt.CONNACK || p.Type == mqtt.AUTH) && p.Code == 0
}

func TestAProofIsGoodOnceAndForOneOnly(t *testing.T) {
	t.Parallel()
	s := embed(t, embedded{Rules: map[string]rule{"watcher": everything, "a": everything, "b": everything}})
	watcher := s.connect(mqtt.Connect{ClientID: "watcher"}, "watcher")
	watcher.subscribed(1, "#")
	prover := func(id string) *suitor {
		t.Helper()
		c := s.suitor(id, proof, "a")
		if !c.challenged() {
			t.Fatal("no challenge")
		}
		return c
	}
	connected := func(id string) *suitor {
		t.Helper()
		c := prover(id)
		if c.auth(0x18, proof, signed("a", c.number)); !c.taken() {
			t.Fatal("a proof that is right is refused")
		}
		return c
	}
	used := connected("first")
	again := func(c *suitor, user string, answer func() []byte) bool {
		if c.auth(0x19, proof, []byte(user)); !c.challenged() {
			return false
		}
		c.auth(0x18, proof, answer())
		return c.taken()
	}
	tries := []struct {
		name string
		do   func() bool // it is taken
	}{
		{"proof before the challenge", func() bool {
			c := s.suitor("x", proof, "a"+string(signed("a", used.number)))
			return c.taken()
		}},
		{"a proof of before", func() bool {
			c := prover("x")
			c.auth(0x18, proof, signed("a", used.number))
			return c.taken()
		}},
		{"a proof for another connection's challenge", func() bool {
			c, d := prover("x"), prover("y")
			c.auth(0x18, proof, signed("a", d.number))
			return c.taken()
		}},
		{"the proof of another user", func() bool {
			c := prover("x")
			c.auth(0x18, proof, signed("b", c.number))
			return c.taken()
		}},
		{"another method in the middle", func() bool {
			c := prover("x")
			c.auth(0x18, "OTHER", signed("a", c.number))
			return c.taken()
		}},
		{"a method that nobody knows", func() bool { return s.suitor("x", "OTHER", "a").taken() }},
		{"a method that nobody knows, with the right password", func() bool { return s.suitor("x", "OTHER", "a", "a").taken() }},
		{"a wrong proof, with the right password", func() bool {
			c := s.suitor("x", proof, "a", "a")
			if !c.challenged() {
				return false
			}
			c.auth(0x18, proof, []byte("wrong"))
			return c.taken()
		}},
		{"no proof, but AUTH with success", func() bool {
			c := prover("x")
			c.auth(0x00, proof, nil)
			return c.taken()
		}},
		{"the beginning of another exchange before CONNACK", func() bool {
			c := prover("x")
			c.auth(0x19, proof, []byte("a"))
			return c.taken()
		}},
		{"no proof, but PUBLISH and SUBSCRIBE", func() bool {
			c := prover("x")
			c.Publish(mqtt.Publish{Topic: []byte("t"), Payload: []byte("x")})
			c.Subscribe(1, 0, "#")
			c.flush()
			return c.taken()
		}},
		{"AUTH of a client that named no method", func() bool {
			c := &suitor{client: s.connect(mqtt.Connect{Version: mqtt.V5, ClientID: "x"}, "b")}
			c.auth(0x19, proof, []byte("a"))
			return c.taken()
		}},
		{"again, as another user", func() bool {
			c := connected("x")
			return again(c, "b", func() []byte { return signed("b", c.number) })
		}},
		{"again, with a wrong proof", func() bool {
			c := connected("x")
			return again(c, "a", func() []byte { return signed("a", used.number) })
		}},
		{"again, by another method", func() bool {
			c := connected("x")
			c.auth(0x19, "OTHER", []byte("a"))
			return c.taken()
		}},
		{"the rest of an exchange that was never begun", func() bool {
			c := connected("x")
			c.auth(0x18, proof, signed("a", c.number))
			return c.taken()
		}},
	}
	accepted := 0
	for _, x := range tries {
		if x.do() {
			t.Errorf("taken: %s", x.name)
			accepted++
		}
	}
	if !again(used, "a", func() []byte { return signed("a", used.number) }) || used.publish("t", "fine", 1, false) != 0 {
		t.Error("a proof that is right is refused the second time")
	}
	watcher.await("the message of the one that is right", func() bool {
		return len(watcher.payloads("t")) > 0 && watcher.payloads("t")[len(watcher.payloads("t"))-1] == "fine"
	})
	for _, m := range watcher.got {
		if m.payload == "x" {
			t.Error("something was published before the proof")
			accepted++
		}
	}
	prove.Record(t, "a proof of enhanced authentication is good once and for one only", "0 accepted", fmt.Sprintf("%d ways: %d accepted", len(tries), accepted))
}
