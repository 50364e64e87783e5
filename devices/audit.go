package devices

import "time"

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
