package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"gatehouse/prove/mqtt"
)

// publisher sends numbered messages and keeps at most window of them without an
// acknowledgement. It writes when it has nothing left to read: what the broker
// acknowledges together is followed by as many messages in one write.
type publisher struct {
	c      *mqtt.Conn
	m      mqtt.Publish
	index  int
	count  int
	window int

	sent       int
	received   int // of sent, answered by PUBACK or PUBREC
	acked      int // of sent, done
	disordered int // answers in another order than the messages (MQTT-4.6.0-2)

	prepare func(number int, now time.Time) // makes m the message with this number

	timed     bool
	sentAt    []time.Time // of the messages without an acknowledgement, by number modulo window
	latencies []time.Duration
}

func (l load) newPublisher(index, count int, topic string) (*publisher, error) {
	c, err := l.dial("load-p"+strconv.Itoa(index), 4096)
	if err != nil {
		return nil, err
	}
	m := mqtt.Publish{Topic: []byte(topic), Payload: make([]byte, l.size), QoS: byte(l.qos)}
	p := &publisher{c: c, m: m, index: index, count: count, window: l.window}
	p.prepare = func(number int, now time.Time) { stamp(p.m.Payload, index, number, now) }
	return p, nil
}

// time makes p measure how long each acknowledgement takes.
func (p *publisher) time() {
	p.timed = true
	p.sentAt = make([]time.Time, p.window)
	p.latencies = make([]time.Duration, 0, p.count)
}

// run sends everything and waits for all acknowledgements. That the time is up is
// no error: what is missing is counted.
func (p *publisher) run() error {
	for p.acked < p.count {
		now := time.Now()
		for p.sent < p.count && p.sent-p.acked < p.window {
			p.put(now)
		}
		if p.m.QoS == 0 {
			p.received, p.acked = p.sent, p.sent
		}
		if err := p.c.Flush(); err != nil {
			return p.failed(err)
		}
		if p.m.QoS > 0 {
			if err := p.read(); err != nil {
				return p.failed(err)
			}
		}
	}
	return p.failed(p.c.Flush())
}

// pace sends a message each interval, acknowledged or not, and waits for all
// acknowledgements in the end.
func (p *publisher) pace(interval time.Duration, end time.Time) error {
	for next := time.Now(); p.acked < p.count; {
		now := time.Now()
		for ; p.sent < p.count && p.sent-p.acked < p.window && !next.After(now); next = next.Add(interval) {
			p.put(now)
		}
		if err := p.c.Flush(); err != nil {
			return p.failed(err)
		}
		until := end
		if p.sent < p.count && next.Before(end) {
			until = next
		}
		if err := p.c.SetReadDeadline(until); err != nil {
			return err
		}
		if err := p.read(); errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(end) {
			continue
		} else if err != nil {
			return p.failed(err)
		}
	}
	return p.failed(p.c.Flush())
}

// put puts the next message into the buffer.
func (p *publisher) put(now time.Time) {
	p.prepare(p.sent, now)
	p.m.ID = identifier(p.sent)
	if p.timed {
		p.sentAt[p.sent%p.window] = now
	}
	p.c.Publish(p.m)
	p.sent++
}

// identifier is that of the message with this number: 1 to 65,535, again and again.
func identifier(number int) uint16 { return uint16(number%maxWindow) + 1 }

// read waits for an answer and takes all that came with it.
func (p *publisher) read() error {
	for {
		answer, err := p.c.Read()
		if err != nil {
			return err
		}
		if err := p.take(answer); err != nil {
			return err
		}
		if !p.c.Buffered() {
			return nil
		}
	}
}

func (p *publisher) take(answer mqtt.Packet) error {
	if answer.Code >= 0x80 {
		return fmt.Errorf("%s with success expected, code %#x came", answer.Type, answer.Code)
	}
	switch {
	case answer.Type == mqtt.PUBACK && p.m.QoS == 1:
		p.answered(answer.ID)
		p.done()
	case answer.Type == mqtt.PUBREC && p.m.QoS == 2:
		p.answered(answer.ID)
		p.c.Ack(mqtt.PUBREL, answer.ID)
	case answer.Type == mqtt.PUBCOMP && p.m.QoS == 2:
		p.done()
	default:
		return fmt.Errorf("an answer to a message with QoS %d expected, %s came", p.m.QoS, answer.Type)
	}
	return nil
}

func (p *publisher) answered(id uint16) {
	if id != identifier(p.received) {
		p.disordered++
	}
	p.received++
}

// done takes acknowledgements to come in order; answered counts when they do not.
func (p *publisher) done() {
	if p.timed {
		p.latencies = append(p.latencies, time.Since(p.sentAt[p.acked%p.window]))
	}
	p.acked++
}

// failed is err with its publisher, unless the time was up.
func (p *publisher) failed(err error) error {
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return fmt.Errorf("publisher %d after %d of %d messages: %w", p.index, p.acked, p.count, err)
}
