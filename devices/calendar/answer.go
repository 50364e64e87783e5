package calendar

import "time"

// Source is who says what a day is.
type Source string

// The sources, the first one that says something counts.
const (
	BySite     Source = "site"
	ByProperty Source = "property"
	ByState    Source = "published"
	ByWeekday  Source = "weekday"
)

// Layer is what one source says of a day.
type Layer struct {
	Source  Source
	Kind    Kind
	Name    string
	English string // the name in English; of published days only
}

// Answer is what a day is.
type Answer struct {
	Day    Day
	Layers []Layer // of every source that says something; the first one counts
	// Published is whether the holidays of the day's year are known. If not, a Monday to
	// Friday without an own day counts as a workday, whatever will be published.
	Published bool
}

// Kind is what counts.
func (a Answer) Kind() Kind { return a.Layers[0].Kind }

// own are days that people said, by day.
type own map[Day]Entry

// answer is what a day is with the own days of a site and of the property.
func (p published) answer(d Day, site, property own) Answer {
	_, known := p.notices[d.Year()]
	a := Answer{Day: d, Published: known}
	if e, ok := site[d]; ok {
		a.Layers = append(a.Layers, Layer{Source: BySite, Kind: e.Kind, Name: e.Name})
	}
	if e, ok := property[d]; ok {
		a.Layers = append(a.Layers, Layer{Source: ByProperty, Kind: e.Kind, Name: e.Name})
	}
	if l, ok := p.days[d]; ok {
		a.Layers = append(a.Layers, l)
	}
	a.Layers = append(a.Layers, Layer{Source: ByWeekday, Kind: weekday(d)})
	return a
}

// weekday is what the day of the week says: Monday to Friday are workdays.
func weekday(d Day) Kind {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return Rest
	}
	return Workday
}
