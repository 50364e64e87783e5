package storetest_test

import (
	"testing"

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
	storetest.RunPictures(t, func(*testing.T) (storetest.PictureStore, func(devices.Event)) {
		m := storetest.NewMemory()
		return m, func(passage devices.Event) { m.AddCorrection(passage.ID) }
	})
}

func TestMemoryAlarmsPassTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunAlarms(t, func(*testing.T) (devices.Store, alarms.Store) {
		m := storetest.NewMemory()
		return m, m.Alarms()
	})
}
