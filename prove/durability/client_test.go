package durability

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

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

// theEnd is the payload that is published when nothing else will be: queues have
// an order, so whoever reads it has everything that came before.
const theEnd = "end"

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
	if err := publish(address, client+"-end", topic, theEnd); err != nil {
		return nil, err
	}
	r := receiver{held: map[uint16]bool{}}
	err = r.run(c, nil)
	return r.got, err
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

// tally compares what came with what was acknowledged.
type tally struct {
	acknowledged, came           int
	lost, doubled, out, invented int
}

func (a tally) String() string {
	return fmt.Sprintf("%d acknowledged, %d lost, %d doubled, %d out of order, %d never sent", a.acknowledged, a.lost, a.doubled, a.out, a.invented)
}

func (a tally) plus(b tally) tally {
	return tally{a.acknowledged + b.acknowledged, a.came + b.came, a.lost + b.lost, a.doubled + b.doubled, a.out + b.out, a.invented + b.invented}
}

// compare tallies: acked are the numbers that were acknowledged, got those that
// came, in order; numbers from 0 to begun were sent at all.
func compare(acked map[int]bool, got []int, begun int) tally {
	a := tally{acknowledged: len(acked), came: len(got)}
	seen, last := map[int]bool{}, -1
	for _, n := range got {
		switch {
		case n < 0 || n >= begun:
			a.invented++
		case seen[n]:
			a.doubled++
		case n < last:
			a.out++
		}
		seen[n] = true
		last = max(last, n)
	}
	for n := range acked {
		if !seen[n] {
			a.lost++
		}
	}
	return a
}

// number is that of a message; behind it a payload may have a space and any
// number of x, and nothing else.
func number(payload []byte) int {
	digits, rest, _ := strings.Cut(string(payload), " ")
	n, err := strconv.Atoi(digits)
	if err != nil || strings.Trim(rest, "x") != "" {
		return -1
	}
	return n
}
