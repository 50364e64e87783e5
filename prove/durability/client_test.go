package durability

import (
	"errors"
	"testing"
	"time"

	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// dial connects a persistent client. No read on it waits longer than patience.
func dial(address, client string, v mqtt.Version) (*mqtt.Conn, error) {
	return dialWith(address, mqtt.Connect{ClientID: client, Version: v, Persistent: true})
}

func dialWith(address string, connect mqtt.Connect) (*mqtt.Conn, error) {
	c, err := mqtt.Dial(address, mqtt.Options{Connect: connect, ReadBuffer: 64 << 10, Timeout: patience})
	if err != nil {
		return nil, err
	}
	return c, c.SetReadDeadline(time.Now().Add(patience))
}

// subscribe makes persistent clients that are subscribed, and absent.
func subscribe(t *testing.T, address, client string, qos byte, filters ...string) {
	t.Helper()
	c, err := dial(address, client, mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SubscribeNow(1, qos, filters...); err != nil {
		t.Fatal(err)
	}
	c.Disconnect()
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(); err == nil {
		t.Fatal("a packet after DISCONNECT")
	}
	_ = c.Close()
}

// publish publishes one message as a client of its own and waits for its PUBACK.
func publish(address, client, topic, payload string) error {
	c, err := dialWith(address, mqtt.Connect{ClientID: client})
	if err != nil {
		return err
	}
	defer c.Close()
	c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: []byte(payload), QoS: 1, ID: 1})
	if err := c.Flush(); err != nil {
		return err
	}
	_, err = c.Expect(mqtt.PUBACK)
	return err
}

// drain takes what waits for a persistent client, which is to know its session,
// up to the end that is published to the topic.
func drain(address, client, topic string) (numbers []int, err error) {
	c, err := dial(address, client, mqtt.V311)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if !c.Session {
		return nil, errors.New("the session is gone")
	}
	if err := publish(address, client+"-end", topic, flow.End); err != nil {
		return nil, err
	}
	r := flow.Receiver{}
	err = r.Run(c, nil)
	return r.Got, err
}

// lively proves that the broker serves somebody new.
func lively(t *testing.T, s *server) {
	t.Helper()
	began := time.Now()
	c, err := dialWith(s.Addr, mqtt.Connect{ClientID: "lively"})
	if err != nil {
		t.Fatalf("a new client: %v", err)
	}
	defer c.Close()
	if err := c.SubscribeNow(1, 0, "lively"); err != nil {
		t.Fatalf("a new client: %v", err)
	}
	if err := publish(s.Addr, "lively-too", "lively", "1"); err != nil {
		t.Fatalf("a new client: %v", err)
	}
	if _, err := c.Expect(mqtt.PUBLISH); err != nil {
		t.Fatalf("a new client: %v", err)
	}
	t.Logf("a new client was served in %s", time.Since(began).Round(time.Millisecond))
}
