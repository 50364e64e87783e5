package devices

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// Actor is who wants something done.
type Actor struct {
	Kind    ActorKind
	ID      string
	Name    string // as it was at the time, for people
	Address string // network address, if there is one
	Session string // the session that it was done in, if there is one: its id, which lets nobody in
	Booth   string // id of the booth where its person signed in; empty: at none
}

// ActorKind is what an Actor is.
type ActorKind string

// The kinds of actors.
const (
	ActorOperator ActorKind = "operator"
	ActorSchedule ActorKind = "schedule"
	ActorToken    ActorKind = "token" // a program, by an API token of somebody
	ActorSystem   ActorKind = "system"
	ActorUnknown  ActorKind = "unknown" // somebody who has not shown who they are
)

// AuditEntry is one line of the audit trail: one per write.
type AuditEntry struct {
	At      time.Time
	Actor   Actor
	Verb    string // for example device.command, schedule.create
	Site    SiteID // empty: not of one site
	Object  string // kind:id
	Detail  string // JSON: before, after, reason; of a refusal also code
	Outcome string // OutcomeOK or OutcomeRefused
	// About is JSON like Detail, of what the entry says of the person that Object names
	// (see With): it is stored so that it can be erased with the person. Empty: nothing.
	About string
}

// IsPerson is whether an actor is somebody with an account, or a program that is called
// by its maker: name and address are stored so that they can be erased.
func (a Actor) IsPerson() bool {
	return (a.Kind == ActorOperator || a.Kind == ActorToken) && a.ID != ""
}

// Key names an actor as the object of an entry does: kind:id.
func (a Actor) Key() string { return string(a.Kind) + ":" + a.ID }

// With is the entry with values of the person that Object names: a name, say.
func (e AuditEntry) With(about map[string]any) AuditEntry {
	e.About = detailText(about)
	return e
}

// Refused is the entry of a write that was refused, with the code of the reason.
func (e AuditEntry) Refused(code Code) AuditEntry {
	e.Outcome = OutcomeRefused
	e.Detail = Merged(e.Detail, `{"code":`+strconv.Quote(string(code))+`}`)
	return e
}

// Merged is one JSON object of two; the members of the second one count.
func Merged(one, two string) string {
	if two == "" || two == "{}" {
		return one
	}
	all := map[string]json.RawMessage{}
	for _, text := range []string{one, two} {
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			return one
		}
	}
	return detailText(all)
}

// The outcomes of audited writes.
const (
	OutcomeOK      = "ok"
	OutcomeRefused = "refused"
)

// Audited is the entry of a write that is done. What was done at a booth says so in its detail.
func Audited(at time.Time, a Actor, verb string, s SiteID, object string, detail map[string]any) AuditEntry {
	if a.Booth != "" {
		detail = maps.Clone(detail)
		if detail == nil {
			detail = map[string]any{}
		}
		detail["booth"] = a.Booth
	}
	return AuditEntry{At: at, Actor: a, Verb: verb, Site: s, Object: object, Detail: detailText(detail), Outcome: OutcomeOK}
}

// detailText is a detail as JSON, in the one order of its members that there is.
func detailText[T any](detail map[string]T) string {
	if len(detail) > 0 {
		if made, err := json.Marshal(detail); err == nil { // texts, numbers, times, and maps of them: always
			return string(made)
		}
	}
	return "{}"
}

// Parted takes one member out of a JSON object; part is an object of it alone, or empty.
func Parted(detail, name string) (rest, part string) {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(detail), &all); err != nil || all[name] == nil {
		return detail, ""
	}
	part = detailText(map[string]json.RawMessage{name: all[name]})
	delete(all, name)
	return detailText(all), part
}

// AuditRow is a stored AuditEntry.
type AuditRow struct {
	ID int64
	AuditEntry
	// Erased is whether values of a person cannot be read any more.
	Erased bool
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
