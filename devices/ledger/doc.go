// Package ledger turns billing events of devices into rows of money, each event
// once.
//
// The program gives it billing messages (Take) and people read it (Query). It
// promises:
//
//   - A billing event, known by device and event id, is one row however often it
//     comes: an identical repetition changes nothing. Take answers nil only for
//     what is durable, so the acknowledgement may leave after it, and a device
//     that saw none sends again.
//   - Other content under the same id is never booked: it goes to the quarantine
//     as a conflict, with its bytes, and the row stays as it is.
//   - What cannot be read goes to the quarantine with its bytes and the field
//     that is wrong, and never holds up what follows.
//   - Rows are never changed. A correction is a billing event of its own that
//     names the one it corrects and carries the difference: negative gives money
//     back, positive asks for more. Only a correction may be negative, and none is
//     zero. It may come before the event that it names, since a device that was
//     away sends in any order; sums are right either way.
//   - Amounts are integers in minor units of an ISO 4217 currency and are only
//     ever added to amounts of the same currency.
//
// All rows of a batch are one transaction of the store. Quarantining comes after
// it: if that fails, the batch is offered again and finds its rows there.
package ledger
