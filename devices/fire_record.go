package devices

import (
	"context"
	"slices"
	"time"
)

// reportPause is how long a report waits for more to say before it is stored
// again, and how long after a failure.
const reportPause = time.Second

// recordFires stores the reports of fire releases, and tells what is stored, until
// ctx ends. Nothing waits for it.
func (c *Control) recordFires(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.fires.wake:
		}
		for _, id := range c.fires.waiting() {
			c.recordFire(ctx, id)
		}
		pause := time.NewTimer(reportPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

func (s *fires) waiting() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id := range s.unsaved {
		ids = append(ids, id)
	}
	return ids
}

// take gives what waits of a release.
func (s *fires) take(id string) (unsavedFire, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.unsaved[id]
	delete(s.unsaved, id)
	s.saving = u
	if u == nil {
		return unsavedFire{}, false
	}
	return *u, true
}

// putBack has it tried again; what came meanwhile is newer.
func (s *fires) putBack(id string, old unsavedFire) {
	s.mu.Lock()
	s.saving = nil
	if u := s.unsaved[id]; u != nil {
		u.entries, u.failing = append(old.entries, u.entries...), true
	} else {
		old.failing = true
		s.unsaved[id] = &old
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// isSaved ends the saving; the latch need not keep an end any more.
func (s *fires) isSaved(u unsavedFire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saving = nil
	s.pending = s.pending || !u.release.Ended.IsZero()
}

func (c *Control) recordFire(ctx context.Context, id string) {
	u, ok := c.fires.take(id)
	if !ok {
		return
	}
	r, err := c.d.Store.SaveFire(ctx, u.release, u.entries...)
	if err != nil {
		if !u.failing {
			c.d.Log.Error("the report of a fire release is not stored; trying again", "group", u.release.Group, "err", err)
		}
		c.fires.putBack(id, u)
		return
	}
	c.fires.isSaved(u)
	// What stands now is told: a new release of the group may be stored already.
	now, stands := c.fires.get(fireKey{u.release.Site, u.release.Group})
	if stands = stands && now.Ended.IsZero(); !stands {
		now = u.release
	}
	l := c.fires.layer(now, stands)
	l.Revision = r
	c.rulings.stored(l)
	c.d.News.Layer(l)
	c.said(u.release.Site, "", r)
}

// loadFires takes over the releases that stood when the server stopped. Their
// proofs begin anew but for what is stored.
func (c *Control) loadFires(ctx context.Context) error {
	latched, err := c.d.Latch.Load()
	if err != nil {
		return err
	}
	stored, err := c.d.Store.Fires(ctx, 1000)
	if err != nil {
		return err
	}
	c.fires.triggers = latched.Triggers
	c.loadEnds(latched.Ended, stored)
	for _, f := range latched.Releases {
		entries := []AuditEntry{c.audit(Actor{Kind: ActorKind(f.By.Kind), ID: f.By.ID, Name: f.By.Name}, "fire.release", f.Site, "fire:"+f.Group,
			map[string]any{"group": f.Group, "reason": f.Reason, "since": f.Since, "note": "stored after a restart"})}
		for _, s := range stored {
			if s.ID == f.ID {
				f.Openings, entries = s.Openings, nil
			}
		}
		for i := range f.Openings {
			f.Openings[i].Holds = false
		}
		k := fireKey{f.Site, f.Group}
		trigger := f.Trigger
		f.Trigger = FireTrigger{} // it is among the triggers already
		c.fires.start(f)
		c.fires.mark(k, func(f *FireReport) { f.Trigger = trigger })
		for _, u := range c.fireUnits(k) {
			c.fires.join(k, newProofs(u))
		}
		c.ruleFire(f, true)
		c.fires.changed(k, entries...)
	}
	return nil
}

// loadEnds has the ends stored that the server stopped before it could store them.
func (c *Control) loadEnds(ended, stored []FireReport) {
	for _, f := range ended {
		known := slices.IndexFunc(stored, func(s FireReport) bool { return s.ID == f.ID })
		if known >= 0 && !stored[known].Ended.IsZero() {
			continue
		}
		if known >= 0 {
			f.Openings = stored[known].Openings
		}
		by := Actor{Kind: ActorKind(f.EndedBy.Kind), ID: f.EndedBy.ID, Name: f.EndedBy.Name}
		c.fires.save(f, c.audit(by, "fire.end", f.Site, "fire:"+f.Group,
			map[string]any{"group": f.Group, "reason": f.EndReason, "ended": f.Ended, "note": "stored after a restart"}))
	}
	c.fires.setLatched(len(ended) == 0)
}

// noLatch is the latch of a Control that was given none: it forgets.
type noLatch struct{}

func (noLatch) Load() (Latched, error) { return Latched{}, nil }
func (noLatch) Save(Latched) error     { return nil }
