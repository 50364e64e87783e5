package storetest_test

import (
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/storetest"
)

func TestMemoryPassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) devices.Store { return storetest.NewMemory() })
}
