package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

// Audit has the audit trail; trail.Service is one.
type Audit interface {
	Search(ctx context.Context, q trail.Query) ([]devices.AuditRow, error)
	// Export gives all rows of a query, and writes down who took them.
	Export(ctx context.Context, by devices.Actor, q trail.Query) ([]devices.AuditRow, error)
}

// Refusals writes down who was refused a right; trail.Service does.
type Refusals interface {
	Refused(by devices.Actor, verb string, site devices.SiteID, object string, code devices.Code, detail map[string]any)
}

// rightRefused writes down that a person or program does not have the right of a route.
func (s *Server) rightRefused(ctx context.Context, v *visitor, code devices.Code) {
	s.deps.Refusals.Refused(actor(ctx), "right.refused", "", "route:"+v.method+" "+v.route, code, map[string]any{"right": v.rule.verb})
}

// outOfReach is rightRefused for a right that does not hold at this place or hour. A page
// that goes on asking after hours is none.
func (s *Server) outOfReach(ctx context.Context, v *visitor, code devices.Code) {
	if v.method != http.MethodGet {
		s.rightRefused(ctx, v, code)
	}
}

// AuditEntry is one line of the audit trail.
type AuditEntry struct {
	ID      int64          `json:"id" doc:"the number of the row, from 1 on"`
	At      time.Time      `json:"at"`
	Actor   AuditActor     `json:"actor"`
	Verb    string         `json:"verb" example:"device.command"`
	Site    devices.SiteID `json:"site" doc:"empty: not of one site"`
	Object  string         `json:"object" doc:"kind:id"`
	Reason  string         `json:"reason" doc:"why, as was said; empty: nothing was"`
	Detail  object         `json:"detail" doc:"before, after, and what else there is"`
	Outcome string         `json:"outcome" doc:"ok or refused"`
	Code    string         `json:"code" doc:"of a refusal, as in a problem; empty: not known"`
	Erased  bool           `json:"erased" doc:"names of a person were erased"`
}

// AuditActor is who did it.
type AuditActor struct {
	Kind    devices.ActorKind `json:"kind" enum:"operator,token,schedule,system,unknown"`
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Address string            `json:"address"`
	Session string            `json:"session" doc:"the id of the session that it was done in"`

	Booth     string `json:"booth" doc:"the id of the booth that it was done at; empty: at none"`
	BoothName string `json:"boothName" doc:"as it is now; empty: at none, or the booth has ended"`
}

// AuditList is a page of the trail, newest first.
type AuditList struct {
	Entries []AuditEntry `json:"entries"`
}

// AuditFilter is what rows are selected by.
type AuditFilter struct {
	Actor   string         `query:"actor" maxLength:"128" doc:"the id of an actor"`
	Object  string         `query:"object" maxLength:"256" doc:"kind:id, or kind: for all of a kind"`
	Verb    string         `query:"verb" maxLength:"64" doc:"device.command, or device. for all that begin so"`
	Site    devices.SiteID `query:"site" maxLength:"64"`
	Outcome string         `query:"outcome" enum:"ok,refused"`
	From    time.Time      `query:"from" doc:"from this moment on"`
	To      time.Time      `query:"to" doc:"before this moment"`
	Text    string         `query:"text" maxLength:"200" doc:"in a name of a person, device, zone or site, in verb, object or detail"`
}

func (f AuditFilter) query() trail.Query {
	return trail.Query{Actor: f.Actor, Object: f.Object, Verb: f.Verb, Site: f.Site, Outcome: f.Outcome, From: f.From, To: f.To, Text: f.Text}
}

type auditRequest struct {
	AuditFilter
	Before int64 `query:"before" minimum:"0" doc:"entries with a smaller id"`
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) auditRoutes(a *api) {
	add(a, operation(http.MethodGet, "/audit", "listAudit", "audit", "Who did what, newest first", 200),
		func(ctx context.Context, i *auditRequest) (*out[AuditList], error) {
			q := i.query()
			q.Before, q.Limit = i.Before, i.Limit
			list, err := s.deps.Audit.Search(ctx, q)
			return &out[AuditList]{AuditList{s.auditEntries(list)}}, err
		})
	s.auditChainRoutes(a)
	s.auditExportRoute(a)
}

// auditEntries are rows with the names of booths.
func (s *Server) auditEntries(rows []devices.AuditRow) []AuditEntry {
	names := map[string]string{}
	for _, b := range s.deps.Booths.List() {
		names[string(b.ID)] = b.Name
	}
	return each(rows, func(r devices.AuditRow) AuditEntry {
		e := auditOf(r)
		e.Actor.BoothName = names[e.Actor.Booth]
		return e
	})
}

func auditOf(r devices.AuditRow) AuditEntry {
	e := AuditEntry{
		ID: r.ID, At: instant(r.At), Verb: r.Verb, Site: r.Site, Object: r.Object, Outcome: r.Outcome, Erased: r.Erased,
		Actor: AuditActor{Kind: r.Actor.Kind, ID: r.Actor.ID, Name: r.Actor.Name, Address: r.Actor.Address, Session: r.Actor.Session},
	}
	e.Reason, r.Detail = taken(r.Detail, "reason")
	e.Code, r.Detail = taken(r.Detail, "code")
	e.Actor.Booth, r.Detail = taken(r.Detail, "booth")
	e.Detail = object(r.Detail)
	return e
}

// taken takes a text out of a detail that has a place of its own in the API.
func taken(detail, name string) (text, rest string) {
	rest, part := devices.Parted(detail, name)
	var of map[string]string
	if part == "" || json.Unmarshal([]byte(part), &of) != nil {
		return "", detail
	}
	return of[name], rest
}
