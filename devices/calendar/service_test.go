package calendar_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/calendar/storetest"
)

func TestMemoryPassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T) calendar.Store { return &storetest.Memory{} })
}

type sites struct{}

func (sites) Site(_ context.Context, id devices.SiteID) (devices.Site, error) {
	zone, ok := map[devices.SiteID]string{"sh": "Asia/Shanghai", "ny": "America/New_York"}[id]
	if !ok {
		return devices.Site{}, &devices.Error{Op: "site", Code: devices.NotFound}
	}
	return devices.Site{ID: id, TimeZone: zone}, nil
}

var manager = devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Wang"}

func service(t *testing.T) (*calendar.Service, *storetest.Memory) {
	t.Helper()
	store := &storetest.Memory{}
	s, err := calendar.New(calendar.Deps{Store: store, Sites: sites{}, Now: func() time.Time { return time.Date(2026, 5, 1, 20, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return s, store
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// layers are what a day is, in short.
func layers(t *testing.T, s *calendar.Service, site devices.SiteID, d calendar.Day) string {
	t.Helper()
	a, err := s.On(t.Context(), site, d)
	must(t, err)
	var said []string
	for _, l := range a.Layers {
		said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s", l.Source, l.Kind, l.Name)))
	}
	if !a.Published {
		said = append(said, "unpublished")
	}
	return strings.Join(said, ", ")
}

func TestASitesOwnDayCountsBeforeThePropertysAndThatBeforeThePublished(t *testing.T) {
	t.Parallel()
	s, _ := service(t)
	must(t, s.Put(t.Context(), manager, "", calendar.Entry{Day: "2026-05-09", Kind: calendar.Rest, Name: "Garden day"}))
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-05-09", Kind: calendar.Holiday, Name: " Fair "}))
	for _, c := range []struct {
		site devices.SiteID
		day  calendar.Day
		want string
	}{
		{"sh", "2026-05-09", "site holiday Fair, property rest Garden day, published workday 劳动节调休上班, weekday rest"},
		{"ny", "2026-05-09", "property rest Garden day, published workday 劳动节调休上班, weekday rest"},
		{"", "2026-05-09", "property rest Garden day, published workday 劳动节调休上班, weekday rest"},
		{"sh", "2026-05-01", "published holiday 劳动节, weekday workday"},
		{"sh", "2026-05-06", "weekday workday"},
		{"sh", "2026-05-16", "weekday rest"},
		{"sh", "2027-10-01", "weekday workday, unpublished"},
		{"sh", "2024-10-05", "weekday rest, unpublished"},
	} {
		if got := layers(t, s, c.site, c.day); got != c.want {
			t.Errorf("%s at %q: %s, want %s", c.day, c.site, got, c.want)
		}
	}
	must(t, s.Remove(t.Context(), manager, "sh", "2026-05-09"))
	must(t, s.Remove(t.Context(), manager, "", "2026-05-09"))
	if got := layers(t, s, "sh", "2026-05-09"); got != "published workday 劳动节调休上班, weekday rest" {
		t.Errorf("after both were removed: %s", got)
	}
}

func TestAYearWithoutANoticeIsNotGuessed(t *testing.T) {
	t.Parallel()
	s, _ := service(t)
	if n, ok := s.Notice(2026); !ok || n.Number != "国办发明电〔2025〕7号" || n.Issued != "2025-11-04" {
		t.Errorf("2026: %+v, %t", n, ok)
	}
	if n, ok := s.Notice(2027); ok {
		t.Errorf("2027: %+v", n)
	}
	all, err := s.Between(t.Context(), "", "2027-01-01", "2027-12-31")
	must(t, err)
	for _, a := range all {
		if a.Published || len(a.Layers) != 1 || a.Layers[0].Source != calendar.ByWeekday {
			t.Errorf("%+v", a)
		}
	}
	if len(all) != 365 {
		t.Errorf("%d days", len(all))
	}
}

func TestTodayIsByTheClockOfTheSite(t *testing.T) {
	t.Parallel()
	s, _ := service(t)
	for site, want := range map[devices.SiteID]calendar.Day{"sh": "2026-05-02", "ny": "2026-05-01", "": "2026-05-01"} {
		if got, err := s.Today(t.Context(), site); got != want || err != nil {
			t.Errorf("%q: %s, %v", site, got, err)
		}
	}
}

func TestWhatIsWrongIsRefusedWithTheFieldAndKeepsNothing(t *testing.T) {
	t.Parallel()
	s, store := service(t)
	good := calendar.Entry{Day: "2026-05-09", Kind: calendar.Rest}
	span := func(from, to calendar.Day) error {
		_, err := s.Between(t.Context(), "", from, to)
		return err
	}
	put := func(change func(*calendar.Entry)) error {
		e := good
		change(&e)
		return s.Put(t.Context(), manager, "", e)
	}
	for _, c := range []struct {
		err   error
		field string
	}{
		{span("2026-5-1", "2026-05-02"), "from"},
		{span("2026-05-01", "tomorrow"), "to"},
		{span("2026-05-01", "2026-04-30"), "to"},
		{span("2026-01-01", "2027-02-05"), "to"},
		{put(func(e *calendar.Entry) { e.Day = "2026-02-29" }), "day"},
		{put(func(e *calendar.Entry) { e.Day = "2100-01-01" }), "day"},
		{put(func(e *calendar.Entry) { e.Kind = "" }), "kind"},
		{put(func(e *calendar.Entry) { e.Name = strings.Repeat("年", 41) }), "name"},
		{put(func(e *calendar.Entry) { e.Name = "a\nb" }), "name"},
		{s.Remove(t.Context(), manager, "", "x"), "day"},
	} {
		var e *devices.Error
		if !errors.As(c.err, &e) || e.Code != devices.Invalid || e.Field != c.field {
			t.Errorf("%v, want invalid %s", c.err, c.field)
		}
	}
	if err := span("2026-01-01", "2027-02-04"); err != nil {
		t.Errorf("400 days: %v", err)
	}
	for _, err := range []error{
		s.Put(t.Context(), manager, "none", good), s.Remove(t.Context(), manager, "none", good.Day), s.Remove(t.Context(), manager, "sh", good.Day),
	} {
		if devices.CodeOf(err) != devices.NotFound {
			t.Errorf("%v, want not_found", err)
		}
	}
	if len(store.Audit) > 0 {
		t.Errorf("%+v", store.Audit)
	}
}

func TestEveryChangeSaysWhatWasAndWhatIs(t *testing.T) {
	t.Parallel()
	s, store := service(t)
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-05-09", Kind: calendar.Rest, Name: "a"}))
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-05-09", Kind: calendar.Workday, Name: "b"}))
	must(t, s.Remove(t.Context(), manager, "sh", "2026-05-09"))
	_, err := s.Import(t.Context(), manager, "", []byte("day,kind,name\n2026-05-09,rest,c\n"), false)
	must(t, err)
	var got []string
	for _, a := range store.Audit {
		got = append(got, fmt.Sprint(a.Actor.ID, " ", a.Verb, " ", a.Site, " ", a.Object, " ", a.Detail))
	}
	want := []string{
		`o1 calendar.put sh day:2026-05-09 {"after":{"kind":"rest","name":"a"}}`,
		`o1 calendar.put sh day:2026-05-09 {"after":{"kind":"workday","name":"b"},"before":{"kind":"rest","name":"a"}}`,
		`o1 calendar.remove sh day:2026-05-09 {"before":{"kind":"workday","name":"b"}}`,
		`o1 calendar.import  day:2026-05-09 {"after":{"2026-05-09":"rest c"},"before":{},"days":1}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("audit (-want +got):\n%s", d)
	}
}

func TestAnImportIsLookedThroughFirstAndThenKeptWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s, store := service(t)
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-05-01", Kind: calendar.Rest, Name: "was"}))
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-05-02", Kind: calendar.Rest, Name: "same"}))
	file := []byte("day,kind,name\n2026-05-01,workday,is\n2026-05-02,rest,same\n2026-05-03,rest,new\n")
	want := calendar.Import{
		New:     []calendar.Entry{{Day: "2026-05-03", Kind: calendar.Rest, Name: "new"}},
		Changed: []calendar.Change{{Before: calendar.Entry{Day: "2026-05-01", Kind: calendar.Rest, Name: "was"}, After: calendar.Entry{Day: "2026-05-01", Kind: calendar.Workday, Name: "is"}}},
		Same:    1,
	}
	count := func() int {
		all, err := store.Days(t.Context(), "sh", calendar.FirstDay, calendar.LastDay)
		must(t, err)
		return len(all)
	}
	got, err := s.Import(t.Context(), manager, "sh", file, true)
	if d := cmp.Diff(want, got); d != "" || err != nil || count() != 2 || len(store.Audit) != 2 {
		t.Errorf("a look: %v, %d days, %d entries of the trail (-want +got):\n%s", err, count(), len(store.Audit), d)
	}
	got, err = s.Import(t.Context(), manager, "sh", append(file, "2026-05-04,off,x\n"...), false)
	if len(got.Errors) != 1 || len(got.New) > 0 || err != nil || count() != 2 {
		t.Errorf("one wrong line: %+v, %v, %d days", got, err, count())
	}
	store.Fail = errors.New("disk")
	if _, err = s.Import(t.Context(), manager, "sh", file, false); err == nil || count() != 2 {
		t.Errorf("the store refuses: %v, %d days", err, count())
	}
	store.Fail = nil
	got, err = s.Import(t.Context(), manager, "sh", file, false)
	if d := cmp.Diff(want, got); d != "" || err != nil || count() != 3 || len(store.Audit) != 3 {
		t.Errorf("kept: %v, %d days, %d entries of the trail (-want +got):\n%s", err, count(), len(store.Audit), d)
	}
	got, err = s.Import(t.Context(), manager, "sh", file, false)
	if err != nil || got.Same != 3 || len(got.New)+len(got.Changed) > 0 || len(store.Audit) != 3 {
		t.Errorf("once more: %+v, %v, %d entries of the trail", got, err, len(store.Audit))
	}
	if _, err := s.Import(t.Context(), manager, "none", file, true); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("at no site: %v", err)
	}
}

func TestAnEntryOfTheTrailTellsOfAtMostAHundredDays(t *testing.T) {
	t.Parallel()
	s, store := service(t)
	var file strings.Builder
	file.WriteString("day,kind\n")
	for i := range 250 {
		fmt.Fprintf(&file, "%s,rest\n", calendar.Day("2026-01-01").Add(i))
	}
	_, err := s.Import(t.Context(), manager, "", []byte(file.String()), false)
	must(t, err)
	if len(store.Audit) != 3 || !strings.Contains(store.Audit[2].Detail, `"days":50`) {
		t.Errorf("%d entries", len(store.Audit))
	}
}
