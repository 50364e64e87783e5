// Package alarms tells people what needs them, once, until somebody has seen it.
//
// It follows what is committed: events, ended commands and quarantined messages by
// the revision of their site, and the standing conditions of devices by the news
// of them. Nothing calls it while a device or an operator waits. It promises:
//
//   - What was committed becomes an alarm once, also through a kill between the
//     two: the alarm and how far was read are one transaction.
//   - Of one device and one type at most one alarm is open: a repetition is counted
//     and moves "last seen".
//   - An alarm that nobody has acknowledged stays, also when its cause is over. One
//     that is acknowledged and over is resolved by itself.
//   - A muted device's alarms are recorded and shown; they are not loud.
//   - Every act of a person is in the alarm's history and in the audit trail, in
//     the transaction of its change.
//
// An alarm's states, after ISA-18.2 (IEC 62682):
//
//	raised        its cause stands, nobody has acknowledged it
//	acknowledged  its cause stands, somebody has seen it
//	over          its cause has ended, nobody has acknowledged it
//	resolved      done: acknowledged and over, or resolved by a person
//
// Types is the table of what there is, how severe, and whether it stands for a
// condition or for a moment. See DESIGN.md for why it is so.
package alarms
