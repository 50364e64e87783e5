package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/devices"
)

func utc(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestDueTimesAcrossDaylightSaving(t *testing.T) {
	t.Parallel()
	const ny, santiago, lordHowe = "America/New_York", "America/Santiago", "Australia/Lord_Howe"
	for _, c := range []struct {
		name, expr, zone, from string
		want                   []string // in the zone's own offset
	}{
		{"gap: first instant after it", "30 2 * * *", ny, "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"gap: due times in it are one", "10,20,30 2 * * *", ny, "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:10:00-04:00"}},
		{"gap: one with what is due at its end", "0 2,3 * * *", ny, "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}},
		{"gap: from inside the last second", "30 2 * * *", ny, "2026-03-08T01:59:59.5-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"overlap: once", "30 1 * * *", ny, "2026-10-31T12:00:00-04:00",
			[]string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		{"overlap: from within the repeated hour", "30,45 1 * * *", ny, "2026-11-01T01:10:00-05:00",
			[]string{"2026-11-02T01:30:00-05:00", "2026-11-02T01:45:00-05:00"}},
		{"overlap: what follows it", "0 1,2 * * *", ny, "2026-11-01T00:30:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T02:00:00-05:00", "2026-11-02T01:00:00-05:00"}},
		{"every hour: no hour is missing in the gap", "0 * * * *", ny, "2026-03-08T00:30:00-05:00",
			[]string{"2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T04:00:00-04:00"}},
		{"every hour: the doubled hour is two hours", "0 * * * *", ny, "2026-11-01T00:30:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"midnight that does not exist", "0 0 * * *", santiago, "2026-09-05T12:00:00-04:00",
			[]string{"2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"}},
		{"@daily on that day", "@daily", santiago, "2026-09-05T12:00:00-04:00",
			[]string{"2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"}},
		{"23:30 that comes twice", "30 23 * * *", santiago, "2026-04-04T12:00:00-03:00",
			[]string{"2026-04-04T23:30:00-03:00", "2026-04-05T23:30:00-04:00"}},
		{"a gap of half an hour", "15 2 * * *", lordHowe, "2026-10-03T12:00:00+10:30",
			[]string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"a day that a country skipped", "0 7 * * *", "Pacific/Apia", "2011-12-29T08:00:00-10:00",
			[]string{"2011-12-31T00:00:00+14:00", "2011-12-31T07:00:00+14:00"}},
		{"no daylight saving", "0 7 * * 1-5", "Asia/Shanghai", "2026-11-20T08:00:00+08:00",
			[]string{"2026-11-23T07:00:00+08:00", "2026-11-24T07:00:00+08:00"}},
		{"leap day", "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z",
			[]string{"2028-02-29T00:00:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Preview(c.expr, c.zone, utc(t, c.from), len(c.want))
			if err != nil {
				t.Fatal(err)
			}
			var want []time.Time
			for _, s := range c.want {
				want = append(want, utc(t, s))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("due times (-want +got):\n%s", d)
			}
		})
	}
}

func TestBadExpressionsAreRefusedWithFieldReasonAndExample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, zone, field, says string }{
		{"", "UTC", "cron", "empty"},
		{"   ", "UTC", "cron", "empty"},
		{"* * * *", "UTC", "cron", "five are needed"},
		{"0 * * * * *", "UTC", "cron", "seconds"},
		{"TZ=", "UTC", "cron", "timeZone"},
		{"TZ=Asia/Shanghai 0 7 * * *", "UTC", "cron", "timeZone"},
		{"cron_tz=Asia/Shanghai 0 7 * * *", "UTC", "cron", "timeZone"},
		{"@every 5m", "UTC", "cron", "@every"},
		{"@every", "UTC", "cron", "@every"},
		{"@reboot", "UTC", "cron", "@reboot"},
		{"@", "UTC", "cron", "not understood"},
		{"60 * * * *", "UTC", "cron", "above maximum"},
		{"*/0 * * * *", "UTC", "cron", "step"},
		{"0 0 * * 7", "UTC", "cron", "0 (Sunday)"},
		{"0 0 31 2 *", "UTC", "cron", "never"},
		{"0 0 30 2 *", "Asia/Shanghai", "cron", "never"},
		{"0 0 31 4,6,9,11 *", "UTC", "cron", "never"},
		{"0 0 L * *", "UTC", "cron", "not understood"},
		{"0 7 * * * \n", "UTC", "cron", "character"},
		{"0 7 * * 一", "UTC", "cron", "character"},
		{strings.Repeat("1,", 101) + "1 * * * *", "UTC", "cron", "longer than 200"},
		{"0 7 * * *", "", "timeZone", "Asia/Shanghai"},
		{"0 7 * * *", "Local", "timeZone", "IANA"},
		{"0 7 * * *", "Mars/Olympus", "timeZone", "Mars/Olympus"},
		{"0 7 * * *", "../../etc/passwd", "timeZone", "IANA"},
		{"0 7 * * *", "UTC+8", "timeZone", "IANA"},
	} {
		_, err := ParseCron(c.expr, c.zone)
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != c.field {
			t.Errorf("ParseCron(%q, %q) = %v, want invalid %s", c.expr, c.zone, err, c.field)
			continue
		}
		if !strings.Contains(e.Message, c.says) || !strings.Contains(e.Message, "for example") {
			t.Errorf("ParseCron(%q, %q) says %q, want %q and an example", c.expr, c.zone, e.Message, c.says)
		}
	}
}

func TestAnyTextGivesAPlanOrAnErrorAndNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		expr := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-0-9*/,?@A-Z= ]{0,40}`)).Draw(t, "expr")
		_, err := ParseCron(expr, "America/New_York")
		var e *devices.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("error of a foreign type: %v", err)
		}
	})
}

// The model walks minute by minute through real time and reads the wall clock.
func TestNextAgreesWithAClockOnTheWall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"America/New_York", "America/Santiago", "Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca", "Asia/Shanghai"}).Draw(t, "zone")
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		p, err := ParseCron(time.Date(2000, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15 * * *"), zone)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24).Draw(t, "start")) * time.Hour)
		from := start
		days := map[string]int{}
		for range 40 {
			due := p.Next(from)
			if !due.After(from) {
				t.Fatalf("Next(%v) = %v is not later", from, due)
			}
			local := due.In(p.zone)
			days[local.Format(time.DateOnly)]++
			if local.Hour() != hour || local.Minute() != minute {
				bounds, _ := local.ZoneBounds()
				if !bounds.Equal(due) {
					t.Fatalf("%v is neither %02d:%02d nor the end of a gap", local, hour, minute)
				}
			}
			if d := due.Sub(from); from != start && d > 26*time.Hour {
				t.Fatalf("a day is missing between %v and %v", from, due)
			}
			from = due
		}
		for day, n := range days {
			if n != 1 {
				t.Fatalf("%s ran %d times", day, n)
			}
		}
	})
}
