// Package trail keeps the audit trail provable: who did what, one row per write, each
// row bound to all rows before it.
//
// A row's hash covers the hash of the row before it (see Row.Next), so that a row that
// is changed, taken out, put in or moved is found by Check. Whoever can write the
// database could hash everything after a change anew: against that the newest hash is
// signed every day (Head) and kept outside. Values of people are in a row only as
// ciphertext under a key of each person; the chain covers the ciphertext, so that a key
// can be destroyed and the chain still holds. Old rows are removed only up to a row that
// keeps the hash at the cut.
package trail
