package trail_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

func TestTheTrailNamesTheKeyThatSignsItsHeads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rows := h.rows(trail.Query{Verb: trail.VerbKey})
	if len(rows) != 1 || decoded[trail.KeyDetail](t, rows[0].Detail).Key != h.status().Key {
		t.Fatalf("%+v", rows)
	}
	info, err := os.Stat(filepath.Join(h.dir, trail.KeyFile))
	h.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v", info.Mode())
	}
	h.must(h.service.Load(context.Background())) // another start
	if n := len(h.rows(trail.Query{Verb: trail.VerbKey})); n != 1 {
		t.Errorf("%d rows of a key after another start", n)
	}
	if _, err := h.verify(h.head("now.json")); err != nil {
		t.Error(err)
	}
}

func TestHeadsOfBeforeARotationStayGood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before, old := h.head("before.json"), h.status().Key
	h.write(3)
	next, err := h.service.Rotate(t.Context(), guard)
	h.must(err)
	h.write(3)
	report, err := h.verify(before, h.head("after.json"))
	h.must(err)
	if report.Heads != 2 || report.Key != next || next == old || len(report.Notes) != 0 {
		t.Errorf("%+v", report)
	}
	row := h.rows(trail.Query{Verb: trail.VerbKey})[0]
	if row.Actor != guard || *decoded[trail.KeyDetail](t, row.Detail).Previous != old {
		t.Errorf("%+v", row)
	}
	h.must(h.service.Load(context.Background()))
	if h.status().Key != next {
		t.Error("another start uses another key")
	}
}

// A rotation that was cut off before its row is none; one that was cut off after it is done.
func TestARotationThatWasCutOffIsDoneOrNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key, file := h.status().Key, filepath.Join(h.dir, trail.KeyFile)
	old, err := os.ReadFile(file)
	h.must(err)
	h.must(os.WriteFile(file+".next", old[:0], 0o600))
	if err := h.service.Load(context.Background()); err == nil {
		t.Error("a key that is empty was taken")
	}
	_, err = h.service.Rotate(t.Context(), guard)
	h.must(err)
	next, err := os.ReadFile(file)
	h.must(err)
	h.must(os.WriteFile(file, old, 0o600)) // as if it had stopped before the file was renamed
	h.must(os.WriteFile(file+".next", next, 0o600))
	h.must(h.service.Load(context.Background()))
	if got := h.status().Key; got == key {
		t.Error("the old key is in use, and the trail names the new one")
	}
	if _, err := os.Stat(file + ".next"); !os.IsNotExist(err) {
		t.Errorf("the next key's file is still there: %v", err)
	}
	report, err := h.verify()
	if err != nil || len(report.Notes) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestAKeyThatIsLostIsSaidInTheTrail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := h.head("before.json")
	h.must(os.Remove(filepath.Join(h.dir, trail.KeyFile)))
	h.must(h.service.Load(context.Background()))
	h.write(1)
	report, err := h.verify(before)
	h.must(err)
	if len(report.Notes) != 1 || report.Key == before.Key {
		t.Errorf("%+v", report)
	}
}

func TestAHeadOfAnotherKeyIsNotBelieved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(3)
	newest, err := h.db.Trail().Newest(context.Background())
	h.must(err)
	contains(t, h.broken(trail.Named{Head: trail.NewSigner().Sign(newest, began), Name: "forged.json"}).What, "forged.json", "a key that the trail does not name")
	forged := h.head("changed.json")
	forged.Row--
	contains(t, h.broken(forged).What, "changed.json", "signature is wrong")
}

func TestEachDayOneHeadIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(2)
	for range 5 {
		h.turn()
		h.pass(12 * time.Hour)
		h.write(1)
	}
	heads, err := trail.ReadHeads(filepath.Join(h.dir, trail.HeadsDir))
	h.must(err)
	if len(heads) != 3 || heads[0].Name != "2026-03-01.json" || heads[2].Name != "2026-03-03.json" {
		t.Fatalf("%+v", heads)
	}
	report, err := h.verify()
	h.must(err)
	if st := h.status(); report.Heads != 3 || st.Head.Row != heads[2].Row || st.Broken != nil || st.Verified.Row != st.Newest-1 {
		t.Errorf("%+v, %+v", report, st)
	}
	h.must(os.WriteFile(filepath.Join(h.dir, trail.HeadsDir, "2026-03-02.json"), []byte("{}"), 0o600))
	contains(t, h.broken().What, "2026-03-02.json")
	h.pass(24 * time.Hour)
	if err := h.service.Turn(context.Background()); err == nil || h.status().Broken == nil {
		t.Errorf("the service finds nothing: %v", err)
	}
}

func TestOldRowsGoAndTheRestIsStillProved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(10)
	h.turn()
	early := h.head("early.json")
	h.pass(100 * trail.Day)
	_, err := h.service.Rotate(t.Context(), guard)
	h.must(err)
	h.write(10)
	late := h.head("late.json")
	h.pass(trail.DefaultKeep - 50*trail.Day)
	h.turn()
	rows := h.rows(trail.Query{Limit: 100})
	if rows[0].Verb != trail.VerbCut || rows[len(rows)-1].ID != 12 {
		t.Fatalf("the oldest is %d, the newest %+v", rows[len(rows)-1].ID, rows[0])
	}
	if d := decoded[trail.CutDetail](t, rows[0].Detail); d.Rows != 11 || d.Head.Row != 11 || d.Days != 1095 {
		t.Errorf("%+v", d)
	}
	report, err := h.verify(early, late)
	h.must(err)
	if report.First != 12 || report.Heads != 4 || report.Older != 0 { // two are of the last removed row
		t.Errorf("%+v", report)
	}
	if st := h.status(); st.First != 12 || st.Broken != nil {
		t.Errorf("%+v", st)
	}
	h.pass(100 * trail.Day)
	h.turn() // the row of the first cut stays, and tells nothing of the floor any more
	h.write(1)
	report, err = h.verify(early, late)
	h.must(err)
	if report.Older == 0 || report.First <= 12 {
		t.Errorf("%+v", report)
	}
	h.stop()
	h.start() // and so it is at another start
	h.write(1)
	if _, err := h.verify(h.head("again.json")); err != nil {
		t.Error(err)
	}
}

func TestACutThatIsNotOfTheChainIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(5)
	newest, err := h.db.Trail().Newest(context.Background())
	h.must(err)
	newest.Hash[0]++
	err = h.db.Trail().Cut(context.Background(), newest, devices.Audited(began, guard, trail.VerbCut, "", "audit:trail", nil))
	if devices.CodeOf(err) != devices.Conflict || len(h.rows(trail.Query{})) != 6 {
		t.Errorf("%v", err)
	}
}

func TestRowsAreKeptForHalfAYearAtLeast(t *testing.T) {
	t.Parallel()
	if _, err := trail.New(trail.Deps{Keep: 179 * trail.Day}); err == nil {
		t.Error("179 days")
	}
}
