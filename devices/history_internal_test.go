package devices

import (
	"testing"
	"time"
)

func TestADayOfTheHistoryHasTheHoursThatItsClocksSay(t *testing.T) {
	t.Parallel()
	clock, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC)
	for day, hours := range map[string]float64{"2026-03-29": 23, "2026-10-25": 25, "2026-06-01": 24, "2026-12-01": 15} {
		list, err := daysOf("op", clock, now, Days{First: day, Last: day}, 7, 92)
		if err != nil {
			t.Fatal(err)
		}
		if got := list[0].To.Sub(list[0].From).Hours(); len(list) != 1 || list[0].Day != day || got != hours {
			t.Errorf("%s is %+v with %v hours, want %v", day, list, got, hours)
		}
	}
	if list, err := daysOf("op", clock, now, Days{}, 7, 92); err != nil || len(list) != 7 || list[6].Day != "2026-12-01" {
		t.Errorf("by default: %+v, %v", list, err)
	}
}

func TestAChoiceOfDaysThatMakesNoSenseIsRefusedByName(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC)
	for field, wrong := range map[string][]Days{
		"from": {{First: "2026-13-01"}, {First: "2026-01-01", Last: "2026-11-30"}, {First: "2026-11-02", Last: "2026-11-01"}, {First: "2026-12-02"}},
		"to":   {{Last: "tomorrow"}},
	} {
		for _, d := range wrong {
			_, err := daysOf("op", time.UTC, now, d, 7, 92)
			if known, ok := err.(*Error); !ok || known.Code != Invalid || known.Field != field { //nolint:errorlint // it is never wrapped here
				t.Errorf("%+v: %v", d, err)
			}
		}
	}
}
