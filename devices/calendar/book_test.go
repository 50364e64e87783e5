package calendar_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/calendar/storetest"
)

func TestABookSaysOfEachDayWhatTheServiceSays(t *testing.T) {
	t.Parallel()
	s, _ := service(t)
	must(t, s.Put(t.Context(), manager, "", calendar.Entry{Day: "2026-03-04", Kind: calendar.Rest}))
	must(t, s.Put(t.Context(), manager, "", calendar.Entry{Day: "2026-03-05", Kind: calendar.Rest}))
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-03-05", Kind: calendar.Holiday, Name: "feast"}))
	for _, site := range []devices.SiteID{"", "sh"} {
		book, err := s.Book(t.Context(), site)
		must(t, err)
		want, err := s.Between(t.Context(), site, "2026-01-01", "2027-01-31")
		must(t, err)
		for _, a := range want {
			if diff := cmp.Diff(a, book.On(a.Day)); diff != "" || book.Kind(a.Day) != a.Kind() {
				t.Errorf("site %q: the book says %s of %s; %s", site, book.Kind(a.Day), a.Day, diff)
			}
		}
	}
}

func TestEachChangeOfOwnDaysIsTold(t *testing.T) {
	t.Parallel()
	var told []devices.SiteID
	s, err := calendar.New(calendar.Deps{Store: &storetest.Memory{}, Sites: sites{}, Changed: func(of devices.SiteID) { told = append(told, of) }})
	must(t, err)
	must(t, s.Put(t.Context(), manager, "sh", calendar.Entry{Day: "2026-03-05", Kind: calendar.Holiday}))
	must(t, s.Remove(t.Context(), manager, "sh", "2026-03-05"))
	_, err = s.Import(t.Context(), manager, "", []byte("day,kind,name\n2026-03-05,rest,\n"), true)
	must(t, err)
	_, err = s.Import(t.Context(), manager, "", []byte("day,kind,name\n2026-03-05,rest,\n"), false)
	must(t, err)
	if s.Put(t.Context(), manager, "nowhere", calendar.Entry{Day: "2026-03-05", Kind: calendar.Rest}) == nil {
		t.Fatal("a site that is not there was taken")
	}
	if !slices.Equal(told, []devices.SiteID{"sh", "sh", ""}) {
		t.Errorf("told %q", told)
	}
}
