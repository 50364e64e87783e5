package devices_test

import (
	"testing"
	"time"

	"gatehouse/devices"
)

func TestWhatEndsIsInTimeBetweenItsMakingAndItsEndOnly(t *testing.T) {
	t.Parallel()
	const longest = 12 * time.Hour
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for ends, is := range map[time.Time]bool{
		{}: false, now.AddDate(-1, 0, 0): false, now: false, now.Add(1): true, now.Add(longest): true,
		now.Add(longest + time.Hour): true, now.Add(longest + time.Hour + 1): false, now.AddDate(300, 0, 0): false,
	} {
		if devices.InTime(ends, now, longest) != is {
			t.Errorf("what ends %v: %v", ends, !is)
		}
	}
}
