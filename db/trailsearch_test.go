package db

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices/trail"
	"gatehouse/prove"
)

// manyRows are nearly all alike: of a command, at one site, by few people. The first ten are of a fire, at another
// site, by somebody else.
func manyRows(t *testing.T, n int) *DB {
	t.Helper()
	dir := t.TempDir()
	empty, err := Open(context.Background(), Options{Dir: dir, DataKey: make([]byte, 32)})
	ok(t, err)
	ok(t, empty.Close())
	alter(t, filepath.Join(dir, FileName), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+strconv.Itoa(n)+`)
		INSERT INTO audit (at, actor_kind, actor_id, actor_name, actor_address, session, verb, site, object, detail, outcome,
			actor_key, actor_sealed, object_key, object_sealed, hash)
		SELECT i * 1000000, 'schedule', CASE WHEN i > 10 THEN 'a' || (i % 3) ELSE 'rare' END, 'night', '', '', CASE WHEN i > 10 THEN 'device.command' ELSE 'fire.release' END,
			CASE WHEN i > 10 THEN 's1' ELSE 's2' END, 'device:d' || (i % 50), '{"n":' || i || ',"reason":"a visitor who waits outside"}', CASE WHEN i > 10 THEN 'ok' ELSE 'refused' END,
			0, x'', 0, x'', zeroblob(32) FROM n`)
	return reopened(t, dir)
}

func TestASearchSortsFewRowsHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	n := prove.Size(12_000, 1_000_000)
	d := manyRows(t, n)
	second := func(i int) time.Time { return time.Unix(int64(i), 0).UTC() }
	slowest, which := time.Duration(0), ""
	for _, c := range []struct {
		name  string
		q     trail.Query
		plan  string
		first int64 // number of the newest row that is found; 0: none
	}{
		{"all", trail.Query{}, "SCAN audit", int64(n)},
		{"an actor of many rows", trail.Query{Actor: "a1"}, "", int64(n - (n-1)%3)},
		{"an actor of few rows", trail.Query{Actor: "rare"}, "audit_actor", 10},
		{"a site of many rows", trail.Query{Site: "s1"}, "", int64(n)},
		{"a site of few rows", trail.Query{Site: "s2"}, "audit_site", 10},
		{"a verb of many rows", trail.Query{Verb: "device.command"}, "", int64(n)},
		{"a verb of few rows", trail.Query{Verb: "fire.release"}, "audit_verb", 10},
		{"a kind of verbs of many rows", trail.Query{Verb: "device."}, "SCAN audit", int64(n)},
		{"a kind of verbs of few rows", trail.Query{Verb: "fire."}, "audit_verb", 10},
		{"an object", trail.Query{Object: "device:d7"}, "audit_object", int64(n - (n-7)%50)},
		{"a kind of objects", trail.Query{Object: "device:"}, "SCAN audit", int64(n)},
		{"a long time", trail.Query{From: second(20), To: second(n - 5)}, "SCAN audit", int64(n - 6)},
		{"a short time", trail.Query{From: second(20), To: second(30)}, "audit_at", 29},
		{"a kind of verbs in a short time", trail.Query{Verb: "device.", From: second(5), To: second(30)}, "audit_at", 29},
		{"a verb in a short time", trail.Query{Verb: "device.command", From: second(5), To: second(30)}, "audit_at", 29},
		{"a kind of verbs by an actor of few rows", trail.Query{Verb: "device.", Actor: "rare"}, "audit_actor", 0},
		{"many conditions that many rows fulfil", trail.Query{Verb: "device.", Object: "device:", Actor: "a0", Site: "s1", From: second(20)}, "", int64(n - n%3)},
		{"a result", trail.Query{Outcome: "refused"}, "SCAN audit", 10},
		{"a text that is nowhere", trail.Query{Text: "nowhere"}, "SCAN audit", 0},
		{"a kind of verbs, older than a row", trail.Query{Verb: "device.", Before: 15}, "", 14},
	} {
		plan := planOf(t, d, c.q)
		if !strings.Contains(plan, c.plan) {
			t.Errorf("%s: %s", c.name, plan)
		}
		began := time.Now()
		rows, err := d.Trail().Search(context.Background(), c.q)
		ok(t, err)
		if took := time.Since(began); took > slowest {
			slowest, which = took, c.name
		}
		first := int64(0)
		if len(rows) > 0 {
			first = rows[0].ID
		}
		if first != c.first {
			t.Errorf("%s: %d rows, the first of them %d, want %d", c.name, len(rows), first, c.first)
		}
	}
	prove.Record(t, "slowest search of the audit trail among "+strconv.Itoa(n)+" rows", "2 s", slowest.Round(time.Millisecond).String()+", by "+which)
	if prove.Full() && slowest > 2*time.Second {
		t.Errorf("%s took %v", which, slowest)
	}
}

// planOf is what SQLite does for a search.
func planOf(t *testing.T, d *DB, q trail.Query) string {
	t.Helper()
	var steps []struct{ Detail string }
	ok(t, d.read(context.Background(), "test.plan", func(tx *gorm.DB) error {
		where, args, err := searched(tx, q)
		if err != nil {
			return err
		}
		return tx.Raw("EXPLAIN QUERY PLAN SELECT "+auditColumns+" FROM audit "+where+" ORDER BY id DESC LIMIT 50", args...).Scan(&steps).Error
	}))
	var all []string
	for _, s := range steps {
		all = append(all, s.Detail)
	}
	return strings.Join(all, "; ")
}
