package schedule_test

import (
	"errors"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

// FuzzCron gives texts of any kind to the parser: each is refused with field and reason, or has due
// times that come one after the other, at whole minutes, and are the same wherever one begins to
// look.
func FuzzCron(f *testing.F) {
	for _, text := range []string{
		"30 7 * * MON-FRI", "@daily", "*/10 * * * *", "0 0 29 2 *", "0 0 31 2 *", "59 23 28-31 */2 0,6", "@every 5m", "TZ=UTC * * * * *",
		"0-59/7 0-23 1,15 JAN-DEC ?", "60 * * * *", "* * * * 7", "* * * * * *", "-1 * * * *", "5/0 * * * *", "", "\x00", "1-70/-3 * * * *",
	} {
		f.Add(text, "America/St_Johns", int64(1288000000))
		f.Add(text, "Asia/Shanghai", int64(1700000000))
	}
	f.Fuzz(func(t *testing.T, text, zone string, from int64) {
		plan, err := schedule.ParseCron(text, zone)
		if err != nil {
			if e := (&devices.Error{}); devices.CodeOf(err) != devices.Invalid || !errors.As(err, &e) || e.Field != "cron" && e.Field != "timeZone" || e.Message == "" {
				t.Errorf("%q in %q is refused with %v", text, zone, err)
			}
			return
		}
		first := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		at := time.Unix(first+((from-first)%(50*366*86400)+50*366*86400)%(50*366*86400), 0).UTC()
		before := at
		for range 20 {
			next := plan.Next(at)
			if next.IsZero() {
				break
			}
			if !next.After(at) || next.Nanosecond() != 0 {
				t.Fatalf("%q in %q: after %s comes %s", text, zone, at, next)
			}
			if half := at.Add(next.Sub(at) / 2).Truncate(time.Second); half.After(before) && !plan.Next(half).Equal(next) {
				t.Fatalf("%q in %q: after %s comes %s, but after %s %s", text, zone, at, next, half, plan.Next(half))
			}
			before, at = at, next
		}
	})
}
