package db

import (
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
	ledgertest "gatehouse/devices/ledger/storetest"
	"gatehouse/devices/schedule"
	scheduletest "gatehouse/devices/schedule/storetest"
	"gatehouse/devices/storetest"
)

func TestDeviceStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) devices.Store { return opened(t).Devices() })
}

func TestScheduleStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	scheduletest.RunStoreTests(t, func(t *testing.T, known ...devices.Device) schedule.Store {
		d := opened(t)
		register(t, d, known...)
		return d.Schedules()
	})
}

func TestLedgerStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	ledgertest.RunStoreTests(t, func(t *testing.T, known ...devices.Device) ledger.Store {
		d := opened(t)
		register(t, d, known...)
		return d.Ledger()
	})
}
