package trail

import (
	"context"
	"sync"
	"time"

	"gatehouse/devices"
)

const (
	// refusalEvery is how often one actor's refusals at one place get a row.
	refusalEvery = time.Minute
	// refusalsKnown bounds what is remembered of actors and places.
	refusalsKnown = 4096
	// refusalsWait bounds the rows that wait for the disk.
	refusalsWait = 256
)

// refusals turns refused attempts into rows, few enough that nobody can fill the disk
// with them: what is not written is counted, and the next row tells how many there were.
type refusals struct {
	queue chan devices.AuditEntry

	mu    *sync.Mutex
	known map[refusalKey]*refusal
}

type refusalKey struct{ actor, verb, object string }

type refusal struct {
	written time.Time
	left    int // out since then
}

func newRefusals() refusals {
	return refusals{queue: make(chan devices.AuditEntry, refusalsWait), mu: &sync.Mutex{}, known: map[refusalKey]*refusal{}}
}

// Refused writes down that somebody was refused something, soon and without making its
// caller wait: one row a minute for each actor, verb and object, with how many were left
// out since the one before. verb is what was refused, object at what (kind:id).
func (s *Service) Refused(by devices.Actor, verb string, site devices.SiteID, object string, code devices.Code, detail map[string]any) {
	now := s.now()
	left, write := s.refusals.take(refusalKey{by.Key(), verb, object}, now)
	if !write {
		return
	}
	told := map[string]any{}
	for k, v := range detail {
		told[k] = v
	}
	if left > 0 {
		told["leftOut"] = left
	}
	select {
	case s.refusals.queue <- devices.Audited(now, by, verb, site, object, told).Refused(code):
	default:
		s.d.Log.Warn("too many refusals wait for the audit trail", "actor", by.Key(), "verb", verb, "object", object)
	}
}

// take is whether a refusal gets a row, and how many before it did not.
func (r *refusals) take(k refusalKey, now time.Time) (left int, write bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.known[k]
	if one == nil {
		if len(r.known) >= refusalsKnown {
			r.forget(now)
		}
		if len(r.known) >= refusalsKnown {
			return 0, false
		}
		one = &refusal{}
		r.known[k] = one
	}
	if age := now.Sub(one.written); age >= 0 && age < refusalEvery {
		one.left++
		return 0, false
	}
	left, one.left, one.written = one.left, 0, now
	return left, true
}

// forget drops what was written long ago.
func (r *refusals) forget(now time.Time) {
	for k, one := range r.known {
		if age := now.Sub(one.written); age < 0 || age >= refusalEvery {
			delete(r.known, k)
		}
	}
}

// followRefusals writes them until ctx ends, and then what waits.
func (s *Service) followRefusals(ctx context.Context) {
	for {
		select {
		case a := <-s.refusals.queue:
			s.writeRefusal(ctx, a)
			continue
		default:
		}
		select {
		case a := <-s.refusals.queue:
			s.writeRefusal(ctx, a)
		case <-ctx.Done():
			return
		}
	}
}

// writeRefusal writes also what was taken when the server stops.
func (s *Service) writeRefusal(ctx context.Context, a devices.AuditEntry) {
	if err := s.d.Store.Add(context.WithoutCancel(ctx), a); err != nil {
		s.d.Log.Error("LOST: a refusal is not in the audit trail", "verb", a.Verb, "object", a.Object, "actor", a.Actor.Key(), "err", err)
	}
}
