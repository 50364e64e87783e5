package db

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	calendartest "gatehouse/devices/calendar/storetest"
)

func TestCalendarStorePassesTheSuite(t *testing.T) {
	t.Parallel()
	calendartest.RunStoreTests(t, func(t *testing.T) calendar.Store { return opened(t).Calendar() })
}

// The greatest import is kept whole with its entries of the trail, and nothing of it if an
// entry cannot be written.
func TestDaysAreKeptTogetherWithTheTrailOrNotAtAll(t *testing.T) {
	t.Parallel()
	d, ctx := opened(t), context.Background()
	days := make([]calendar.Entry, calendar.MaxImport)
	for i := range days {
		days[i] = calendar.Entry{Day: calendar.FirstDay.Add(i), Kind: calendar.Rest, Name: "x"}
	}
	entry := devices.AuditEntry{Verb: "calendar.import", Object: "day:2000-01-01", Detail: "{}", Outcome: devices.OutcomeOK, At: start}
	bad := entry
	bad.Verb = "bad"
	ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TRIGGER no_bad BEFORE INSERT ON audit WHEN NEW.verb = 'bad' BEGIN SELECT RAISE(ABORT, 'bad'); END").Error
	}))
	count := func() int {
		all, err := d.Calendar().Days(ctx, "s1", calendar.FirstDay, calendar.LastDay)
		ok(t, err)
		return len(all)
	}
	if err := d.Calendar().PutDays(ctx, "s1", days, []devices.AuditEntry{entry, bad}); err == nil || count() != 0 {
		t.Errorf("with an entry that cannot be written: %v, %d days", err, count())
	}
	ok(t, d.Calendar().PutDays(ctx, "s1", days, []devices.AuditEntry{entry}))
	if count() != calendar.MaxImport {
		t.Errorf("%d days", count())
	}
}
