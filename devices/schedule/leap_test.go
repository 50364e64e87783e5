package schedule_test

import (
	"testing"
	"time"

	"gatehouse/devices/schedule"
)

func TestTheLastDayOfALeapYearFarAheadIsADayLikeOthers(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/St_Johns", "Europe/Berlin", "Australia/Sydney", "Asia/Shanghai"} {
		local, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := schedule.ParseCron("30 12 * * *", zone)
		if err != nil {
			t.Fatal(err)
		}
		for year := 2036; year < 2060; year++ {
			at := time.Date(year, 12, 30, 13, 0, 0, 0, local)
			for _, want := range []time.Time{time.Date(year, 12, 31, 12, 30, 0, 0, local), time.Date(year+1, 1, 1, 12, 30, 0, 0, local)} {
				if at = plan.Next(at); !at.Equal(want) {
					t.Fatalf("%s: got %s, want %s", zone, at, want)
				}
			}
		}
		rare, err := schedule.ParseCron("0 12 29 2 *", zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := rare.Next(time.Date(2040, 3, 1, 0, 0, 0, 0, time.UTC)), time.Date(2044, 2, 29, 12, 0, 0, 0, local); !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", zone, got, want)
		}
	}
}
