package journal

import (
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
)

func TestJournalPassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) (broker.Store, func() broker.Store) {
		dir := t.TempDir()
		j := opened(t, dir)
		return j, func() broker.Store {
			ok(t, j.Close())
			j = opened(t, dir)
			return j
		}
	})
}
