package main

import (
	"errors"
	"fmt"
	"time"
)

const absentee = "load-absentee"

// acks measures how fast a broker acknowledges what it has to keep: publishers
// send to a topic whose only subscriber has a persistent session and is away.
// Then the subscriber comes and must get all that was acknowledged.
func acks(l load) (result, error) {
	r := result{Unit: "acknowledgement"}
	if l.qos == 0 {
		return r, errors.New("-qos 1 or 2 expected: nothing acknowledges QoS 0")
	}
	if err := l.leaveSession(); err != nil {
		return r, err
	}
	var f stream
	defer f.close()
	each := l.count / max(1, l.pubs)
	for k := range l.pubs {
		if err := f.publish(l, k, each, fmt.Sprintf("%sack/%d", l.prefix, k)); err != nil {
			return r, err
		}
		f.publishers[k].time()
	}
	m, err := l.startMeter()
	if err != nil {
		return r, err
	}
	var sending group
	for _, p := range f.publishers {
		sending.run(func() error {
			if l.rate > 0 {
				return p.pace(time.Duration(l.pubs)*time.Second/time.Duration(l.rate), l.deadline)
			}
			return p.run()
		})
	}
	err = sending.wait()
	var latencies []time.Duration
	for _, p := range f.publishers {
		latencies = append(latencies, p.latencies...)
	}
	err = errors.Join(err, m.stop(&r, len(latencies)), l.collect(&f, each))
	f.count(&r)
	r.latencies(latencies)
	return r, err
}

// leaveSession makes the session of the absent subscriber, and nothing is in it.
func (l load) leaveSession() error {
	c, err := l.dialPersistent(absentee, 0, l.prefix+"ack/#")
	if err != nil {
		return err
	}
	return goodbye(c)
}

// collect lets the subscriber come back and take everything.
func (l load) collect(f *stream, each int) error {
	c, err := l.resume(absentee, 64<<10)
	if err != nil {
		return err
	}
	t := newTally(0, l.pubs, each)
	f.due(t)
	s := subscriberOn(c, absentee, t)
	f.subscribers = append(f.subscribers, s)
	if !c.Session {
		return errors.New("CONNACK with a session expected, one without came")
	}
	stop := make(chan struct{})
	go f.watch(time.Now().Add(l.limit), stop)
	err = c.SetDeadline(time.Time{}) // the watch ends it
	err = errors.Join(err, s.run())
	close(stop)
	err = errors.Join(err, s.drain(time.Now().Add(patience)))
	c.Cut()
	l.deadline = time.Now().Add(l.limit)
	return errors.Join(err, l.forget(absentee))
}
