package web

import (
	"context"
	"net/http"
	"strconv"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// Calendar says what days are; calendar.Service does. The empty site is the whole property.
type Calendar interface {
	Between(ctx context.Context, site devices.SiteID, from, to calendar.Day) ([]calendar.Answer, error)
	Notice(year int) (calendar.Notice, bool)
	Today(ctx context.Context, site devices.SiteID) (calendar.Day, error)
	Put(ctx context.Context, by devices.Actor, of devices.SiteID, e calendar.Entry) error
	Remove(ctx context.Context, by devices.Actor, of devices.SiteID, d calendar.Day) error
	Import(ctx context.Context, by devices.Actor, of devices.SiteID, content []byte, look bool) (calendar.Import, error)
}

// DayLayer is what one source says of a day.
type DayLayer struct {
	Source  calendar.Source `json:"source" enum:"site,property,published,weekday"`
	Kind    calendar.Kind   `json:"kind" enum:"workday,rest,holiday"`
	Name    string          `json:"name" doc:"may be empty"`
	English string          `json:"english" doc:"the name in English, of published days; else empty"`
}

// CalendarDay is what a day is.
type CalendarDay struct {
	Day calendar.Day `json:"day" format:"date"`
	DayLayer
	Published bool       `json:"published" doc:"false: the holidays of its year are not published yet, weekdays count"`
	Under     []DayLayer `json:"under" doc:"what the other sources say, which do not count here; the first one would without the one that does"`
}

// CalendarYear is where the holidays of a year were published.
type CalendarYear struct {
	Year      int          `json:"year"`
	Published bool         `json:"published"`
	Notice    string       `json:"notice" doc:"number of the State Council's notice; empty: not published yet"`
	Issued    calendar.Day `json:"issued" doc:"the day of the notice; empty: not published yet"`
}

// CalendarDays are days of a site, or of the whole property.
type CalendarDays struct {
	Site  devices.SiteID `json:"site" doc:"empty: the whole property"`
	Today calendar.Day   `json:"today" format:"date" doc:"by the clock of the site; of the whole property by UTC"`
	Years []CalendarYear `json:"years" doc:"of the days"`
	Days  []CalendarDay  `json:"days" doc:"each, in order"`
}

// DayRequest says what a day is.
type DayRequest struct {
	Kind calendar.Kind `json:"kind" enum:"workday,rest,holiday"`
	Name string        `json:"name,omitempty" maxLength:"40"`
}

// DayImport is what a file of days made, or would make.
type DayImport struct {
	Committed bool             `json:"committed" doc:"false: nothing was changed, because it was only looked through or because of the errors"`
	New       []OwnDay         `json:"new"`
	Changed   []ChangedDay     `json:"changed"`
	Same      int              `json:"same" doc:"days that are so already"`
	Errors    []DayImportError `json:"errors" doc:"what is wrong; with one of them nothing is kept"`
}

// OwnDay is what a file says of a day.
type OwnDay struct {
	Day  calendar.Day  `json:"day" format:"date"`
	Kind calendar.Kind `json:"kind" enum:"workday,rest,holiday"`
	Name string        `json:"name"`
}

// ChangedDay is a day that is another by a file.
type ChangedDay struct {
	OwnDay
	Before OwnDay `json:"before"`
}

// DayImportError is what is wrong in a file of days.
type DayImportError struct {
	Line    int    `json:"line" doc:"counted from 1; 0: the whole file"`
	Field   string `json:"field" doc:"day, kind, name, or of iCalendar the name of a property; empty: the whole line"`
	Message string `json:"message" doc:"what would be right, in English"`
	Example string `json:"example" doc:"what would be taken; may be empty"`
}

type calendarQuery struct {
	Site devices.SiteID `query:"site" maxLength:"64" doc:"left out: the whole property"`
	From calendar.Day   `query:"from" format:"date" doc:"left out: the first day of this year"`
	To   calendar.Day   `query:"to" format:"date" doc:"left out: the last day of the year of from; at most 400 days"`
}

type (
	propertyDay struct {
		Day calendar.Day `path:"day" format:"date"`
	}
	siteDay struct {
		Site devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
		Day  calendar.Day   `path:"day" format:"date"`
	}
	putPropertyDay struct {
		Day  calendar.Day `path:"day" format:"date"`
		Body DayRequest
	}
	putSiteDay struct {
		Site devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
		Day  calendar.Day   `path:"day" format:"date"`
		Body DayRequest
	}
	importPropertyDays struct {
		Mode    string `query:"mode" enum:"look,commit" default:"look" doc:"look: change nothing"`
		RawBody []byte `contentType:"text/csv" doc:"CSV with the columns day, kind and name, in English or Chinese, in UTF-8, or in GB18030 with Chinese names of columns; or iCalendar with events of whole days"`
	}
	importSiteDays struct {
		Site    devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
		Mode    string         `query:"mode" enum:"look,commit" default:"look" doc:"look: change nothing"`
		RawBody []byte         `contentType:"text/csv" doc:"as of the whole property"`
	}
)

// calendarImport ends the paths that take a file of days.
const calendarImport = "/calendar/import"

func (s *Server) calendarRoutes(a *api) {
	add(a, operation(http.MethodGet, "/calendar", "getCalendar", "calendar", "What days are at a site: workdays, rest days and holidays, and who says so", 200), s.getCalendar)
	add(a, operation(http.MethodPut, "/calendar/days/{day}", "putPropertyDay", "calendar", "Say what a day is, for the whole property", 204),
		func(ctx context.Context, i *putPropertyDay) (*none, error) {
			return nil, s.deps.Calendar.Put(ctx, actor(ctx), "", i.Body.entry(i.Day))
		})
	add(a, operation(http.MethodDelete, "/calendar/days/{day}", "removePropertyDay", "calendar", "Take back what was said of a day, for the whole property", 204),
		func(ctx context.Context, i *propertyDay) (*none, error) {
			return nil, s.deps.Calendar.Remove(ctx, actor(ctx), "", i.Day)
		})
	add(a, operation(http.MethodPut, "/sites/{site}/calendar/days/{day}", "putSiteDay", "calendar", "Say what a day is, at one site", 204),
		func(ctx context.Context, i *putSiteDay) (*none, error) {
			return nil, s.deps.Calendar.Put(ctx, actor(ctx), i.Site, i.Body.entry(i.Day))
		})
	add(a, operation(http.MethodDelete, "/sites/{site}/calendar/days/{day}", "removeSiteDay", "calendar", "Take back what was said of a day, at one site", 204),
		func(ctx context.Context, i *siteDay) (*none, error) {
			return nil, s.deps.Calendar.Remove(ctx, actor(ctx), i.Site, i.Day)
		})
	s.calendarImportRoutes(a)
}

func (s *Server) calendarImportRoutes(a *api) {
	property := operation(http.MethodPost, calendarImport, "importPropertyDays", "calendar", "Say what many days are, for the whole property: all or none", 200)
	site := operation(http.MethodPost, "/sites/{site}"+calendarImport, "importSiteDays", "calendar", "Say what many days are, at one site: all or none", 200)
	property.MaxBodyBytes, site.MaxBodyBytes = calendar.MaxFile, calendar.MaxFile
	add(a, property, func(ctx context.Context, i *importPropertyDays) (*out[DayImport], error) {
		return s.importDays(ctx, "", i.RawBody, i.Mode)
	})
	add(a, site, func(ctx context.Context, i *importSiteDays) (*out[DayImport], error) {
		return s.importDays(ctx, i.Site, i.RawBody, i.Mode)
	})
}

func (s *Server) getCalendar(ctx context.Context, q *calendarQuery) (*out[CalendarDays], error) {
	today, err := s.deps.Calendar.Today(ctx, q.Site)
	if err != nil {
		return nil, err
	}
	from, to := q.From, q.To
	if from == "" {
		from = firstOf(today.Year())
	}
	if to == "" {
		to = firstOf(from.Year() + 1).Add(-1)
	}
	days, err := s.deps.Calendar.Between(ctx, q.Site, from, to)
	if err != nil {
		return nil, err
	}
	list := CalendarDays{Site: q.Site, Today: today, Days: each(days, calendarDayOf), Years: []CalendarYear{}}
	for year := from.Year(); year <= to.Year(); year++ {
		n, known := s.deps.Calendar.Notice(year)
		list.Years = append(list.Years, CalendarYear{Year: year, Published: known, Notice: n.Number, Issued: n.Issued})
	}
	return &out[CalendarDays]{list}, nil
}

func firstOf(year int) calendar.Day { return calendar.Day(strconv.Itoa(year) + "-01-01") }

func (s *Server) importDays(ctx context.Context, of devices.SiteID, file []byte, mode string) (*out[DayImport], error) {
	look := mode != "commit"
	made, err := s.deps.Calendar.Import(ctx, actor(ctx), of, file, look)
	return &out[DayImport]{DayImport{
		Committed: !look && len(made.Errors) == 0,
		New:       each(made.New, ownDayOf), Same: made.Same,
		Changed: each(made.Changed, func(c calendar.Change) ChangedDay { return ChangedDay{ownDayOf(c.After), ownDayOf(c.Before)} }),
		Errors:  each(made.Errors, func(p calendar.Problem) DayImportError { return DayImportError(p) }),
	}}, err
}

func (r DayRequest) entry(d calendar.Day) calendar.Entry {
	return calendar.Entry{Day: d, Kind: r.Kind, Name: r.Name}
}

func ownDayOf(e calendar.Entry) OwnDay { return OwnDay{Day: e.Day, Kind: e.Kind, Name: e.Name} }

func calendarDayOf(a calendar.Answer) CalendarDay {
	layers := each(a.Layers, func(l calendar.Layer) DayLayer { return DayLayer(l) })
	return CalendarDay{Day: a.Day, DayLayer: layers[0], Published: a.Published, Under: layers[1:]}
}
