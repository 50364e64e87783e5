package credentials

import (
	"context"
	"sync"
	"time"
)

const (
	// touchEvery is how often at most one credential's last use is stored.
	touchEvery = time.Minute
	// touchBatch is how many are stored per second, in one write: thousands of devices
	// that come back at once leave the store to more urgent ones.
	touchBatch = 100
)

// usage knows when credentials were last used; the store learns it in its time.
type usage struct {
	mu      sync.Mutex
	pending map[string]Use       // not stored yet
	stored  map[string]time.Time // last time that was stored in this run
}

func (u *usage) note(username string, now Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.pending[username] = now.after(u.pending[username])
}

func (u *usage) forget(username string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.pending, username)
	delete(u.stored, username)
}

// last gives the newest of what is known here and what the store said.
func (u *usage) last(username string, stored Use) Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.pending[username].after(stored)
	if now.At.Before(stored.At) {
		now.At = stored.At
	}
	return now
}

// take gives up to touchBatch uses to store.
func (u *usage) take(now time.Time) map[string]Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	batch := make(map[string]Use)
	for username, use := range u.pending {
		if len(batch) == touchBatch {
			break
		}
		if now.Sub(u.stored[username]) < touchEvery {
			continue
		}
		batch[username] = use
	}
	return batch
}

func (u *usage) done(batch map[string]Use, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for username, stored := range batch {
		u.stored[username] = now
		if u.pending[username] == stored {
			delete(u.pending, username)
		}
	}
}

// Run stores times of last use, each credential's at most once a minute, until
// ctx ends; it gives nil then. It tells OnChange of credentials whose time is over. No CONNECT waits for it.
func (s *Service) Run(ctx context.Context) error {
	ends := make(chan struct{})
	go func() { // a store that is slow to note times of use keeps nobody in
		defer close(ends)
		s.watchEnds(ctx)
	}()
	defer func() { <-ends }()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			s.flush(ctx)
		}
	}
}

func (s *Service) flush(ctx context.Context) {
	batch := s.used.take(s.now())
	if len(batch) == 0 {
		return
	}
	if err := s.d.Store.TouchCredentials(ctx, batch); err != nil {
		if ctx.Err() == nil {
			s.d.Log.Warn("times of last use could not be stored; trying again", "credentials", len(batch), "err", err)
		}
		return
	}
	s.used.done(batch, s.now())
}
