package devices

import "time"

// orderClock is the clock that orders are dated by, and that devices are told: the
// platform's wall clock at its start, and what has passed since on a clock that
// only counts. A step of the wall clock, in either direction, neither makes an old
// order young in the eyes of a device nor a new one old.
type orderClock struct {
	wall  time.Time // by the platform's clock
	began time.Time // the same moment, read for its monotonic part
}

func newOrderClock(now func() time.Time) orderClock {
	return orderClock{wall: now().UTC(), began: time.Now()}
}

// now is in UTC and in milliseconds, as the wire carries it.
func (o orderClock) now() time.Time {
	return o.wall.Add(time.Since(o.began)).Truncate(time.Millisecond)
}

// OrderClock is the time that devices are to be told (see wire.TimePayload):
// Issued of a Command is of the same clock. It never steps while the platform
// runs; a start sets it by the wall clock.
func (c *Control) OrderClock() time.Time { return c.clock.now() }

// issued dates an order that was asked for at asked, a reading of Deps.Now.
func (c *Control) issued(asked time.Time) time.Time {
	waited := max(0, c.d.Now().Sub(asked))
	return c.clock.now().Add(-waited).Truncate(time.Millisecond)
}
