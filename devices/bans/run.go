package bans

import (
	"context"
	"time"
)

const (
	countEvery = 10 * time.Second
	dropEvery  = time.Hour
	lastWrite  = 2 * time.Second // at the end
)

// Run tells the store what was refused, and forgets what is long over, until ctx ends; it gives
// nil then.
func (s *Service) Run(ctx context.Context) error {
	count, drop := time.NewTicker(countEvery), time.NewTicker(dropEvery)
	defer count.Stop()
	defer drop.Stop()
	s.drop(ctx)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
			defer cancel()
			s.count(last)
			return nil
		case <-count.C:
			s.count(ctx)
		case <-drop.C:
			s.drop(ctx)
		}
	}
}

// count tells the store what it does not know; what fails is tried again.
func (s *Service) count(ctx context.Context) {
	s.edit.Lock() // whoever lifts a ban takes what was told over to the next entry
	defer s.edit.Unlock()
	var due []*entry
	var told []Ban
	s.mu.Lock()
	for _, e := range s.all {
		if b := e.now(); b.Refused != e.told.Load() {
			due, told = append(due, e), append(told, b)
		}
	}
	s.mu.Unlock()
	if len(due) == 0 {
		return
	}
	if err := s.d.Store.CountBans(ctx, told); err != nil {
		if ctx.Err() == nil {
			s.d.Log.Warn("how often bans refused could not be stored; trying again", "bans", len(told), "err", err)
		}
		return
	}
	for i, e := range due {
		e.told.Store(told[i].Refused)
	}
}

// drop forgets what is over for longer than it is told of.
func (s *Service) drop(ctx context.Context) {
	s.edit.Lock()
	defer s.edit.Unlock()
	before := s.d.Now().Add(-kept)
	if err := s.d.Store.DropBans(ctx, before); err != nil {
		if ctx.Err() == nil {
			s.d.Log.Warn("bans that are long over could not be removed; trying again", "err", err)
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, e := range s.all {
		if over := e.ban.Over(before); !over.IsZero() && over.Before(before) {
			delete(s.all, id)
		}
	}
}
