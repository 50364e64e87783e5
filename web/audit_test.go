package web

import (
	"context"
	"encoding/csv"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/devices/trail"
)

// auditTrail is trail.Service. err, if set, is the answer to everything.
type auditTrail struct {
	err     error
	actor   devices.Actor
	asked   trail.Query
	status  trail.Status
	refused []string
}

func (a *auditTrail) rows() []devices.AuditRow {
	e := devices.AuditEntry{At: noon, Actor: devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "=Wang()", Address: "192.0.2.9", Session: "07"},
		Verb: "device.command", Site: "s1", Object: "device:d1", Detail: `{"action":"open","booth":"b1","reason":"visitor"}`, Outcome: "ok"}
	broken := e
	broken.Detail = "no object"
	return []devices.AuditRow{{ID: 3, AuditEntry: e}, {ID: 2, AuditEntry: broken}, {ID: 1, AuditEntry: e.Refused(devices.Forbidden), Erased: true}}
}

func (a *auditTrail) Search(_ context.Context, q trail.Query) ([]devices.AuditRow, error) {
	a.asked = q
	return a.rows(), a.err
}

func (a *auditTrail) Export(_ context.Context, by devices.Actor, q trail.Query) ([]devices.AuditRow, error) {
	a.actor, a.asked = by, q
	return a.rows(), a.err
}

func (a *auditTrail) Status(context.Context) (trail.Status, error) { return a.status, a.err }

func (a *auditTrail) Head(context.Context) (trail.Head, error) {
	return trail.NewSigner().Sign(trail.Mark{Row: 3}, noon), a.err
}

func (a *auditTrail) Rotate(_ context.Context, by devices.Actor) (trail.Key, error) {
	a.actor = by
	return trail.Key{1}, a.err
}

func (a *auditTrail) Refused(by devices.Actor, verb string, _ devices.SiteID, object string, code devices.Code, detail map[string]any) {
	right, _ := detail["right"].(devices.Verb)
	a.refused = append(a.refused, strings.Join([]string{by.ID, verb, object, string(code), string(right)}, " "))
}

func TestAuditIsRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const line = `"at":"2026-11-21T12:00:00Z","actor":{"kind":"operator","id":"o1","name":"=Wang()","address":"192.0.2.9","session":"07","booth":"b1","boothName":"North gate"},
		"verb":"device.command","site":"s1","object":"device:d1"`
	h.admin("GET", "/audit?before=4&limit=3", "").is(200, `{"entries":[
		{"id":3,"reason":"visitor","detail":{"action":"open"},"outcome":"ok","code":"","erased":false,`+line+`},
		{"id":2,"reason":"","detail":{},"outcome":"ok","code":"","erased":false,`+strings.Replace(line, `"b1","boothName":"North gate"`, `"","boothName":""`, 1)+`},
		{"id":1,"reason":"visitor","detail":{"action":"open"},"outcome":"refused","code":"forbidden","erased":true,`+line+`}]}`)
	if want := (trail.Query{Before: 4, Limit: 3}); !reflect.DeepEqual(h.trail.asked, want) {
		t.Errorf("asked %+v", h.trail.asked)
	}
	h.admin("GET", "/audit?actor=o1&object=device:&verb=device.&site=s1&outcome=refused&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00%2B08:00&text=Li", "").wants(200)
	q := h.trail.asked
	q.To = q.To.UTC()
	want := trail.Query{Actor: "o1", Object: "device:", Verb: "device.", Site: "s1", Outcome: "refused", Text: "Li", Limit: 100,
		From: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)}
	if !reflect.DeepEqual(q, want) {
		t.Errorf("asked %+v", q)
	}
	h.admin("GET", "/audit?from=yesterday", "").names("query.from")
	h.admin("GET", "/audit?outcome=good", "").names("query.outcome")
}

func TestTheStateOfTheTrailIsShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := trail.Key{1}
	h.trail.status = trail.Status{Newest: 2, Keep: trail.DefaultKeep, Key: key}
	h.admin("GET", "/audit/status", "").is(200, `{"first":0,"newest":2,"verified":0,"hash":"","verifiedAt":null,"broken":null,"head":null,
		"key":"`+key.String()+`","keepDays":1095,"notes":[]}`)
	h.trail.status = trail.Status{First: 1, Newest: 9, Verified: trail.Mark{Row: 8}, VerifiedAt: noon, Broken: &trail.Broken{Row: 9, What: "it is missing"},
		Head: &trail.Head{Row: 7, At: noon}, Keep: trail.LeastKeep, Key: key, Notes: []string{"a note"}}
	h.admin("GET", "/audit/status", "").is(200, `{"first":1,"newest":9,"verified":8,"hash":"`+strings.Repeat("0", 64)+`","verifiedAt":"2026-11-21T12:00:00Z",
		"broken":{"row":9,"what":"it is missing"},"head":{"row":7,"at":"2026-11-21T12:00:00Z"},"key":"`+key.String()+`","keepDays":180,"notes":["a note"]}`)
}

func TestASignedHeadIsAFileThatCanBeVerified(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("GET", "/audit/head", "").wants(200)
	if head, err := trail.ReadHead([]byte(a.body)); err != nil || head.Row != 3 {
		t.Errorf("%+v, %v", head, err)
	}
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="audit-head-2026-11-21-120000.json"` {
		t.Error(got)
	}
}

func TestTheKeyOfHeadsIsChangedByItsActor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/audit/key", "").is(200, `{"key":"`+trail.Key{1}.String()+`"}`)
	if h.trail.actor != wang {
		t.Errorf("by %+v", h.trail.actor)
	}
}

func TestTheTrailIsTakenAwayAsAFileWithoutFormulas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("GET", "/audit/export?verb=device.&outcome=ok", "").wants(200)
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 4 {
		t.Fatalf("%q, %v", a.body, err)
	}
	want := []string{"3", "2026-11-21T12:00:00.000Z", "operator", "'=Wang()", "o1", "192.0.2.9", "07", "North gate", "device.command", "s1", "device:d1", "visitor", "ok", "", `{"action":"open"}`}
	if !reflect.DeepEqual(lines[1], want) {
		t.Errorf("%q", lines[1])
	}
	if h.trail.actor != wang || h.trail.asked.Verb != "device." || h.trail.asked.Outcome != "ok" {
		t.Errorf("%+v asked %+v", h.trail.actor, h.trail.asked)
	}
	for header, want := range map[string]string{
		"Content-Disposition": `attachment; filename="audit-2026-11-21.csv"`, "Content-Type": csvMedia, "Cache-Control": "no-store",
	} {
		if got := a.header.Get(header); got != want {
			t.Errorf("%s: %q", header, got)
		}
	}
	if a := h.admin("GET", "/audit/export?format=xlsx", "").wants(200); !strings.HasPrefix(a.body, "PK") || a.header.Get("Content-Type") != xlsxMedia {
		t.Errorf("%.20q", a.body)
	}
	h.admin("GET", "/audit/export?format=pdf", "").names("query.format")
}

func TestWhoAsksForMoreOfTheTrailThanOneFileHoldsIsToldHowMuchItDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.trail.err = &devices.Error{Op: "audit.export", Code: devices.TooMany, Field: "from", Most: trail.MostExported, Message: "more than 50000"}
	h.admin("GET", "/audit/export", "").tooMany(50_000)
}

func TestWhoIsRefusedARightStandsInTheTrail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do("POST", apiPrefix+"/sites", `{}`, as(operators.Guard)).problem(http.StatusForbidden, "forbidden")
	if want := "o1 right.refused route:POST /api/v1/sites forbidden devices.manage"; len(h.trail.refused) != 1 || h.trail.refused[0] != want {
		t.Errorf("%q", h.trail.refused)
	}
}
