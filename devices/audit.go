package devices

import (
	"context"
	"fmt"
	"time"
)

// Actor is who wants something done.
type Actor struct {
	Kind    ActorKind
	ID      string
	Name    string // as it was at the time, for people
	Address string // network address, if there is one
}

// ActorKind is what an Actor is.
type ActorKind string

// The kinds of actors.
const (
	ActorOperator ActorKind = "operator"
	ActorSchedule ActorKind = "schedule"
	ActorSystem   ActorKind = "system"
)

// AuditEntry is one line of the audit trail: one per write.
type AuditEntry struct {
	At      time.Time
	Actor   Actor
	Verb    string // for example device.command, schedule.create
	Site    SiteID // empty: not of one site
	Object  string // kind:id
	Detail  string // JSON: before, after, reason
	Outcome string // OutcomeOK or OutcomeRefused
}

// The outcomes of audited writes.
const (
	OutcomeOK      = "ok"
	OutcomeRefused = "refused"
)

// AuditRow is a stored AuditEntry.
type AuditRow struct {
	ID int64
	AuditEntry
}

// Record writes into the audit trail what a part beside the domain is told to do,
// before it does it: kicking a client of the broker, say. object is kind:id.
func (c *Control) Record(ctx context.Context, a Actor, verb, object string, detail map[string]any) error {
	if err := c.d.Store.AddAudit(ctx, c.audit(a, verb, "", object, detail)); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}
