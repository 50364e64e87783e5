package calendar

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

// auditedDays is how many days of an import one entry of the audit trail tells of.
const auditedDays = 100

// Import is what a file of days makes, or would make, of own days.
type Import struct {
	Errors  []Problem // if there is one, nothing is kept
	New     []Entry
	Changed []Change
	Same    int // days that are so already
}

// Change is a day that is another after an import.
type Change struct{ Before, After Entry }

// Import keeps every day of a file as own days of a site, or of the whole property (the empty
// site), or none; with look it only says what would be new and what would change. Days that
// the file does not name stay as they are.
func (s *Service) Import(ctx context.Context, by devices.Actor, of devices.SiteID, content []byte, look bool) (Import, error) {
	if err := s.known(ctx, of); err != nil {
		return Import{}, err
	}
	days, problems := Read(content)
	if len(problems) > 0 {
		return Import{Errors: problems}, nil
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	was, err := s.own(ctx, of, FirstDay, LastDay)
	if err != nil {
		return Import{}, err
	}
	made, put := compared(days, was)
	if look || len(put) == 0 {
		return made, nil
	}
	if err := s.d.Store.PutDays(ctx, of, put, s.imported(by, of, put, was)); err != nil {
		return Import{}, fmt.Errorf("calendar.import: %w", err)
	}
	s.d.Changed(of)
	return made, nil
}

func compared(days []Entry, was own) (made Import, put []Entry) {
	for _, e := range days {
		before, there := was[e.Day]
		switch {
		case !there:
			made.New = append(made.New, e)
		case before == e:
			made.Same++
			continue
		default:
			made.Changed = append(made.Changed, Change{before, e})
		}
		put = append(put, e)
	}
	return made, put
}

// imported are the entries of the audit trail: what was and what is, by day, in parts that a
// reader of the trail can hold.
func (s *Service) imported(by devices.Actor, of devices.SiteID, put []Entry, was own) (all []devices.AuditEntry) {
	now := s.d.Now().UTC().Truncate(time.Millisecond)
	for first := 0; first < len(put); first += auditedDays {
		part := put[first:min(first+auditedDays, len(put))]
		before, after := map[Day]string{}, map[Day]string{}
		for _, e := range part {
			after[e.Day] = said(e)
			if old, there := was[e.Day]; there {
				before[e.Day] = said(old)
			}
		}
		detail := map[string]any{"days": len(part), "before": before, "after": after}
		all = append(all, devices.Audited(now, by, "calendar.import", of, "day:"+string(part[0].Day), detail))
	}
	return all
}

// said is an entry in one text, for the audit trail.
func said(e Entry) string {
	if e.Name == "" {
		return string(e.Kind)
	}
	return string(e.Kind) + " " + e.Name
}
