package devices_test

import (
	"testing"
	"time"

	"gatehouse/devices"
)

func TestDelayedReportsDoNotMakeAClockSlow(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	var d devices.Drift
	for _, step := range []struct {
		after, clock, delay time.Duration // since start, what the clock is ahead, how late it arrives
		want                time.Duration
	}{
		{0, 300 * time.Millisecond, 0, 300 * time.Millisecond},
		{time.Minute, 300 * time.Millisecond, 20 * time.Second, 300 * time.Millisecond},                      // stood in a queue
		{2 * time.Minute, 300 * time.Millisecond, 10 * time.Millisecond, 290 * time.Millisecond},             // healthy
		{3 * time.Minute, -8 * time.Second, 0, 290 * time.Millisecond},                                       // set back
		{3*time.Minute + 30*time.Second, -8 * time.Second, 0, 290 * time.Millisecond},                        //
		{4*time.Minute + time.Second, -8 * time.Second, 0, -8 * time.Second},                                 // believed
		{4*time.Minute + 2*time.Second, time.Hour, 0, time.Hour},                                             // set ahead: at once
		{4*time.Minute + 3*time.Second, time.Hour, 900 * time.Millisecond, time.Hour - 900*time.Millisecond}, // jitter
	} {
		sent := start.Add(step.after)
		d = devices.MeasureDrift(d, sent.Add(step.clock), sent.Add(step.delay), time.Hour)
		if d.By != step.want {
			t.Errorf("after %v: %v, want %v", step.after, d.By, step.want)
		}
	}
	if !d.Wrong() || (devices.Drift{By: time.Hour}).Wrong() || (devices.Drift{By: -5 * time.Second, At: start}).Wrong() {
		t.Error("what is wrong is judged wrongly")
	}
}

func TestWhatADeviceKeptDuringAnOutageDoesNotMakeItsClockSlow(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	good := devices.MeasureDrift(devices.Drift{}, start, start, time.Hour)
	back := start.Add(time.Hour)
	for ago := time.Hour; ago > time.Minute; ago -= time.Minute {
		if d := devices.MeasureDrift(good, back.Add(-ago), back, time.Second); d != good {
			t.Fatalf("a report of %s ago makes it %+v", ago, d)
		}
	}
	later := back.Add(2 * time.Minute)
	if d := devices.MeasureDrift(good, later.Add(-time.Minute), later, 2*time.Minute); d.By != -time.Minute {
		t.Errorf("a clock that was set back meanwhile is off by %s", d.By)
	}
}
