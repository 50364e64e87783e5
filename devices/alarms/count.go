package alarms

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/devices"
)

// CountQuery selects alarms that are counted, by when they were raised; half open.
type CountQuery struct {
	Site     devices.SiteID
	From, To time.Time

	Within *devices.Reach // nil: everywhere
}

// Count is how many alarms of a type were raised, and how many of them are open still.
type Count struct {
	Severity     Severity
	Type         Type
	Raised, Open int
}

// Count counts alarms by severity and type: the gravest and the most first.
func (s *Service) Count(ctx context.Context, q CountQuery) ([]Count, error) {
	if !q.From.Before(q.To) {
		return nil, invalid("alarm.count", "to", "must be later than from")
	}
	all, err := s.d.Store.Count(ctx, q)
	rank := func(c Count) int { return slices.Index(severities(), c.Severity) }
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Raised, a.Raised), cmp.Compare(a.Type, b.Type))
	})
	return all, err
}

// severities are all of them, the gravest first.
func severities() []Severity { return []Severity{Critical, Major, Minor, Warning} }
