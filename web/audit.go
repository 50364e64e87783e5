package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
)

// Audit has the audit trail; devices.Control is one.
type Audit interface {
	Audit(ctx context.Context, before int64, limit int) ([]devices.AuditRow, error)
}

// AuditEntry is one line of the audit trail.
type AuditEntry struct {
	ID      int64          `json:"id"`
	At      time.Time      `json:"at"`
	Actor   AuditActor     `json:"actor"`
	Verb    string         `json:"verb" example:"device.command"`
	Site    devices.SiteID `json:"site" doc:"empty: not of one site"`
	Object  string         `json:"object" doc:"kind:id"`
	Detail  object         `json:"detail" doc:"before, after, reason"`
	Outcome string         `json:"outcome" doc:"ok or refused"`
}

// AuditActor is who did it.
type AuditActor struct {
	Kind    devices.ActorKind `json:"kind" enum:"operator,token,schedule,system"`
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Address string            `json:"address"`
}

// AuditList is a page of the trail, newest first.
type AuditList struct {
	Entries []AuditEntry `json:"entries"`
}

type auditRequest struct {
	Before int64 `query:"before" minimum:"0" doc:"entries with a smaller id"`
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) auditRoutes(a *api) {
	add(a, operation(http.MethodGet, "/audit", "listAudit", "audit", "Who did what, newest first", 200),
		func(ctx context.Context, i *auditRequest) (*out[AuditList], error) {
			list, err := s.deps.Audit.Audit(ctx, i.Before, i.Limit)
			return &out[AuditList]{AuditList{each(list, auditOf)}}, err
		})
}

func auditOf(r devices.AuditRow) AuditEntry {
	return AuditEntry{
		ID: r.ID, At: instant(r.At), Verb: r.Verb, Site: r.Site, Object: r.Object, Outcome: r.Outcome,
		Actor:  AuditActor{Kind: r.Actor.Kind, ID: r.Actor.ID, Name: r.Actor.Name, Address: r.Actor.Address},
		Detail: object(r.Detail),
	}
}
