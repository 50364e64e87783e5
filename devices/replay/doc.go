// Package replay tells what happened around a moment: what people, timetables and
// programs ordered, what devices did and said, what was seen of their connections,
// and what became an alarm, in one order.
//
// # What it promises
//
//   - A replay is of one device (with those whose place it took), one zone or one
//     site, and of at most MaxSpan.
//   - Lines are in the order of their time; of equal ones what may be a cause comes
//     before what may be its effect, and the order is always the same.
//   - It gives MaxLines at most. If there is more it says up to when it is whole:
//     before that moment nothing is missing.
//   - It tells how each device stood before the first line, as far as that is kept: so
//     the lines say how it stood at every later moment.
//   - It tells nothing of what its reader may not see.
//
// Why it is made so stands in DESIGN.md.
package replay
