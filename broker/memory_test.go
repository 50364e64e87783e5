package broker_test

import (
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) (broker.Store, func() broker.Store) {
		s := broker.NewMemoryStore()
		return s, func() broker.Store { return s }
	})
}
