package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
)

type pictureKey = pictures.Key

// AddPicture implements pictures.Store.
func (m *Memory) AddPicture(_ context.Context, r pictures.Record) (devices.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := pictureKey{Device: r.Device, Event: r.Event}
	if _, ok := m.live[r.Device]; !ok {
		return 0, missing("pictures.add", "device "+string(r.Device))
	}
	old, existed := m.pictures[key]
	if existed && old.Hash != r.Hash {
		return 0, taken("pictures.add", string(r.Event))
	}
	if !existed {
		m.pictures[key] = r
	}
	i := slices.IndexFunc(m.events, func(e devices.Event) bool { return e.Device == r.Device && e.ID == r.Event })
	if i < 0 {
		return 0, nil
	}
	if !existed {
		m.events[i].Picture = true
		m.events[i].Revision = m.raise(m.events[i].Site)
	}
	return m.events[i].Revision, nil
}

// Picture implements pictures.Store.
func (m *Memory) Picture(_ context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.pictures[pictureKey{Device: d, Event: e}]
	if !ok {
		return r, missing("pictures.picture", "picture "+string(e))
	}
	return r, nil
}

// sortedPictures are those that are there, oldest first.
func (m *Memory) sortedPictures() (all []pictures.Record) {
	for _, r := range m.pictures {
		if r.Removed.IsZero() {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b pictures.Record) int {
		return cmp.Or(a.ArrivedAt.Compare(b.ArrivedAt), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Event, b.Event))
	})
	return all
}

// Pictures implements pictures.Store.
func (m *Memory) Pictures(_ context.Context, q pictures.Query) ([]pictures.Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := m.sortedPictures()
	slices.Reverse(newest)
	if before, ok := m.pictures[q.Before]; ok {
		newest = slices.DeleteFunc(newest, func(r pictures.Record) bool {
			return cmp.Or(r.ArrivedAt.Compare(before.ArrivedAt), cmp.Compare(r.Device, before.Device), cmp.Compare(r.Event, before.Event)) >= 0
		})
	}
	var found []pictures.Found
	for _, r := range newest {
		if f := m.withOrigin(r); m.selectsPicture(q, f) {
			found = append(found, f)
		}
	}
	return first(found, q.Limit), nil
}

func (m *Memory) selectsPicture(q pictures.Query, f pictures.Found) bool {
	return q.Within.Admits(f.Site, m.live[f.Device].Device.Zone) && (q.Site == "" || q.Site == f.Site) && (q.Zone == "" || q.Zone == m.live[f.Device].Device.Zone) &&
		(q.Device == "" || q.Device == f.Device) && (q.Command == "" || f.Of != nil && f.Of.Command == q.Command) &&
		strings.Contains(f.Plate, plates.Normalise(q.Plate)) &&
		(q.From.IsZero() || !f.ArrivedAt.Before(q.From)) && (q.To.IsZero() || f.ArrivedAt.Before(q.To))
}

func (m *Memory) withOrigin(r pictures.Record) pictures.Found {
	f := pictures.Found{Record: r, Kept: m.keeps(r)}
	for _, e := range m.events {
		switch {
		case e.Device == r.Device && e.ID == r.Event:
			f.Of = &e
		case e.Camera == r.Device && e.ID == r.Event && e.Type == "passage" && f.Passage == nil:
			f.Passage = &e
		}
		if a, ok := m.alarmed[pictureKey{Device: e.Device, Event: e.ID}]; ok && shownBy(e, r) {
			f.Alarm = a.id
		}
	}
	for _, p := range m.plates {
		if p.Device == r.Device && p.Picture == r.Event && f.Plate == "" {
			f.Plate = p.Plate
		}
	}
	if f.Plate == "" && f.Passage != nil {
		f.Plate = plates.OfCredential(f.Passage.Credential)
	}
	return f
}

// AddCorrection has the pictures of an event kept, as a correction in a ledger does; the
// ledger itself is not this store's.
func (m *Memory) AddCorrection(e devices.EventID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.corrected[e] = true
}

// SetAlarm says that an alarm came of an event, and whether it is still open; the
// alarms themselves are not this store's.
func (m *Memory) SetAlarm(id string, of devices.Event, open bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alarmed[pictureKey{Device: of.Device, Event: of.ID}] = alarmMark{id, open}
}

type alarmMark struct {
	id   string
	open bool
}

// shownBy says whether a picture is of an event.
func shownBy(e devices.Event, r pictures.Record) bool {
	return e.ID == r.Event && (e.Device == r.Device || e.Camera == r.Device)
}

// keeps says whether a correction or an alarm keeps a picture.
func (m *Memory) keeps(r pictures.Record) bool {
	return m.corrected[r.Event] || slices.ContainsFunc(m.events, func(e devices.Event) bool {
		return shownBy(e, r) && m.alarmed[pictureKey{Device: e.Device, Event: e.ID}].open
	})
}

// Usage implements pictures.Store.
func (m *Memory) Usage(context.Context) (u pictures.Usage, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	files := map[[32]byte]bool{}
	for i, r := range m.sortedPictures() {
		if i == 0 {
			u.Oldest = r.ArrivedAt
		}
		u.Pictures++
		if !files[r.Hash] {
			files[r.Hash], u.Bytes = true, u.Bytes+r.Size
		}
	}
	return u, nil
}

// Records implements pictures.Store.
func (m *Memory) Records(_ context.Context, after pictures.Key, limit int) ([]pictures.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.DeleteFunc(m.sortedPictures(), func(r pictures.Record) bool {
		return cmp.Or(cmp.Compare(r.Device, after.Device), cmp.Compare(r.Event, after.Event)) <= 0
	})
	slices.SortFunc(all, func(a, b pictures.Record) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Event, b.Event))
	})
	return first(all, limit), nil
}

// Due implements pictures.Store.
func (m *Memory) Due(_ context.Context, before time.Time, limit int) ([]pictures.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	due := slices.DeleteFunc(m.sortedPictures(), func(r pictures.Record) bool { return !r.ArrivedAt.Before(before) || m.keeps(r) })
	return first(due, limit), nil
}

// Remove implements pictures.Store.
func (m *Memory) Remove(_ context.Context, keys []pictures.Key, at time.Time) (free [][32]byte, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		r, ok := m.pictures[k]
		if !ok {
			return nil, missing("pictures.remove", "picture "+string(k.Event))
		}
		if !r.Removed.IsZero() {
			continue
		}
		r.Removed = at
		m.pictures[k] = r
		if !slices.ContainsFunc(m.sortedPictures(), func(o pictures.Record) bool { return o.Hash == r.Hash }) {
			free = append(free, r.Hash)
		}
	}
	return free, nil
}

// Present implements pictures.Store.
func (m *Memory) Present(_ context.Context, hashes [][32]byte) (map[[32]byte]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	there := map[[32]byte]bool{}
	for _, r := range m.sortedPictures() {
		if slices.Contains(hashes, r.Hash) {
			there[r.Hash] = true
		}
	}
	return there, nil
}
