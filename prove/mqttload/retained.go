package main

import (
	"errors"
	"fmt"
	"time"
)

// retained sets n retained topics and replays them to one new subscriber. It
// measures the replay; SetSeconds says how long setting took. If the time is up
// before all are set, nothing is replayed.
func retained(l load) (result, error) {
	r := result{Unit: "message"}
	began := time.Now()
	set, err := l.retain()
	r.Sent, r.SetSeconds = set, time.Since(began).Seconds()
	if err != nil || set < l.n { // the time was up
		return r, err
	}
	c, err := l.dial("load-watch", 64<<10)
	if err != nil {
		return r, err
	}
	defer c.Cut()
	// Retained messages have no order among each other: for the tally each topic
	// is a publisher of its own.
	s := subscriberOn(c, "load-watch", newTally(0, l.n, 1))
	m, err := l.startMeter()
	if err != nil {
		return r, err
	}
	c.Subscribe(1, byte(l.qos), l.prefix+"retained/+/state")
	s.asked = true
	if err := c.Flush(); err != nil {
		return r, err
	}
	if err := s.run(); err != nil {
		return r, err
	}
	err = m.stop(&r, s.tally.received)
	err = errors.Join(err, s.drain(time.Now().Add(patience)))
	r.add(s.tally)
	return r, err
}

// retain sets the topics with QoS 1, and says how many are acknowledged.
func (l load) retain() (set int, err error) {
	l.qos = 1
	p, err := l.newPublisher(0, l.n, "")
	if err != nil {
		return 0, err
	}
	defer p.c.Cut()
	p.m.Retain = true
	p.prepare = func(number int, now time.Time) {
		p.m.Topic = fmt.Appendf(p.m.Topic[:0], "%sretained/%d/state", l.prefix, number)
		stamp(p.m.Payload, number, 0, now)
	}
	err = p.run()
	return p.acked, err
}
