// Package shift keeps who is on duty at some lanes, from when to when, what was taken meanwhile, and what the next one was told.
//
// A shift is one person at up to six devices of one site. It promises:
//
//   - Somebody has at most one open shift, and a device is in at most one: so what is taken at a device while a shift is
//     open belongs to that shift alone.
//   - What a shift took, how many passed and how often its person ordered an opening is counted by the platform from
//     what it keeps. Nobody types it. What somebody counted in the drawer stands beside it, with the difference.
//   - A row of the ledger is in exactly one of two shifts of which the second took over the first, whenever it was
//     committed: the first ends, and the second begins, at a row, and not at a time.
//   - What an ended shift says never changes.
//   - A handed-over shift is taken over once, by somebody who was shown its open alarms and its notes.
//   - A forgotten shift is ended by somebody with the right to, with a reason that stays with it.
//   - Every change has its entry in the audit trail in the same transaction.
//
// See DESIGN.md for why it is so.
package shift
