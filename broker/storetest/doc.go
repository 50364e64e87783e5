// Package storetest is the suite that every broker.Store must pass: what one has
// applied is what it loads, whole and in order, also by another instance that is
// opened on the same data afterwards.
//
// It is used by the tests of the stores:
//
//	storetest.Run(t, func(t *testing.T) (broker.Store, func() broker.Store) {
//		...
//		return store, reopen
//	})
//
// reopen closes the store and opens it again from what is durable; a store that
// has nothing to close returns itself.
package storetest
