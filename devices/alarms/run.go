package alarms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gatehouse/devices"
)

const (
	// rest is between two looks: what comes in a burst is read at once.
	rest = 100 * time.Millisecond
	// batch is how many rows of a kind are read, and how many alarms are changed, at
	// once.
	batch = 500
	// keepEvery is how far reading may be ahead of the stored cursor where no alarm
	// came of it: a start reads that again.
	keepEvery = 5000
)

// Run tells every open alarm once, and then follows what is committed until ctx
// ends.
func (s *Service) Run(ctx context.Context) error {
	for _, a := range s.Open() {
		s.tell([]Alarm{a})
		if _, ok := s.d.Registered(a.Device); !ok { // retired, and the server stopped before this was seen
			s.mu.Lock()
			s.gone[a.Device] = true
			s.mu.Unlock()
		}
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		err := s.look(ctx)
		pause.Reset(rest)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !failing {
			s.d.Log.Error("alarms cannot be stored; trying again", "err", err)
		}
		failing = err != nil
	}
}

// look does everything that is to be done now. What fails is done at the next look.
func (s *Service) look(ctx context.Context) error {
	return errors.Join(s.followAll(ctx), s.raiseUntaken(ctx), s.judgeAll(ctx), s.endGone(ctx), s.watch(ctx))
}

// followAll follows every site that has something new.
func (s *Service) followAll(ctx context.Context) error {
	s.mu.Lock()
	sites := slices.Sorted(maps.Keys(s.sites))
	clear(s.sites)
	s.mu.Unlock()
	var failed error
	for _, site := range sites {
		more, err := s.follow(ctx, site)
		if more || err != nil {
			s.siteChanged(site)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// follow reads what was committed at a site since, and stores the alarms that come
// of it with how far that was: one transaction.
func (s *Service) follow(ctx context.Context, site devices.SiteID) (more bool, err error) {
	if err := s.take(ctx); err != nil {
		return false, err
	}
	defer s.give()
	s.mu.Lock()
	at := s.cursors[site]
	s.mu.Unlock()
	found, err := s.d.Store.Committed(ctx, site, at.read, batch)
	if err != nil {
		return false, err
	}
	all, err := s.unknown(ctx, occurrences(found))
	if err != nil {
		return false, err
	}
	m := newMoves(site)
	for _, o := range all {
		if err := s.occur(m, o); err != nil {
			return false, err
		}
	}
	at.read = max(at.read, found.UpTo)
	if len(m.changed) > 0 || at.read-at.kept >= keepEvery {
		m.change.Cursor = at.read
		if err := s.commit(ctx, m); err != nil {
			return false, err
		}
		at.kept = at.read
	}
	s.mu.Lock()
	s.cursors[site] = at
	for _, o := range all {
		s.judged[o.device] = true // its report may be newer
	}
	s.mu.Unlock()
	return found.More, nil
}

// unknown are the occurrences that no alarm has yet: a row that was changed after it
// was followed (a command that learned a step after its end) is read again.
func (s *Service) unknown(ctx context.Context, all []occurrence) ([]occurrence, error) {
	if len(all) == 0 {
		return nil, nil
	}
	causes := make([]Cause, len(all))
	for i, o := range all {
		causes[i] = o.cause
	}
	known, err := s.d.Store.Known(ctx, causes)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(o occurrence) bool { return slices.Contains(known, o.cause) }), nil
}
