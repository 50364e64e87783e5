package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gatehouse/devices"
	"gatehouse/devices/plates"
)

// mergePlate adds a new event to the reading that takes it, or begins one.
func (m *Memory) mergePlate(e devices.Event) {
	best := -1
	for i, r := range m.plates {
		if r.Takes(e) && (best < 0 || r.Last.Before(m.plates[best].Last)) {
			best = i
		}
	}
	if best >= 0 {
		m.plates[best] = m.plates[best].With(e)
		return
	}
	r := plates.Of(e)
	r.ID = int64(len(m.plates) + 1)
	m.plates = append(m.plates, r)
}

// Readings implements plates.Store.
func (m *Memory) Readings(_ context.Context, q plates.Query) ([]plates.Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := slices.Clone(m.plates)
	slices.SortFunc(newest, func(a, b plates.Reading) int { return cmp.Or(b.First.Compare(a.First), cmp.Compare(b.ID, a.ID)) })
	if q.Before > 0 {
		i := slices.IndexFunc(newest, func(r plates.Reading) bool { return r.ID == q.Before && q.Within.Admits(r.Site, r.Zone) })
		if i < 0 {
			return nil, nil
		}
		newest = newest[1+i:]
	}
	var found []plates.Found
	for _, r := range newest {
		if selectsPlate(q, r) {
			found = append(found, m.withPassage(r))
		}
	}
	return first(found, q.Limit), nil
}

func selectsPlate(q plates.Query, r plates.Reading) bool {
	return q.Within.Admits(r.Site, r.Zone) && (q.Site == "" || q.Site == r.Site) && (q.Zone == "" || q.Zone == r.Zone) && (q.Device == "" || q.Device == r.Device) &&
		strings.Contains(r.Plate, plates.Normalise(q.Part)) && (!q.Doubtful || r.Form == "") &&
		(q.From.IsZero() || !r.First.Before(q.From)) && (q.To.IsZero() || r.First.Before(q.To))
}

func (m *Memory) withPassage(r plates.Reading) plates.Found {
	f := plates.Found{Reading: r}
	for _, e := range m.events {
		if e.Site == r.Site && e.Type == "passage" && r.Plate != "" && plates.OfCredential(e.Credential) == r.Plate {
			f.Passage = r.Nearer(f.Passage, e)
		}
	}
	if p, ok := m.pictures[pictureKey{Device: r.Device, Event: r.Picture}]; ok {
		f.Shown = p.Removed.IsZero()
	}
	return f
}
