package db

import (
	"strings"
	"testing"
)

// What alarms are read by must not grow with what is stored: passages are nearly all
// of the events.
func TestWhatAlarmsFollowIsFoundByAnIndex(t *testing.T) {
	t.Parallel()
	d := opened(t)
	for index, query := range map[string]string{
		"events_followed":      "SELECT * FROM events WHERE revision <= 9 AND " + followed + " ORDER BY revision LIMIT 5",
		"commands_ended":       "SELECT * FROM commands WHERE revision <= 9 AND site = ? AND revision > ? AND ended = 1 ORDER BY revision LIMIT 5",
		"quarantine_followed":  "SELECT * FROM quarantine WHERE revision <= 9 AND site = ? AND revision > ? ORDER BY revision LIMIT 5",
		"alarm_entries_cause":  "SELECT cause_id FROM alarm_entries WHERE cause_kind <> '' AND cause_kind = ? AND cause_id IN (?)",
		"quarantine_conflicts": "SELECT count(*) FROM quarantine WHERE why = 'other_content' AND device = ? AND topic = ? AND payload = 'x'",
	} {
		var plan []struct{ Detail string }
		ok(t, d.file.read.Raw("EXPLAIN QUERY PLAN "+query, "s1", 5).Scan(&plan).Error)
		if text := plan[0].Detail; len(plan) != 1 || !strings.Contains(text, index) {
			t.Errorf("%s: the plan is %+v", index, plan)
		}
	}
}
