package main

import (
	"errors"
	"fmt"
	"time"
)

// patience is how long subscribers wait for a next message after the last was sent.
const patience = 5 * time.Second

func flow(l load) (result, error) {
	each := l.count / max(1, l.pubs)
	var f stream
	for k := range l.subs {
		if err := f.subscribe(l, k, l.prefix+"flow/#", newTally(0, l.pubs, each)); err != nil {
			return result{}, err
		}
	}
	for k := range l.pubs {
		if err := f.publish(l, k, each, fmt.Sprintf("%sflow/%d", l.prefix, k)); err != nil {
			return result{}, err
		}
	}
	return f.run(l)
}

func fanout(l load) (result, error) {
	l.pubs = 1
	return flow(l)
}

func pairs(l load) (result, error) {
	each := l.count / max(1, l.n)
	var f stream
	for k := range l.n {
		topic := fmt.Sprintf("%spairs/%d", l.prefix, k)
		if err := f.subscribe(l, k, topic, newTally(k, 1, each)); err != nil {
			return result{}, err
		}
		if err := f.publish(l, k, each, topic); err != nil {
			return result{}, err
		}
	}
	return f.run(l)
}

// stream is messages from publishers to subscribers.
type stream struct {
	publishers  []*publisher
	subscribers []*subscriber
}

func (f *stream) publish(l load, index, count int, topic string) error {
	p, err := l.newPublisher(index, count, topic)
	if err == nil {
		f.publishers = append(f.publishers, p)
	}
	return err
}

func (f *stream) subscribe(l load, index int, filter string, t *tally) error {
	s, err := l.newSubscriber(index, filter, t)
	if err == nil {
		f.subscribers = append(f.subscribers, s)
	}
	return err
}

// run lets all of them work until everything has come, or nothing comes any more.
func (f *stream) run(l load) (result, error) {
	defer f.close()
	r := result{Unit: "message"}
	m, err := l.startMeter()
	if err != nil {
		return r, err
	}
	var sending, receiving group
	for _, s := range f.subscribers {
		receiving.run(s.run)
	}
	for _, p := range f.publishers {
		sending.run(p.run)
	}
	err = sending.wait()
	stop := make(chan struct{})
	go f.watch(l.deadline, stop)
	err = errors.Join(err, receiving.wait())
	close(stop)
	received := 0
	for _, s := range f.subscribers {
		received += s.tally.received
		f.due(s.tally)
	}
	err = errors.Join(err, m.stop(&r, received))
	for _, s := range f.subscribers {
		err = errors.Join(err, s.drain(time.Now().Add(patience)))
	}
	f.count(&r)
	return r, errors.Join(err, f.forget(l))
}

// forget ends persistent sessions, so that the next run starts without.
func (f *stream) forget(l load) error {
	if !l.persistent {
		return nil
	}
	l.deadline = time.Now().Add(l.limit)
	return parallel(len(f.subscribers), connecting, func(k int) error { return l.forget(f.subscribers[k].name) })
}

// due tells a tally what was acknowledged.
func (f *stream) due(t *tally) {
	for k := range t.of {
		t.of[k].due = f.publishers[t.first+k].acked
	}
}

// watch ends the waiting of the subscribers when nothing has come for a while.
func (f *stream) watch(deadline time.Time, stop <-chan struct{}) {
	tick := time.NewTicker(patience / 20)
	defer tick.Stop()
	last, since := int64(-1), time.Now()
	for {
		select {
		case <-stop:
			return
		case now := <-tick.C:
			var came int64
			for _, s := range f.subscribers {
				came += s.came.Load()
			}
			if came != last {
				last, since = came, now
			}
			if now.Sub(since) < patience && now.Before(deadline) {
				continue
			}
			for _, s := range f.subscribers {
				_ = s.c.SetReadDeadline(now) // a closed connection waits no more either
			}
			return
		}
	}
}

func (f *stream) count(r *result) {
	var all []time.Duration
	for _, p := range f.publishers {
		r.Sent += p.sent
		r.Disordered += p.disordered
	}
	for _, s := range f.subscribers {
		r.add(s.tally)
		all = append(all, s.latencies...)
	}
	r.latencies(all)
}

func (f *stream) close() {
	for _, p := range f.publishers {
		p.c.Cut()
	}
	for _, s := range f.subscribers {
		s.c.Cut()
	}
}
