package credentials

import (
	"context"
	"time"
)

// endsEvery is how often Run looks whose time is over: their connections end so much later at most.
const endsEvery = 250 * time.Millisecond

// ending is an integrator's credential, and whether its end has been told.
type ending struct {
	h    *holding
	told bool
}

// over gives the user names whose time has ended since it was asked last. A clock that is set back
// may give them a second end.
func (m *memo) over(now time.Time) (usernames []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for username, e := range m.ending {
		over := e.h.credential.Over(now)
		if over && !e.told {
			usernames = append(usernames, username)
		}
		e.told = over
	}
	return usernames
}

// watchEnds tells of each credential whose time is over, until ctx ends. Those that ended while nobody
// looked, before a start, are told of too.
func (s *Service) watchEnds(ctx context.Context) {
	ticker := time.NewTicker(endsEvery)
	defer ticker.Stop()
	for {
		for _, username := range s.memo.over(s.d.Now()) {
			s.changed(username)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
