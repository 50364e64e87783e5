// Package schedule runs timed commands: at each time that a cron expression names
// in a time zone, one action goes to the devices of a schedule.
//
// The console edits schedules through Service; the program runs Service.Run for as
// long as it lives. The package promises:
//
//   - A due time is claimed in the store for each device before its command is sent,
//     and only the one who inserted the claim sends. A crash at any instant, a second
//     process and a clock that goes back never send it twice.
//   - No due time is lost in silence. What could not be sent in time (SkipLate, five
//     minutes unless the schedule says otherwise) is recorded as skipped with the
//     reason, also what passed while no process ran. Of several that were missed
//     and could still be sent, the newest is; a long absence takes few rows. A
//     schedule that catches up sends the newest however late; what opens never does.
//   - A rule that names hours follows the clock on the wall: a time that daylight
//     saving skips is due at the first instant after the gap, one that comes twice
//     is due once. A rule that runs in every hour follows the time that passes.
//   - A schedule may be due on kinds of days of its site's calendar only. The calendar
//     is asked when a due time has come, so that a day that is changed counts at once.
//   - Several devices may be spread over a jitter. The part of each is fixed by
//     schedule, device and due time: whoever asks gets the same.
//   - The result of a run is looked at some minutes later. A closing that was not
//     confirmed is sent once more, by a key that is made of the claim; an opening never.
//   - An expression that cannot be read, or that never comes, is refused with the
//     field, the reason and an example. The time zone is a field of its own.
//   - Every edit and act has an audit entry. Due times count from the last one on, so
//     a pause misses nothing, and resuming does not catch up.
//
// What the device did with a command is in the command's ladder, not here. See
// DESIGN.md for the reasons.
package schedule
