// Package storetest has the tests that every calendar.Store passes, and one in memory.
package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

// RunStoreTests tests the stores that open makes, each of them empty.
func RunStoreTests(t *testing.T, open func(t *testing.T) calendar.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, calendar.Store){
		"days of sites and of the property are apart, and come by day": apart,
		"a day that is put again is replaced":                          replaced,
		"a day is removed once":                                        removed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func entry(verb string) devices.AuditEntry {
	return devices.AuditEntry{Verb: verb, Object: "day:2026-05-01", Detail: "{}", Outcome: devices.OutcomeOK}
}

func put(t *testing.T, s calendar.Store, of devices.SiteID, days ...calendar.Entry) {
	t.Helper()
	if err := s.PutDays(context.Background(), of, days, []devices.AuditEntry{entry("calendar.put")}); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, s calendar.Store, of devices.SiteID, from, to calendar.Day, want ...calendar.Entry) {
	t.Helper()
	got, err := s.Days(context.Background(), of, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("days of %q (-want +got):\n%s", of, d)
	}
}

func apart(t *testing.T, s calendar.Store) {
	first := calendar.Entry{Day: "2026-05-01", Kind: calendar.Workday, Name: "Stocktaking"}
	second := calendar.Entry{Day: "2026-05-02", Kind: calendar.Rest}
	last := calendar.Entry{Day: "2026-12-31", Kind: calendar.Holiday, Name: "年会"}
	put(t, s, "", last, first)
	put(t, s, "s1", second)
	has(t, s, "", calendar.FirstDay, calendar.LastDay, first, last)
	has(t, s, "", "2026-05-02", "2026-12-30")
	has(t, s, "", "2026-05-01", "2026-05-01", first)
	has(t, s, "s1", calendar.FirstDay, calendar.LastDay, second)
	has(t, s, "s2", calendar.FirstDay, calendar.LastDay)
}

func replaced(t *testing.T, s calendar.Store) {
	other := calendar.Entry{Day: "2026-05-02", Kind: calendar.Rest, Name: "stays"}
	put(t, s, "s1", calendar.Entry{Day: "2026-05-01", Kind: calendar.Workday, Name: "x"}, other)
	again := calendar.Entry{Day: "2026-05-01", Kind: calendar.Rest}
	put(t, s, "s1", again)
	has(t, s, "s1", calendar.FirstDay, calendar.LastDay, again, other)
}

func removed(t *testing.T, s calendar.Store) {
	ctx, day := context.Background(), calendar.Entry{Day: "2026-05-01", Kind: calendar.Rest}
	put(t, s, "", day)
	put(t, s, "s1", day)
	if err := s.RemoveDay(ctx, "s1", day.Day, entry("calendar.remove")); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveDay(ctx, "s1", day.Day, entry("calendar.remove")); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("a second time: %v, want not_found", err)
	}
	has(t, s, "s1", calendar.FirstDay, calendar.LastDay)
	has(t, s, "", calendar.FirstDay, calendar.LastDay, day)
}
