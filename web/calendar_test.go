package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// wallCalendar is a Calendar that says little, and hears what it is told.
type wallCalendar struct {
	err  error
	told []string
}

func (w *wallCalendar) Between(_ context.Context, _ devices.SiteID, from, to calendar.Day) (all []calendar.Answer, _ error) {
	for d := from; d <= to; d = d.Add(1) {
		all = append(all, calendar.Answer{Day: d, Layers: []calendar.Layer{{Source: calendar.ByWeekday, Kind: calendar.Workday}}})
	}
	return all, w.err
}

func (w *wallCalendar) Notice(int) (calendar.Notice, bool) { return calendar.Notice{}, false }

func (w *wallCalendar) Today(context.Context, devices.SiteID) (calendar.Day, error) {
	return "2026-05-01", w.err
}

func (w *wallCalendar) Put(_ context.Context, by devices.Actor, of devices.SiteID, e calendar.Entry) error {
	w.told = append(w.told, strings.Join([]string{by.ID, "put", string(of), string(e.Day), string(e.Kind), e.Name}, " "))
	return w.err
}

func (w *wallCalendar) Remove(_ context.Context, by devices.Actor, of devices.SiteID, d calendar.Day) error {
	w.told = append(w.told, strings.Join([]string{by.ID, "remove", string(of), string(d)}, " "))
	return w.err
}

func (w *wallCalendar) Import(context.Context, devices.Actor, devices.SiteID, []byte, bool) (calendar.Import, error) {
	return calendar.Import{}, w.err
}

// asked asks a real house as its administrator.
func asked(t *testing.T) func(method, path, body string) answer {
	t.Helper()
	h, token := realHouse(t)
	me := h.signIn(token)
	return func(method, path, body string) answer {
		t.Helper()
		return h.do(method, apiPrefix+path, body, me)
	}
}

// calendarOf is the answer to a question for days.
func calendarOf(t *testing.T, a answer) (c CalendarDays) {
	t.Helper()
	a.wants(http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestADayIsSaidCorrectedAndTakenBackAtASiteAndForTheProperty(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	site := ask("POST", "/sites", `{"name":"Lakeside","timeZone":"Asia/Shanghai"}`).wants(http.StatusCreated).get("id")
	at := "/sites/" + site + "/calendar"
	days := "/calendar?from=2026-05-01&to=2026-05-09&site="
	last := func(of string) CalendarDay {
		t.Helper()
		c := calendarOf(t, ask("GET", days+of, ""))
		return c.Days[len(c.Days)-1]
	}
	c := calendarOf(t, ask("GET", days+site, ""))
	if len(c.Days) != 9 || len(c.Years) != 1 || c.Years[0] != (CalendarYear{2026, true, "国办发明电〔2025〕7号", "2025-11-04"}) || string(c.Site) != site {
		t.Errorf("%d days, %+v", len(c.Days), c.Years)
	}
	if d := last(site); d.DayLayer != (DayLayer{calendar.ByState, calendar.Workday, "劳动节调休上班", "Labour Day: make-up workday"}) || !d.Published || len(d.Under) != 1 || d.Under[0].Kind != calendar.Rest {
		t.Errorf("%+v", d)
	}
	ask("PUT", "/calendar/days/2026-05-09", `{"kind":"rest","name":"Garden day"}`).wants(http.StatusNoContent)
	ask("PUT", at+"/days/2026-05-09", `{"kind":"holiday"}`).wants(http.StatusNoContent)
	if d := last(site); d.Source != calendar.BySite || d.Kind != calendar.Holiday || len(d.Under) != 3 || d.Under[0].Name != "Garden day" {
		t.Errorf("%+v", d)
	}
	if d := last(""); d.Source != calendar.ByProperty || d.Name != "Garden day" {
		t.Errorf("%+v", d)
	}
	ask("DELETE", at+"/days/2026-05-09", "").wants(http.StatusNoContent)
	ask("DELETE", at+"/days/2026-05-09", "").problem(http.StatusNotFound, "not_found")
	ask("DELETE", "/calendar/days/2026-05-09", "").wants(http.StatusNoContent)
	if d := last(site); d.Source != calendar.ByState {
		t.Errorf("%+v", d)
	}
}

func TestAYearThatIsNotPublishedSaysSo(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	c := calendarOf(t, ask("GET", "/calendar?from=2026-12-31&to=2027-01-01", ""))
	if len(c.Years) != 2 || c.Years[1] != (CalendarYear{Year: 2027}) || !c.Days[0].Published || c.Days[1].Published || c.Days[1].Source != calendar.ByWeekday {
		t.Errorf("%+v", c)
	}
	if c := calendarOf(t, ask("GET", "/calendar", "")); len(c.Days) < 365 || c.Days[0].Day[4:] != "-01-01" {
		t.Errorf("this year has %d days from %s", len(c.Days), c.Days[0].Day)
	}
}

func TestWhatIsWrongWithADayIsNamed(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	ask("GET", "/calendar?from=2026-02-30", "").problem(http.StatusUnprocessableEntity, "invalid")
	ask("GET", "/calendar?from=2026-05-02&to=2026-05-01", "").names("query.to")
	ask("GET", "/calendar?from=2026-01-01&to=2027-12-31", "").names("query.to")
	ask("GET", "/calendar?from=1999-01-01", "").names("query.from")
	ask("GET", "/calendar?site=none", "").problem(http.StatusNotFound, "not_found")
	ask("PUT", "/calendar/days/2026-02-30", `{"kind":"rest"}`).names("path.day")
	ask("PUT", "/calendar/days/2026-05-09", `{"kind":"off"}`).names("body.kind")
	ask("PUT", "/calendar/days/2026-05-09", `{"kind":"rest","name":"`+strings.Repeat("x", 41)+`"}`).names("body.name")
	ask("PUT", "/calendar/days/2026-05-09", `{"kind":"rest","name":"a\nb"}`).names("body.name")
	ask("PUT", "/sites/none/calendar/days/2026-05-09", `{"kind":"rest"}`).problem(http.StatusNotFound, "not_found")
	ask("POST", "/calendar/import?mode=maybe", "day,kind\n").names("query.mode")
	ask("POST", "/calendar/import", strings.Repeat("x", calendar.MaxFile+1)).problem(http.StatusRequestEntityTooLarge, "invalid")
}

func TestAFileOfDaysIsLookedThroughAndThenKept(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	imported := func(path, file string) (got DayImport) {
		t.Helper()
		a := ask("POST", path, file).wants(http.StatusOK)
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	own := func() (n int) {
		for _, d := range calendarOf(t, ask("GET", "/calendar?from=2026-01-01", "")).Days {
			if d.Source == calendar.ByProperty {
				n++
			}
		}
		return n
	}
	file := "日期,类型,名称\n2026-05-09,休息日,花园日\n2026-05-10,工作日,\n"
	if got := imported("/calendar/import", file); got.Committed || len(got.New) != 2 || got.New[0] != (OwnDay{"2026-05-09", calendar.Rest, "花园日"}) || own() != 0 {
		t.Errorf("a look: %+v", got)
	}
	if got := imported("/calendar/import?mode=commit", file+"2026-05-11,x,\n"); got.Committed || len(got.Errors) != 1 || got.Errors[0].Line != 4 || got.Errors[0].Field != "kind" || got.Errors[0].Example == "" || own() != 0 {
		t.Errorf("with an error: %+v", got)
	}
	if got := imported("/calendar/import?mode=commit", file); !got.Committed || len(got.New) != 2 || own() != 2 {
		t.Errorf("kept: %+v", got)
	}
	feed := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260509\nDTEND;VALUE=DATE:20260512\nSUMMARY:Fair\nEND:VEVENT\nEND:VCALENDAR\n"
	if got := imported("/calendar/import?mode=commit", feed); !got.Committed || len(got.New) != 1 || len(got.Changed) != 2 || got.Changed[0].Before.Name != "花园日" || own() != 3 {
		t.Errorf("iCalendar: %+v", got)
	}
}

func TestOnlyWhoeverMayChangeSchedulesChangesDays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("PUT", "/calendar/days/2026-05-09", `{"kind":"rest","name":"x"}`).wants(http.StatusNoContent)
	h.admin("DELETE", "/sites/s1/calendar/days/2026-05-09", "").wants(http.StatusNoContent)
	if got := strings.Join(h.calendar.told, "; "); !strings.Contains(got, "put  2026-05-09 rest x; ") || !strings.Contains(got, "remove s1 2026-05-09") {
		t.Errorf("told: %s", got)
	}
}
