package devices

import (
	"maps"
	"slices"
	"time"
)

const (
	// tellSame is how often a report that says nothing new is stored and told: 10,000
	// devices that report every minute would else be 14 million commits a day that
	// change nothing. In memory it counts at once.
	tellSame = 5 * time.Minute
	// What may differ between two reports that say the same.
	sameSignal = 5 // dB
	sameDrift  = 500 * time.Millisecond
)

// saysNothingNew is whether a report on the same connection differs from the last one
// in nothing but its time, and the last one was good until now and stored not long
// ago. u.mu is held.
func (u *unit) saysNothingNew(after State, epoch uint64, now time.Time) bool {
	return epoch == u.reported && !u.live.State.TooOld(now) && after.ReportedAt.Before(u.stated.Add(tellSame)) && sameState(u.live.State, after)
}

func sameState(a, b State) bool {
	signal, drift := a.Signal-b.Signal, (a.Drift.By - b.Drift.By).Abs()
	return max(signal, -signal) < sameSignal && (a.Signal == 0) == (b.Signal == 0) && drift < sameDrift && a.Drift.Wrong() == b.Drift.Wrong() &&
		a.Mode == b.Mode && a.Physical == b.Physical && a.Alarm == b.Alarm && a.Tamper == b.Tamper && a.Fault == b.Fault &&
		a.Power == b.Power && a.Firmware == b.Firmware && a.Heartbeat == b.Heartbeat && a.Command == b.Command && a.Config == b.Config &&
		maps.Equal(a.Modes, b.Modes) && maps.Equal(a.Counters, b.Counters) && maps.Equal(a.Settings, b.Settings) &&
		slices.Equal(a.Capabilities, b.Capabilities)
}
