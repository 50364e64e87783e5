package trail_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/db"
	"gatehouse/devices"
	"gatehouse/devices/trail"
)

func TestAnErasedPersonIsGoneFromTheTrailWhichStillHolds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	other := devices.Actor{Kind: devices.ActorOperator, ID: "op-2", Name: "李伟", Address: "192.0.2.8"}
	h.write(3)
	created := devices.Audited(began, other, "operator.create", "", "operator:op-1", map[string]any{"role": "guard"}).With(map[string]any{"name": "王芳"})
	h.must(h.db.Trail().Add(ctx, created))
	head := h.head("before.json")

	if row := h.rows(trail.Query{Verb: "operator.create"})[0]; row.Detail != `{"name":"王芳","role":"guard"}` || row.Actor.Name != "李伟" || row.Erased {
		t.Errorf("before: %+v", row)
	}
	h.must(h.service.Erase(ctx, other, "operator:op-1", "left in 2020"))
	row := h.rows(trail.Query{Verb: "operator.create"})[0]
	if row.Detail != `{"role":"guard"}` || row.Actor != other || !row.Erased {
		t.Errorf("the row about the person: %+v", row)
	}
	for _, row := range h.rows(trail.Query{Actor: "op-1"}) {
		if row.Actor.Name != "" || row.Actor.Address != "" || row.Actor.ID != "op-1" || !row.Erased {
			t.Errorf("a row by the person: %+v", row)
		}
	}
	if _, err := h.verify(head); err != nil {
		t.Errorf("the chain does not hold any more: %v", err)
	}
	if row := h.rows(trail.Query{Verb: trail.VerbErase})[0]; row.Object != "operator:op-1" || row.Actor != other || row.Detail != `{"reason":"left in 2020"}` {
		t.Errorf("%+v", row)
	}
	if err := h.service.Erase(ctx, other, "operator:op-1", "again"); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("twice: %v", err)
	}
	h.write(1) // whoever comes back gets another key
	if row := h.rows(trail.Query{Actor: "op-1"})[0]; row.Actor.Name != guard.Name {
		t.Errorf("afterwards: %+v", row)
	}
}

func TestNamesAndAddressesAreNotInTheFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(4)
	h.must(h.db.Trail().Add(context.Background(), devices.Audited(began, guard, "operator.create", "", "operator:op-9", nil).With(map[string]any{"name": "somebody-new"})))
	h.stop()
	content, err := os.ReadFile(filepath.Join(h.dir, db.FileName))
	h.must(err)
	for _, personal := range []string{guard.Name, guard.Address, "somebody-new"} {
		if strings.Contains(string(content), personal) {
			t.Errorf("the file holds %q", personal)
		}
	}
	h.start()
	if row := h.rows(trail.Query{Verb: "operator.create"})[0]; row.Actor != guard || row.Detail != `{"name":"somebody-new"}` {
		t.Errorf("%+v", row)
	}
}

// Another data key, because the first one was lost: what was sealed stays unread, and
// the trail goes on.
func TestTheTrailGoesOnWithoutTheOldDataKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(2)
	h.stop()
	other, err := db.Open(context.Background(), db.Options{Dir: h.dir, DataKey: []byte(strings.Repeat("k", 32))})
	h.must(err)
	t.Cleanup(func() { h.must(other.Close()) })
	h.must(other.Trail().Add(context.Background(), devices.Audited(began, guard, "device.command", "", "device:g1", nil)))
	rows, err := other.Trail().Search(context.Background(), trail.Query{Actor: guard.ID})
	h.must(err)
	if len(rows) != 2 || rows[0].Actor != guard || rows[1].Actor.Name != "" || !rows[1].Erased {
		t.Errorf("%+v", rows)
	}
	if _, err := trail.Verify(context.Background(), other.Trail(), nil, nil); err != nil {
		t.Error(err)
	}
}

func TestRowsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(14) // seven of the guard
	h.must(h.db.Trail().Add(context.Background(), devices.Audited(began, guard, "device.commander", "", "devices:all", map[string]any{"reason": "100% _sure_"}).Refused(devices.Forbidden)))
	for _, c := range []struct {
		name string
		q    trail.Query
		want int
	}{
		{"all", trail.Query{}, 16},
		{"by actor", trail.Query{Actor: "op-1"}, 8},
		{"by object", trail.Query{Object: "device:g3"}, 2},
		{"by kind of object", trail.Query{Object: "device:"}, 14},
		{"by verb", trail.Query{Verb: "device.command"}, 14},
		{"by the beginning of a verb", trail.Query{Verb: "device."}, 15},
		{"by site", trail.Query{Site: "site-1"}, 14},
		{"by result", trail.Query{Outcome: devices.OutcomeRefused}, 1},
		{"by time", trail.Query{From: began, To: began.Add(time.Second)}, 16},
		{"before a time", trail.Query{To: began}, 0},
		{"by text", trail.Query{Text: "100% _SURE"}, 1},
		{"by text that is a pattern elsewhere", trail.Query{Text: "1%sure"}, 0},
		{"older than", trail.Query{Before: 4}, 3},
		{"of all", trail.Query{Actor: "op-1", Verb: "device.", Text: "forbidden"}, 1},
	} {
		if got := h.rows(c.q); len(got) != c.want {
			t.Errorf("%s: %d rows, want %d", c.name, len(got), c.want)
		}
	}
}

func TestWhoTakesTheTrailAwayStandsInIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(1500)
	rows, err := h.service.Export(context.Background(), guard, trail.Query{Verb: "device.command", Text: "open", From: began})
	h.must(err)
	if len(rows) != 1500 || rows[0].ID != 1501 || rows[1499].ID != 2 {
		t.Errorf("%d rows", len(rows))
	}
	if row := h.rows(trail.Query{})[0]; row.Verb != trail.VerbExport || row.Actor != guard || row.Detail != `{"from":"2026-03-01T08:30:00Z","rows":1500,"text":"open","verb":"device.command"}` {
		t.Errorf("%+v", row)
	}
}

// vast is a trail in which so many rows are found; added are those that were written.
type vast struct {
	trail.Store
	rows, most int
	added      []string
}

func (v *vast) Search(_ context.Context, q trail.Query) (page []devices.AuditRow, err error) {
	v.most = max(v.most, q.Limit)
	next := int64(v.rows)
	if q.Before != 0 {
		next = q.Before - 1
	}
	for ; next > 0 && len(page) < q.Limit; next-- {
		page = append(page, devices.AuditRow{ID: next})
	}
	return page, nil
}

func (v *vast) Add(_ context.Context, a devices.AuditEntry) error {
	v.added = append(v.added, a.Verb)
	return nil
}

func TestTheTrailIsTakenAwayWholeAndInShortReadsOrNotAtAll(t *testing.T) {
	t.Parallel()
	v := &vast{rows: trail.MostExported}
	s, err := trail.New(trail.Deps{Store: v})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Export(t.Context(), guard, trail.Query{Before: 9, Limit: 3}) // a page is no part of what is taken
	if err != nil || len(rows) != v.rows || rows[0].ID != trail.MostExported || rows[len(rows)-1].ID != 1 || v.most > 1000 || len(v.added) != 1 {
		t.Errorf("%d rows, read %d at once at most, %v written (%v)", len(rows), v.most, v.added, err)
	}
	v.rows++
	rows, err = s.Export(t.Context(), guard, trail.Query{})
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.TooMany || e.Field != "from" || e.Most != trail.MostExported || rows != nil || len(v.added) != 1 {
		t.Errorf("too many give %d and %v, %v written", len(rows), err, v.added)
	}
}

func TestTheAddressOfWhoTriedAnAccountGoesWithItsPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(context.Background())
	stranger := devices.Actor{Kind: devices.ActorUnknown}
	about := devices.Audited(began, stranger, "session.create", "", "operator:op-1", nil).With(map[string]any{"address": "192.0.2.66"})
	h.service.RefusedStranger(about, "192.0.2.66", "bad_credentials")
	stop()
	h.must(h.service.Run(ctx))
	row := func() devices.AuditRow { return h.rows(trail.Query{Object: "operator:op-1", Verb: "session."})[0] }
	if r := row(); r.Detail != `{"address":"192.0.2.66","code":"bad_credentials"}` || r.Actor != stranger || r.Outcome != devices.OutcomeRefused {
		t.Errorf("before: %+v", r)
	}
	h.must(h.service.Erase(context.Background(), guard, "operator:op-1", "left"))
	if r := row(); r.Detail != `{"code":"bad_credentials"}` || !r.Erased {
		t.Errorf("after: %+v", r)
	}
}
