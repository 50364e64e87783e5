package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"gatehouse/prove/mqtt"
)

// roundTrips sends a command to each device in turn, waits for its answer, and
// sends the next: how long one takes when nothing else is to do.
func roundTrips(l load) (result, error) {
	r := result{Unit: "command"}
	devices := make([]*mqtt.Conn, l.n)
	defer cut(devices)
	for k := range devices {
		c, err := l.dialSubscribed(fmt.Sprintf("load-d%d", k), 1024, fmt.Sprintf("%srtt/%d/command", l.prefix, k))
		if err != nil {
			return r, err
		}
		devices[k] = c
		go l.answer(c, fmt.Appendf(nil, "%srtt/%d/answer", l.prefix, k)) // ends with the connection
	}
	c, err := l.dialSubscribed("load-control", 4096, l.prefix+"rtt/+/answer")
	if err != nil {
		return r, err
	}
	defer c.Cut()
	t := newTally(0, 1, l.count)
	control := commander{load: l, c: c, tally: t, latencies: make([]time.Duration, 0, l.count)}
	m, err := l.startMeter()
	if err != nil {
		return r, err
	}
	if err = control.run(); errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil // what is missing is counted
	}
	err = errors.Join(err, m.stop(&r, t.received))
	r.Sent = control.sent
	r.add(t)
	r.latencies(control.latencies)
	return r, err
}

// answer is a device: it acknowledges a command and answers it in one write.
func (l load) answer(c *mqtt.Conn, topic []byte) {
	for number := 0; ; {
		p, err := c.Read()
		if err != nil {
			return
		}
		acknowledge(c, p)
		if p.Type == mqtt.PUBLISH {
			c.Publish(mqtt.Publish{Topic: topic, Payload: p.Publish.Payload, QoS: byte(l.qos), ID: identifier(number)})
			number++
		}
		if err := c.Flush(); err != nil {
			return
		}
	}
}

// acknowledge puts the answer to p into the buffer, in both directions.
func acknowledge(c *mqtt.Conn, p mqtt.Packet) {
	switch {
	case p.Type == mqtt.PUBLISH && p.Publish.QoS == 1:
		c.Ack(mqtt.PUBACK, p.ID)
	case p.Type == mqtt.PUBLISH && p.Publish.QoS == 2:
		c.Ack(mqtt.PUBREC, p.ID)
	case p.Type == mqtt.PUBREC:
		c.Ack(mqtt.PUBREL, p.ID)
	case p.Type == mqtt.PUBREL:
		c.Ack(mqtt.PUBCOMP, p.ID)
	}
}

// commander sends the commands.
type commander struct {
	load
	c         *mqtt.Conn
	tally     *tally
	sent      int
	latencies []time.Duration
}

func (c *commander) run() error {
	payload, topic := make([]byte, c.size), []byte(nil)
	for c.sent < c.count {
		topic = fmt.Appendf(topic[:0], "%srtt/%d/command", c.prefix, c.sent%c.n)
		began := time.Now()
		stamp(payload, 0, c.sent, began)
		c.c.Publish(mqtt.Publish{Topic: topic, Payload: payload, QoS: byte(c.qos), ID: identifier(c.sent)})
		c.sent++
		if err := c.await(c.sent - 1); err != nil {
			return err
		}
		c.latencies = append(c.latencies, time.Since(began))
	}
	return c.c.Flush()
}

// await acknowledges what comes until the answer with this number has.
func (c *commander) await(number int) error {
	for {
		if err := c.c.Flush(); err != nil {
			return err
		}
		p, err := c.c.Read()
		if err != nil {
			return err
		}
		acknowledge(c.c, p)
		if p.Type != mqtt.PUBLISH {
			continue
		}
		c.tally.note(p.Publish.Payload)
		if len(p.Publish.Payload) >= stampSize && int(binary.BigEndian.Uint32(p.Publish.Payload[4:])) == number {
			return nil
		}
	}
}
