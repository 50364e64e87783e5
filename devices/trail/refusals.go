package trail

import (
	"context"
	"maps"
	"sync"
	"time"

	"gatehouse/devices"
)

const (
	// refusalEvery is how often one actor's refusals at one place get a row.
	refusalEvery = time.Minute
	// refusalsKnown bounds what is remembered of actors and places.
	refusalsKnown = 4096
	// strangersKnown bounds the rows that people leave in a minute who have not shown who they are: whoever
	// has many addresses fills no disk (60 rows of 600 bytes a minute are 52 MB a day).
	strangersKnown = 60
	// refusalsWait bounds the rows that wait for the disk.
	refusalsWait = 256
)

// refusals turns refused attempts into rows, few enough that nobody can fill the disk
// with them: what is not written is counted, and a row tells how many there were.
type refusals struct {
	queue chan devices.AuditEntry

	mu        sync.Mutex // of what follows
	known     map[refusalKey]*refusal
	strangers int       // of known
	told      time.Time // when all of known was looked through
}

// refusalKey is what has one row a minute. Of a stranger it has the address.
type refusalKey struct{ actor, address, verb, object string }

// refusal is a row that was written, and what was left out since.
type refusal struct {
	written time.Time
	left    map[devices.Code]int64
	last    devices.AuditEntry // that was left out
	code    devices.Code       // of last
}

func newRefusals() *refusals {
	return &refusals{queue: make(chan devices.AuditEntry, refusalsWait), known: map[refusalKey]*refusal{}}
}

// Refused writes down that somebody was refused something, soon and without making its
// caller wait: one row a minute for each actor, verb and object. What is left out is counted by a
// later row, a minute and a half after the one before at the latest. verb is what was refused, object at what (kind:id).
func (s *Service) Refused(by devices.Actor, verb string, site devices.SiteID, object string, code devices.Code, detail map[string]any) {
	k := refusalKey{actor: by.Key(), verb: verb, object: object}
	s.refusals.take(k, devices.Audited(s.now(), by, verb, site, object, detail).Refused(code), code, s.now())
}

// RefusedStranger is Refused for an entry of somebody at a network address who has not shown who they are: one row
// a minute for each address, verb and object, and 60 for all of them. Beyond that they are counted together, in
// rows that name neither.
func (s *Service) RefusedStranger(a devices.AuditEntry, address string, code devices.Code) {
	s.refusals.take(refusalKey{a.Actor.Key(), address, a.Verb, a.Object}, a.Refused(code), code, s.now())
}

// take has a refusal written or counted.
func (r *refusals) take(k refusalKey, a devices.AuditEntry, code devices.Code, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[k] == nil && !r.room(k, now) {
		k, a = refusalKey{verb: k.verb}, restOf(a, code)
	}
	one := r.known[k]
	if one == nil {
		one = &refusal{left: map[devices.Code]int64{}}
		r.add(k, one)
	}
	if age := now.Sub(one.written); age >= 0 && age < refusalEvery || !r.put(withLeft(a, one.left)) {
		one.left[code]++
		one.last, one.code = a, code
		return
	}
	one.written = now
	clear(one.left)
}

// restOf is a row that counts the refusals of many at once.
func restOf(a devices.AuditEntry, code devices.Code) devices.AuditEntry {
	return devices.Audited(a.At, devices.Actor{Kind: a.Actor.Kind}, a.Verb, "", "refusals:rest", nil).Refused(code)
}

// withLeft is an entry that tells how many were left out before it, by the code of the reason.
func withLeft(a devices.AuditEntry, left map[devices.Code]int64) devices.AuditEntry {
	if len(left) > 0 {
		a.Detail = devices.Merged(a.Detail, textOf(map[string]any{"leftOut": left}))
	}
	return a
}

// put is false if too many rows wait for the disk.
func (r *refusals) put(a devices.AuditEntry) bool {
	select {
	case r.queue <- a:
		return true
	default:
		return false
	}
}

func (r *refusals) add(k refusalKey, one *refusal) {
	r.known[k] = one
	if k.address != "" {
		r.strangers++
	}
}

// room is whether one more can be remembered.
func (r *refusals) room(k refusalKey, now time.Time) bool {
	full := func() bool { return len(r.known) >= refusalsKnown || k.address != "" && r.strangers >= strangersKnown }
	if since := now.Sub(r.told); full() && (since < 0 || since >= time.Second) {
		r.tell(now)
	}
	return !full()
}

// tell writes what was left out more than a minute after a row, and forgets what nothing was left out of.
func (r *refusals) tell(now time.Time) {
	r.told = now
	for k, one := range r.known {
		if age := now.Sub(one.written); age >= 0 && age < refusalEvery {
			continue
		}
		if len(one.left) == 0 {
			delete(r.known, k)
			if k.address != "" {
				r.strangers--
			}
		} else if r.put(one.counted()) {
			one.written = now
			clear(one.left)
		}
	}
}

// counted is a row of the last that was left out, with how many were before it.
func (one *refusal) counted() devices.AuditEntry {
	before := maps.Clone(one.left)
	if before[one.code]--; before[one.code] == 0 {
		delete(before, one.code)
	}
	return withLeft(one.last, before)
}

// followRefusals writes them until ctx ends, and then what waits and what was left out.
func (s *Service) followRefusals(ctx context.Context) {
	ticker := time.NewTicker(refusalEvery / 2)
	defer ticker.Stop()
	for {
		select {
		case a := <-s.refusals.queue:
			s.writeRefusal(ctx, a)
		case <-ticker.C:
			s.tellRefusals()
		case <-ctx.Done():
			s.lastRefusals(ctx)
			return
		}
	}
}

// tellRefusals has what was left out counted by rows that is due.
func (s *Service) tellRefusals() {
	s.refusals.mu.Lock()
	defer s.refusals.mu.Unlock()
	s.refusals.tell(s.now())
}

// lastRefusals writes what waits when the server stops, and what was left out: few rows, so that it stops soon.
func (s *Service) lastRefusals(ctx context.Context) {
	for len(s.refusals.queue) > 0 {
		s.writeRefusal(ctx, <-s.refusals.queue)
	}
	for _, one := range s.refusals.rest() {
		s.writeRefusal(ctx, one.counted())
	}
}

// rest is what was left out, together for each verb.
func (r *refusals) rest() map[string]*refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]*refusal{}
	for k, one := range r.known {
		if len(one.left) == 0 {
			continue
		}
		if all[k.verb] == nil {
			all[k.verb] = &refusal{left: map[devices.Code]int64{}, last: restOf(one.last, one.code), code: one.code}
		}
		for code, n := range one.left {
			all[k.verb].left[code] += n
		}
		clear(one.left)
	}
	return all
}

// writeRefusal writes also what was taken when the server stops.
func (s *Service) writeRefusal(ctx context.Context, a devices.AuditEntry) {
	if err := s.d.Store.Add(context.WithoutCancel(ctx), a); err != nil {
		s.d.Log.Error("LOST: a refusal is not in the audit trail", "verb", a.Verb, "object", a.Object, "actor", a.Actor.Key(), "err", err)
	}
}
