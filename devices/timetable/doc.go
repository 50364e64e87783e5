// Package timetable holds openings open or closed at times of the week, by the calendar that
// people live by.
//
// The console edits timetables through Service; the program runs Service.Run for as long as it
// lives. The package promises:
//
//   - A timetable sets and releases the schedule layer of the arbiter and nothing else: holds,
//     lockdowns and fire releases are stronger, and survive it.
//   - Times are those of the site's clock on the wall. A time that daylight saving skips is the
//     first instant after the gap, and of one that comes twice the first counts.
//   - Each switch is claimed in the store before an opening is told. A crash at any instant and
//     a clock that goes back never carry it out twice, and none is lost in silence: what could
//     not be carried out in time is recorded as skipped with the reason.
//   - What was begun by a clock that was more than an hour ahead is released when the clock is
//     set right, and recorded as skipped.
//   - A beginning that is late is skipped, unless the timetable says to catch up, or its openings
//     are held that way already. An end is carried out however late it is, and the layer ends at
//     its time also if nothing runs.
//   - Where several timetables cover an opening, the one that names it most exactly counts
//     (device, zone, site); of equals the one that holds it closed, then the older one.
//   - Every switch has a result for each opening, and a check afterwards whether it took the
//     mode; if not there is an alarm.
//   - What is wrong in a timetable is refused with the field, the reason and an example, and
//     nothing of it is kept.
//
// See DESIGN.md for the reasons.
package timetable
