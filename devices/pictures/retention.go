package pictures

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Retention says how long pictures are kept.
type Retention struct {
	Age   time.Duration // 0: DefaultAge
	Bytes int64         // of all pictures together, without thumbnails; 0: DefaultBytes
}

// The default retention: the 30 days for which Chinese law wants the pictures of public
// places kept (Regulation on public security video image information systems, 2025; key
// targets 90 days, by article 32 of the Counter-Terrorism Law), and space for about
// 100,000 pictures.
const (
	DefaultAge   = 30 * 24 * time.Hour
	DefaultBytes = 20 << 30
)

func (r Retention) complete() Retention {
	if r.Age == 0 {
		r.Age = DefaultAge
	}
	if r.Bytes == 0 {
		r.Bytes = DefaultBytes
	}
	return r
}

const (
	tidyEvery = 10 * time.Minute
	// settled is how long the clock must have run as it should before anything is too
	// old: a computer that starts with a wrong clock, or whose clock is set wrong, would
	// lose every picture at once.
	settled   = time.Hour
	tidyBatch = 100 // pictures that are removed in one transaction
	// enough is how much is left of the space when it was too little: so that not every
	// new picture has an old one looked for.
	enough = 0.95
)

// anyTime is after every arrival, also of a clock that was wrong.
var anyTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Retention is what holds here.
func (p *Pictures) Retention() Retention { return p.d.Retention }

// Find gives pictures that are there, newest first by arrival, with what they belong to.
func (p *Pictures) Find(ctx context.Context, q Query) ([]Found, error) {
	return p.d.Store.Pictures(ctx, q)
}

// Usage is what all pictures that are there take.
func (p *Pictures) Usage(ctx context.Context) (Usage, error) { return p.d.Store.Usage(ctx) }

// Run removes what is not to be kept, until ctx ends: at first files without a
// record and records without a file, then, every ten minutes and whenever there is too
// little space, pictures; those that are too old only once the clock has run for an hour
// without being set. What fails is logged, and tried again.
func (p *Pictures) Run(ctx context.Context) error {
	p.attempt("pictures not swept", p.Sweep(ctx))
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	clock := steady{since: time.Now()}
	for {
		tidy := p.makeRoom
		if clock.For(time.Now()) >= settled {
			tidy = p.Tidy
		}
		removed, err := tidy(ctx)
		if removed > 0 {
			p.d.Log.Info("pictures removed", "count", removed)
		}
		p.attempt("pictures not removed", err)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.crowd:
		}
	}
}

// steady is since when a clock was not set.
type steady struct{ since time.Time }

// For is for how long it was not, by the monotonic clock: the two differ by what the
// clock was set.
func (s *steady) For(now time.Time) time.Duration {
	ran := now.Sub(s.since)
	if set := now.Round(0).Sub(s.since.Round(0)) - ran; set.Abs() > time.Minute {
		s.since = now
		return 0
	}
	return ran
}

func (p *Pictures) attempt(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.d.Log.Warn(what, "error", err)
	}
}

// Tidy removes once what is not to be kept, oldest first, and says how many.
func (p *Pictures) Tidy(ctx context.Context) (removed int, err error) {
	before := p.d.Now().Add(-p.d.Retention.Age)
	for {
		n, _, err := p.removeDue(ctx, before, -1)
		removed += n
		if err != nil || n == 0 {
			if err != nil {
				return removed, err
			}
			break
		}
	}
	n, err := p.makeRoom(ctx)
	return removed + n, err
}

// makeRoom removes the oldest while all take too much.
func (p *Pictures) makeRoom(ctx context.Context) (removed int, err error) {
	u, err := p.d.Store.Usage(ctx)
	if err != nil {
		return 0, err
	}
	p.used.Store(u.Bytes)
	if u.Bytes <= p.d.Retention.Bytes {
		return 0, nil
	}
	need := u.Bytes - int64(enough*float64(p.d.Retention.Bytes))
	for need > 0 {
		n, bytes, err := p.removeDue(ctx, anyTime, need)
		if err != nil {
			return removed, err
		}
		if n == 0 {
			p.d.Log.Warn("pictures take more than they may, and all of them are to be kept", "bytes", p.used.Load(), "limit", p.d.Retention.Bytes)
			return removed, nil
		}
		removed, need = removed+n, need-bytes
	}
	return removed, nil
}

// removeDue removes one batch of the oldest, or as many of it as make need bytes;
// negative: all.
func (p *Pictures) removeDue(ctx context.Context, before time.Time, need int64) (n int, bytes int64, err error) {
	due, err := p.d.Store.Due(ctx, before, tidyBatch)
	if err != nil {
		return 0, 0, err
	}
	var keys []Key
	sizes := map[[32]byte]int64{}
	for _, r := range due {
		if need >= 0 && bytes >= need {
			break
		}
		keys = append(keys, Key{Device: r.Device, Event: r.Event})
		sizes[r.Hash] = r.Size
		bytes += r.Size
	}
	if len(keys) == 0 {
		return 0, 0, nil
	}
	bytes, err = p.remove(ctx, keys, sizes)
	return len(keys), bytes, err
}

// remove notes pictures as removed, and removes the files that no picture has any
// more.
func (p *Pictures) remove(ctx context.Context, keys []Key, sizes map[[32]byte]int64) (bytes int64, err error) {
	p.hold.Lock()
	defer p.hold.Unlock()
	free, err := p.d.Store.Remove(ctx, keys, p.d.Now().UTC())
	if err != nil {
		return 0, err
	}
	for _, hash := range free {
		if err := p.files.remove(hash); err != nil {
			return bytes, fmt.Errorf("pictures.remove: %w", err)
		}
		bytes += sizes[hash]
	}
	p.used.Add(-bytes)
	return bytes, nil
}

func (f files) remove(hash [32]byte) error {
	return errors.Join(gone(os.Remove(f.thumbnail(hash))), gone(os.Remove(f.path(hash))))
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
