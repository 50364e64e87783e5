package storetest_test

import (
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/storetest"
)

func TestMemoryPassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) devices.Store { return storetest.NewMemory() })
}

func TestMemoryPassesTheSuiteOfPlates(t *testing.T) {
	t.Parallel()
	storetest.RunPlates(t, func(*testing.T) storetest.PlateStore { return storetest.NewMemory() })
}

func TestMemoryPassesTheSuiteOfPictures(t *testing.T) {
	t.Parallel()
	storetest.RunPictures(t, func(*testing.T) (storetest.PictureStore, storetest.Beside) {
		m := storetest.NewMemory()
		return m, storetest.Beside{
			Correct: func(_ *testing.T, passage devices.Event) { m.AddCorrection(passage.ID) },
			Alarm:   func(_ *testing.T, id string, of devices.Event, _ time.Time) { m.SetAlarm(id, of, true) },
			Resolve: func(_ *testing.T, id string, of devices.Event, _ time.Time) { m.SetAlarm(id, of, false) },
		}
	})
}

func TestMemoryAlarmsPassTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunAlarms(t, func(*testing.T) (devices.Store, alarms.Store) {
		m := storetest.NewMemory()
		return m, m.Alarms()
	})
}
