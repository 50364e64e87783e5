package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	ics "github.com/arran4/golang-ical"
)

const beginCalendar = "BEGIN:VCALENDAR"

// deepest is how deep components of iCalendar stand in each other: an alarm in an event in a
// calendar, and some.
const deepest = 8

// property is one line of iCalendar, unfolded.
type property struct {
	*ics.BaseProperty
	line int // where it begins
}

// event is an event of a calendar: its properties by name.
type event struct {
	line  int
	props map[string]property
}

// readCalendar reads iCalendar (RFC 5545): each event that lasts whole days is days. line is
// where it begins in the file.
func (f *file) readCalendar(text []byte, line int) {
	var open []string // components that are not closed, the outermost first
	var now *event
	for _, l := range unfolded(string(text), line) {
		p, wrong := l.parse()
		if wrong != "" {
			f.wrong(l.line, "", wrong, "SUMMARY:Company day")
			return
		}
		if p == nil {
			continue
		}
		switch name := strings.ToUpper(p.IANAToken); name {
		case "BEGIN":
			open = append(open, strings.ToUpper(p.Value))
			if len(open) > deepest {
				f.wrong(l.line, name, fmt.Sprintf("more than %d components stand in each other", deepest), "")
				return
			}
			if len(open) == 2 && open[1] == "VEVENT" {
				now = &event{line: l.line, props: map[string]property{}}
			}
		case "END":
			if len(open) == 0 || open[len(open)-1] != strings.ToUpper(p.Value) {
				f.wrong(l.line, name, "ends what did not begin", "")
				return
			}
			if open = open[:len(open)-1]; len(open) == 1 && now != nil {
				if !f.addEvent(*now) {
					return
				}
				now = nil
			}
		default:
			if now != nil && len(open) == 2 { // what stands deeper is an alarm's
				if _, there := now.props[name]; !there {
					now.props[name] = property{p, l.line}
				}
			}
		}
	}
	if len(open) > 0 {
		f.wrong(0, "", "the file ends within "+open[len(open)-1]+": it is not whole", "END:VCALENDAR")
	}
}

// longest is how many bytes a line that is read may have, unfolded.
const longest = 2000

// read are the properties that say something of days.
var read = []string{
	"BEGIN", "END", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
	"SUMMARY", "STATUS", "X-APPLE-SPECIAL-DAY",
}

// textLine is a line that is meant, and where it begins. Of a long one its begin is kept.
type textLine struct {
	line int
	text string
}

// parse gives the property; nil: it says nothing of days. wrong is what is not as it should be.
func (l textLine) parse() (p *ics.BaseProperty, wrong string) {
	const form = "is no line of iCalendar: NAME:VALUE (RFC 5545, 3.1)"
	end := strings.IndexAny(l.text, ":;")
	if end < 1 {
		return nil, form
	}
	switch known := slices.Contains(read, strings.ToUpper(l.text[:end])); {
	case !known:
		return nil, ""
	case len(l.text) > longest:
		return nil, fmt.Sprintf("the line has more than %d bytes", longest)
	}
	p, err := parsed(l.text)
	if err != nil {
		return nil, form
	}
	return p, ""
}

// parsed calls the library, which is not made for hostile bytes.
func parsed(text string) (p *ics.BaseProperty, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cannot be read: %v", r)
		}
	}()
	p, err = ics.ParseProperty(ics.ContentLine(text))
	if err == nil && p == nil {
		err = errors.New("no property")
	}
	return p, err
}

// unfolded are the lines that are meant: one that begins with a space or a tab goes on with
// the one before it (RFC 5545, 3.1). Blank ones are left out.
func unfolded(text string, line int) (all []textLine) {
	for raw := range strings.Lines(text) {
		raw = strings.TrimRight(raw, "\r\n")
		switch folded := raw != "" && (raw[0] == ' ' || raw[0] == '\t'); {
		case folded && len(all) > 0:
			if last := &all[len(all)-1]; len(last.text) <= longest {
				last.text += raw[1:]
			}
		case strings.TrimSpace(raw) != "":
			all = append(all, textLine{line, raw})
		}
		line++
	}
	return all
}

// unrepeated are properties of events that come again; what they mean is not reckoned here.
var unrepeated = []string{"RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}

// addEvent takes the days of one event; false: no more is read.
func (f *file) addEvent(e event) bool {
	if p, there := e.props["STATUS"]; there && strings.EqualFold(p.Value, "CANCELLED") {
		return true
	}
	for _, name := range unrepeated {
		if p, there := e.props[name]; there {
			f.wrong(p.line, name, "an event that comes again is not taken: give each of its days an event", "DTSTART;VALUE=DATE:20260501")
			return true
		}
	}
	first, ok := f.dateOf(e, "DTSTART", e.line)
	if !ok {
		return true
	}
	after, ok := f.endOf(e, first)
	if !ok {
		return true
	}
	summary := e.props["SUMMARY"]
	entry := Entry{Kind: e.kind()}
	if summary.BaseProperty != nil {
		entry.Name = strings.TrimSpace(ics.FromText(summary.Value))
	}
	if message := nameWrong(entry.Name); message != "" {
		f.wrong(summary.line, "SUMMARY", message, "SUMMARY:"+shortened(entry.Name))
		return true
	}
	for entry.Day = first; entry.Day < after; entry.Day = entry.Day.Add(1) {
		if !f.add(e.line, entry) {
			return false
		}
	}
	return true
}

// endOf is the day after the last one: DTEND is not of the event any more (RFC 5545, 3.6.1).
// Without it the event is of one day.
func (f *file) endOf(e event, first Day) (Day, bool) {
	if p, there := e.props["DURATION"]; there {
		f.wrong(p.line, "DURATION", "the end is taken from DTEND only, which is the day after the last one", "DTEND;VALUE=DATE:"+basic(first.Add(1)))
		return "", false
	}
	p, there := e.props["DTEND"]
	if !there {
		return first.Add(1), true
	}
	after, ok := f.dateOf(e, "DTEND", e.line)
	if ok && (after <= first || first.Until(after) > MaxDays) {
		f.wrong(p.line, "DTEND", fmt.Sprintf("must be the day after the last one, at most %d days after DTSTART", MaxDays), "DTEND;VALUE=DATE:"+basic(first.Add(1)))
		return "", false
	}
	return after, ok
}

// dateOf is the day that a property names.
func (f *file) dateOf(e event, name string, line int) (Day, bool) {
	p, there := e.props[name]
	if !there {
		f.wrong(line, name, "the event does not say when it is", name+";VALUE=DATE:20260501")
		return "", false
	}
	day, ok := dayOf(p.Value, "20060102")
	switch {
	case ok:
	case strings.Contains(p.Value, "T"):
		f.wrong(p.line, name, "an event with times is not a day: only events of whole days are taken", name+";VALUE=DATE:"+p.Value[:min(8, strings.Index(p.Value, "T"))])
	default:
		f.wrong(p.line, name, fmt.Sprintf("%.40q is not a day as YYYYMMDD from 2000 to 2099", p.Value), name+";VALUE=DATE:20260501")
	}
	return day, ok
}

func basic(d Day) string { return strings.ReplaceAll(string(d), "-", "") }

// kind is what an event says its days are: a feed of holidays marks the days that are worked
// instead, by a property or in its words. All others are holidays.
func (e event) kind() Kind {
	if p, there := e.props["X-APPLE-SPECIAL-DAY"]; there {
		if strings.EqualFold(p.Value, "ALTERNATE-WORKDAY") {
			return Workday
		}
		return Holiday
	}
	p, there := e.props["SUMMARY"]
	if !there {
		return Holiday
	}
	words := strings.ToLower(p.Value)
	for _, worked := range []string{"补班", "上班", "(班)", "（班）", "workday", "working day"} {
		if strings.Contains(words, worked) {
			return Workday
		}
	}
	if strings.HasSuffix(words, "班") {
		return Workday
	}
	return Holiday
}
