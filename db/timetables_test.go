package db

import (
	"testing"

	"gatehouse/devices/timetable"
	timetabletest "gatehouse/devices/timetable/storetest"
)

func TestTimetableStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	timetabletest.RunStoreTests(t, func(t *testing.T) timetable.Store { return opened(t).Timetables() })
}
