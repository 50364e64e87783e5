package schedule

import (
	"context"
	"time"
)

// Tick is one tick for the tests of this package, and how long to sleep after it.
func (s *Service) Tick(ctx context.Context) time.Duration { return s.tick(ctx) }
