// Package storetest has an in-memory devices.Store for tests and the conformance
// suite that every devices.Store passes.
//
// A store's own test is three lines:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) devices.Store { return openNew(t) })
//	}
package storetest
