// Package command is the ladder of a command: how far an order has come, told
// honestly. It is pure: steps in, a new ladder out.
//
//	step          means                                                       ends
//	accepted      committed with actor, reason and deadline; sending may have begun   no
//	sent          handed to a live connection                                         no
//	delivered     the device's PUBACK                                                 no
//	done          the device's own answer: executed                                   no
//	confirmed     a state report shows the effect, or a passage was counted           yes
//	did_not_move  done, but no effect within the travel time + 5 s                    yes
//	refused       the device said no, with its reason                                 yes
//	failed        certain that it did not happen: offline, connection gone unwritten  yes
//	expired       the deadline passed before it was on the wire                       yes
//	cancelled     somebody took it back before it was on the wire                     yes
//	uncertain     may have been on the wire, nothing came back by the deadline        yes
//
// Steps come in any order, because devices acknowledge, answer and report on
// their own time. Three rules make that harmless:
//
//   - Each step is recorded once, with the time at which it was learned.
//   - The furthest is shown; nothing goes back.
//   - The end that is reached first is final. What is learned after it (the late
//     answer of a device whose command was already uncertain, for example) stands
//     in the rungs, where people can read it, and does not change what is shown:
//     somebody may have acted on "uncertain" already, and an end that changes
//     would have to be watched for ever.
//
// "It did not happen" (refused, failed, expired, cancelled) is less far than "done": it is
// never shown once the device said that it acted.
package command
