// Package calendar says which kind of day a day is at a site: a workday, a rest day or a
// public holiday. Timetables stand on it.
//
// Four say it, and the first that does counts: the site's own day, the property's own day,
// the days that the State Council of the People's Republic of China published (holidays, and
// the Saturdays and Sundays that are worked for them, 调休), and the weekday: Monday to Friday
// are workdays. The package promises:
//
//   - Published days are those of notices that are named by number and date (data/). A year
//     whose notice the program does not know is said to be unpublished, and is never guessed:
//     weekdays count there.
//   - Own days are put and removed one by one, or imported from CSV and iCalendar. An import is
//     looked through first and kept whole or not at all; each error names the line, the field,
//     what would be right, and an example.
//   - Reading is total: whatever the bytes are, it gives days or errors, in bounded memory.
//   - Every change has an audit entry with what was and what is.
//
// A day is of the civil calendar, without a time zone: whoever asks with an instant asks by the
// clock of the site (Of).
package calendar
