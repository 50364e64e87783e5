package devices

import (
	"context"
	"encoding/json"
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

// Audited is the entry of a write that is done.
func Audited(at time.Time, a Actor, verb string, s SiteID, object string, detail map[string]any) AuditEntry {
	text := []byte("{}")
	if len(detail) > 0 {
		if made, err := json.Marshal(detail); err == nil { // texts, numbers, times, and maps of them: always
			text = made
		}
	}
	return AuditEntry{At: at, Actor: a, Verb: verb, Site: s, Object: object, Detail: string(text), Outcome: OutcomeOK}
}

// AuditRow is a stored AuditEntry.
type AuditRow struct {
	ID int64
	AuditEntry
}

// note has an entry written that its cause does not wait for: for at most recordWait
// it waits, and goes on without until the store has it or the server stops.
func (c *Control) note(ctx context.Context, entry AuditEntry) {
	written := make(chan struct{})
	if c.noting.Add(1) > mostPending {
		c.noting.Add(-1)
		c.d.Log.Error("LOST: too many audit entries wait for the disk", "entry", entry)
		return
	}
	c.group.start(func() {
		defer close(written)
		defer c.noting.Add(-1)
		if !c.retry(c.group.lasting, "audit entry "+entry.Verb, func() error { return c.d.Store.AddAudit(c.group.lasting, entry) }) {
			c.d.Log.Error("LOST: the server stops before an audit entry is written", "entry", entry)
		}
	})
	timer := time.NewTimer(recordWait)
	defer timer.Stop()
	select {
	case <-written:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Record writes into the audit trail what a part beside the domain is told to do,
// before it does it: kicking a client of the broker, say. object is kind:id.
func (c *Control) Record(ctx context.Context, a Actor, verb, object string, detail map[string]any) error {
	if err := c.d.Store.AddAudit(ctx, c.audit(a, verb, "", object, detail)); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}
