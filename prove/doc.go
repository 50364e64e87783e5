// Package prove is support for tests that prove a promise: how large they run,
// with which seed, and a record of what they measured. Only tests and suites of tests import it.
//
// A test that has a size asks Size(short, full). Every plain run is short; make
// prove sets GATEHOUSE_PROVE and runs the same tests at full size, on the
// release binary where a test starts one, and gathers their records in
// prove.md: promise, seed, wanted, measured, and what was skipped.
package prove
