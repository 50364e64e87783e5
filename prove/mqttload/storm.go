package main

import (
	"errors"
	"time"

	"gatehouse/prove/mqtt"
)

// connecting is how many clients connect at the same time.
const connecting = 64

// storm cuts n connections at once, like a power cut in a building, and waits
// until a watcher has seen every will.
func storm(l load) (result, error) {
	r := result{Unit: "will"}
	watcher, err := l.dialSubscribed("load-watch", 64<<10, l.prefix+"storm/+/status")
	if err != nil {
		return r, err
	}
	defer watcher.Cut()
	devices := make([]*mqtt.Conn, l.n)
	err = parallel(l.n, connecting, func(k int) (err error) {
		devices[k], err = l.device("storm", k)
		return err
	})
	defer cut(devices)
	if err != nil {
		return r, err
	}
	s := subscriberOn(watcher, "load-watch", newTally(0, l.n, 1))
	m, err := l.startMeter()
	if err != nil {
		return r, err
	}
	var cutting group
	cutting.run(func() error { cut(devices); return nil })
	err = s.run()
	err = errors.Join(err, cutting.wait(), m.stop(&r, s.tally.received), s.drain(time.Now().Add(patience)))
	r.Sent = l.n
	r.add(s.tally)
	return r, err
}

// cut ends connections with a reset, those that there are.
func cut(all []*mqtt.Conn) {
	for _, c := range all {
		if c != nil {
			c.Cut()
		}
	}
}
