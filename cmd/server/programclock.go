//go:build !fastclock

package main

import "time"

// programClock is the clock by which timetables and timed commands are due: that of the machine.
// A binary that is built with the tag fastclock has another one; none that is shipped is.
func programClock() time.Time { return time.Now() }
