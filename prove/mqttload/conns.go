package main

import (
	"fmt"
	"time"

	"gatehouse/prove/mqtt"
)

const (
	// Memory is read when it has been the same, within one percent, for so long.
	steady = 5 * time.Second
	// What may stay of a connection that has left, before waiting for it ends.
	keptKiB = 0.5
)

// conns measures what idle connections cost: CPU time to connect, memory while
// they are there, and memory that is left when all have gone.
func conns(l load) (result, error) {
	r := result{Unit: "connection", Sent: l.n, Wanted: l.n}
	var err error
	if l.pid != 0 {
		if r.KiBBefore, err = memory(l.pid); err != nil {
			return r, err
		}
	}
	devices := make([]*mqtt.Conn, l.n)
	defer cut(devices)
	m, err := l.startMeter()
	if err != nil {
		return r, err
	}
	err = parallel(l.n, connecting, func(k int) (err error) {
		if devices[k], err = l.device("conns", k); err != nil {
			return err
		}
		return devices[k].SubscribeNow(1, byte(l.qos), fmt.Sprintf("%sconns/%d/command", l.prefix, k))
	})
	if err != nil {
		return r, err
	}
	if err := m.stop(&r, l.n); err != nil {
		return r, err
	}
	r.Received = l.n
	if l.pid == 0 {
		return r, l.leave(devices)
	}
	return r, l.holdAndLeave(&r, devices)
}

func (l load) holdAndLeave(r *result, devices []*mqtt.Conn) (err error) {
	if r.KiBAfter, err = l.steadyMemory(0, l.deadline); err != nil {
		return err
	}
	r.KiBEach = float64(r.KiBAfter-r.KiBBefore) / float64(l.n)
	if err := l.leave(devices); err != nil {
		return err
	}
	enough := r.KiBBefore + int(keptKiB*float64(l.n))
	if r.KiBLeft, err = l.steadyMemory(enough, earlier(l.deadline, time.Now().Add(l.returning))); err != nil {
		return err
	}
	r.KiBKept = float64(r.KiBLeft-r.KiBBefore) / float64(l.n)
	return nil
}

// leave disconnects in order, and waits until the broker has closed.
func (l load) leave(devices []*mqtt.Conn) error {
	return parallel(len(devices), connecting, func(k int) error { return goodbye(devices[k]) })
}

// steadyMemory waits until the broker's memory no longer changes, or, with
// enough, until it is that little; until the end at the latest.
func (l load) steadyMemory(enough int, end time.Time) (int, error) {
	tick := time.NewTicker(steady / 10)
	defer tick.Stop()
	reference, since := 0, time.Now()
	for now := range tick.C {
		kib, err := memory(l.pid)
		if err != nil {
			return 0, err
		}
		if kib <= enough || now.After(end) {
			return kib, nil
		}
		if difference := kib - reference; difference*100 > reference || -difference*100 > reference {
			reference, since = kib, now
		}
		if enough == 0 && now.Sub(since) >= steady {
			return kib, nil
		}
	}
	return 0, nil // a ticker does not end
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
