package db

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
)

// The write-ahead log grows while somebody reads what was before it: it can be
// emptied only up to there. At walLimit it is said, and at walMost, half of what it may
// ever take, whoever reads for long is cut and the log is emptied.
const (
	walLimit = 64 << 20 // bytes; and what is kept of the file after a checkpoint
	walMost  = 128 << 20
	// walPatience is how long a read that runs may still take before it is cut: one that
	// is as short as most are is never cut.
	walPatience = 200 * time.Millisecond
	// walAgain is how long the next attempt waits if something that is not ours reads.
	walAgain = time.Second
)

// errCut is given to a read that was cut.
var errCut = errors.New("the read was cut: the write-ahead log had become too long")

// reads are those that run, each of which can be cut. As many run as there are
// connections: one that waits for a connection keeps nothing from being emptied and is
// never cut.
type reads struct {
	room chan struct{} // as many places as connections

	mu      sync.Mutex
	next    int
	running map[int]context.CancelCauseFunc
	held    chan struct{} // new reads wait until it is closed; nil: they do not
	over    chan struct{} // closed when none runs any more; nil: nobody waits for that
}

// begin gives a read its context, and what ends it. It waits for a connection to be
// free, and while reads are held.
func (r *reads) begin(ctx context.Context) (context.Context, func()) {
	select {
	case r.room <- struct{}{}:
	case <-ctx.Done():
		return ctx, func() {} // the read will see it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.held != nil && ctx.Err() == nil {
		held := r.held
		r.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done(): // the read will see it
		}
		r.mu.Lock()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	if r.running == nil {
		r.running = map[int]context.CancelCauseFunc{}
	}
	id := r.next
	r.next++
	r.running[id] = cancel
	return ctx, func() {
		cancel(nil)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.running, id)
		<-r.room
		if len(r.running) == 0 && r.over != nil {
			close(r.over)
			r.over = nil
		}
	}
}

// cut holds new reads until release is called, and cuts those that run and are not over
// within the patience.
func (r *reads) cut(patience time.Duration) (n int, release func()) {
	held, over := r.hold()
	if over != nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-over:
		case <-timer.C:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = nil
	for _, cancel := range r.running {
		cancel(errCut)
	}
	return len(r.running), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.held = nil
		close(held)
	}
}

// hold makes new reads wait; over is closed when none runs any more, nil if none does.
func (r *reads) hold() (held, over chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = make(chan struct{})
	if len(r.running) > 0 {
		r.over = make(chan struct{})
	}
	return r.held, r.over
}

// walGuard keeps the write-ahead log short. It belongs to the writer.
type walGuard struct {
	path        string // of the log
	limit, most int64
	reads       *reads
	empty       func() (done bool, err error) // the log, into the database
	log         *slog.Logger

	said  bool      // that it is longer than limit
	tried time.Time // to empty it, in vain
}

// look is called after each commit.
func (g *walGuard) look() {
	info, err := os.Stat(g.path)
	if err != nil {
		return // it is made with the first write
	}
	size := info.Size()
	switch {
	case size > g.limit && !g.said:
		g.said = true
		g.log.Warn("the write-ahead log cannot be emptied: somebody reads for long", "file", g.path, "MiB", size>>20)
	case size <= g.limit && g.said:
		g.said = false
		g.log.Info("the write-ahead log is short again", "file", g.path, "MiB", size>>20)
	}
	if size > g.most && time.Since(g.tried) >= walAgain {
		g.relieve(size)
	}
}

// relieve lets those who read come to their end, cuts whoever does not, and empties
// the log.
func (g *walGuard) relieve(size int64) {
	cut, release := g.reads.cut(walPatience)
	defer release()
	done, err := g.empty()
	if !done {
		g.tried = time.Now()
	}
	g.log.Warn("the write-ahead log was too long: it was emptied", "file", g.path, "MiB", size>>20, "reads cut", cut, "done", done, "error", err)
}

// emptyLog moves the log into the database. Readers that were cut need a moment to
// end: it waits for them within the connection's patience, 5 s.
func (w *writer) emptyLog() (done bool, err error) {
	var busy, frames, moved int
	err = w.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	return err == nil && busy == 0, err
}
