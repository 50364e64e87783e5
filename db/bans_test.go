package db

import (
	"testing"

	"gatehouse/devices/bans"
	bantest "gatehouse/devices/bans/storetest"
)

func TestBanStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	bantest.RunStoreTests(t, func(t *testing.T) bans.Store {
		t.Helper()
		return opened(t).Bans()
	})
}
