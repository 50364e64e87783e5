package schedule

import (
	"context"
	"fmt"
	"sync"

	"gatehouse/devices"
)

// readings are the schedules that are due in one tick, each read once, so that what
// another process changed counts.
type readings struct {
	s   *Service
	mu  sync.Mutex
	all map[*watched]func() (bool, error)
}

func (s *Service) newReadings() *readings {
	return &readings{s: s, all: map[*watched]func() (bool, error){}}
}

// fresh is whether this form of a schedule is still to be run.
func (r *readings) fresh(ctx context.Context, w *watched) (bool, error) {
	r.mu.Lock()
	read, ok := r.all[w]
	if !ok {
		read = sync.OnceValues(func() (bool, error) { return r.s.fresh(ctx, w) })
		r.all[w] = read
	}
	r.mu.Unlock()
	return read()
}

// fresh reads a schedule again, and watches what it became if that is something else.
func (s *Service) fresh(ctx context.Context, w *watched) (bool, error) {
	x, err := s.d.Store.Schedule(ctx, w.schedule.ID)
	if devices.CodeOf(err) == devices.NotFound {
		s.unwatch(w)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("schedule %s: %w", w.schedule.ID, err)
	}
	if sameForm(x, w.schedule) {
		return true, nil
	}
	return false, s.replace(ctx, w, x)
}
