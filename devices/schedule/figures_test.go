package schedule

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/prove"
)

// plans are rules of many forms in zones with and without daylight saving.
func plans(t testing.TB, n int) []Plan {
	t.Helper()
	exprs := []string{"%d 7 * * 1-5", "%d 0 1 * *", "%d 23 29 2 *", "%d 8-18/2 * * *", "%d * * * *", "%d 2 * 3,11 0"}
	zones := []string{"Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago"}
	all := make([]Plan, n)
	for i := range all {
		p, err := ParseCron(fmt.Sprintf(exprs[i%len(exprs)], i%60), zones[i%len(zones)])
		if err != nil {
			t.Fatal(err)
		}
		all[i] = p
	}
	return all
}

func TestTheNextRunOfThousandsOfRulesIsReckonedAtOnce(t *testing.T) {
	t.Parallel()
	all := plans(t, prove.Size(500, 10_000))
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	began := time.Now()
	for _, p := range all {
		if p.Next(now).IsZero() {
			t.Fatal("a rule never comes")
		}
	}
	each := time.Since(began) / time.Duration(len(all))
	prove.Record(t, "the next run of each of many rules is reckoned", "10,000 rules, 1 ms each", fmt.Sprintf("%d rules, %s each", len(all), each))
	if prove.Full() && each > time.Millisecond {
		t.Errorf("%s", each)
	}
}

func BenchmarkNext(b *testing.B) {
	all := plans(b, 1000)
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for i := 0; b.Loop(); i++ {
		all[i%len(all)].Next(now)
	}
}
