//go:build fastclock

package main

import (
	"fmt"
	"os"
	"time"
)

// fastClock is the environment that says how the clock of timetables and timed commands runs:
// three numbers, an instant of the machine's clock, what the program's clock shows then (both in
// milliseconds since 1970), and how many times as fast it runs.
//
// Only this build knows it, for suites of tests that kill the server around due times and cannot
// wait for days. Only what is due goes by it. MQTT, devices, their orders and their layers go by
// the machine's clock, and timers run at its speed: with a multiple of ten the runners, which sleep
// at most five seconds, look every fifty seconds of the fast clock. The clock must be ahead of
// the machine's, so that layers do not end before they are released.
const fastClock = "GATEHOUSE_FASTCLOCK"

func programClock() time.Time {
	now := time.Now()
	text := os.Getenv(fastClock)
	if text == "" {
		return now
	}
	var since, shown, multiple int64
	if _, err := fmt.Sscanf(text, "%d %d %d", &since, &shown, &multiple); err != nil {
		fmt.Fprintf(os.Stderr, "%s=%q: want three numbers: %v\n", fastClock, text, err)
		os.Exit(1)
	}
	return time.UnixMilli(shown + (now.UnixMilli()-since)*multiple)
}
