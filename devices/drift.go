package devices

import "time"

// ClockLimit is how far a device's clock may be off before somebody should do
// something about it: what it writes down then no longer fits to what others say.
const ClockLimit = 5 * time.Second

// Drift is how far a device's clock is ahead (behind, if negative) of the clock
// that orders are dated by, and when that was measured. The zero Drift is none.
type Drift struct {
	By time.Duration `json:"by"`
	At time.Time     `json:"at,omitzero"`
}

// Known is whether it was ever measured.
func (d Drift) Known() bool { return !d.At.IsZero() }

// Wrong is whether the clock is further off than ClockLimit.
func (d Drift) Wrong() bool { return d.Known() && d.By.Abs() > ClockLimit }

const (
	driftJitter = time.Second // what a line's delay may differ by in health
	driftHolds  = 2 * time.Minute
)

// MeasureDrift is the drift after a report: device is the device's clock in it, order
// the order clock when it arrived, and online how long its connection had stood by then.
// A report that stood in a queue makes a clock look slow, never fast; so one that looks
// slower than before by more than a second is believed once the last good measure is
// two minutes old, which is two heartbeats, and the connection as well: after an
// outage a device may first send what it kept. Nothing else of the past counts: a
// clock that was set shows its new drift at the next reports.
func MeasureDrift(before Drift, device, order time.Time, online time.Duration) Drift {
	now := Drift{By: device.Sub(order).Truncate(time.Millisecond), At: order}
	held := before.Known() && (order.Sub(before.At) < driftHolds || online < driftHolds)
	if held && now.By < before.By-driftJitter {
		return before
	}
	return now
}
