package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/prove"
)

// said is a log that can be read while it is written.
type said struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *said) count(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.b.String(), text)
}

// stays keeps a snapshot until it is cut: with one that reads all the time, or one that
// does nothing with it.
func stays(ctx context.Context, d *DB, busy bool) (held time.Duration, err error) {
	var began time.Time
	err = d.read(ctx, "test.stay", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error {
			began = time.Now()
			for {
				var n int64
				if err := tx.Raw("SELECT count(*) FROM quarantine").Scan(&n).Error; err != nil {
					return err
				}
				if !busy {
					<-tx.Statement.Context.Done()
				}
			}
		})
	})
	if began.IsZero() { // it waited for its turn in vain
		return 0, err
	}
	return time.Since(began), err
}

func TestReaderThatStaysIsCutAndTheLogStaysShort(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	log := &said{}
	dir := t.TempDir()
	d, err := Open(t.Context(), Options{Dir: dir, Log: slog.New(slog.NewTextHandler(log, nil))})
	ok(t, err)
	defer func() { ok(t, d.Close()) }()
	g := d.writer.wal
	if !prove.Full() { // the same with a small log
		g.limit, g.most = 1<<20, 2<<20
	}
	register(t, d, gate)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	var mu sync.Mutex // guards longest, cut
	longest, cut := time.Duration(0), 0
	for i := range 3 { // one after the other has a snapshot, so that the log never has a moment without
		readers.Go(func() {
			for ctx.Err() == nil {
				held, err := stays(ctx, d, i == 0 && !prove.Full())
				mu.Lock()
				longest = max(longest, held)
				if errors.Is(err, errCut) {
					cut++
				}
				mu.Unlock()
				if ctx.Err() == nil && devices.CodeOf(err) != devices.Unavailable {
					t.Errorf("the reader's error is %v", err)
				}
			}
		})
	}
	written, most := writeWhileRead(t, d, filepath.Join(dir, FileName+"-wal"), func() bool {
		mu.Lock()
		defer mu.Unlock()
		return cut >= 6
	})
	stop()
	readers.Wait()
	if most > 2*g.most {
		t.Errorf("the log had %d MiB", most>>20)
	}
	if log.count("somebody reads for long") == 0 || longest > readLimit+time.Second && prove.Full() {
		t.Errorf("said %d times, a reader had its snapshot for %s", log.count("somebody reads for long"), longest)
	}
	ok(t, d.Devices().AddAudit(t.Context(), entry("test", "test")))
	prove.Record(t, "readers that hold snapshots are cut, and the write-ahead log stays short", "each within 5 s, at most 256 MiB, said from 64 MiB on, no write fails",
		fmt.Sprintf("%d rows written, at most %.1f MiB, longest read %s, %d cut before that for the log's sake, said %d times",
			written, float64(most)/(1<<20), longest.Round(time.Millisecond), cut, log.count("somebody reads for long")))
}

// writeWhileRead writes 500 rows a second for ten minutes, or, at the short size, as fast
// as it can until the fact holds; most is the longest that the log was.
func writeWhileRead(t *testing.T, d *DB, wal string, fact func() bool) (written int, most int64) {
	t.Helper()
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for began := time.Now(); prove.Full() && time.Since(began) < 10*time.Minute || !prove.Full() && !fact(); {
		if !prove.Full() && time.Since(began) > time.Minute {
			t.Fatal("no reader was cut for the log's sake")
		}
		var all sync.WaitGroup
		for range 10 {
			written++
			all.Go(func() {
				if err := d.Devices().Quarantine(t.Context(), devices.Quarantined{
					Device: gate.ID, Site: gate.Site, Topic: "t", Payload: make([]byte, 4096), Problem: "x", Arrived: start,
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if info, err := os.Stat(wal); err == nil {
			most = max(most, info.Size())
		}
		if prove.Full() {
			<-pace.C // the rate that is asked for; nothing is awaited
		}
	}
	return written, most
}

func TestAShortReadIsNotCutForTheSakeOfTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &reads{room: make(chan struct{}, 9)}
		short, endShort := r.begin(t.Context())
		long, endLong := r.begin(t.Context())
		defer endLong()
		time.AfterFunc(walPatience/2, endShort)
		n, release := r.cut(walPatience)
		if n != 1 || errors.Is(context.Cause(short), errCut) || !errors.Is(context.Cause(long), errCut) {
			t.Errorf("%d were cut; the short one: %v, the long one: %v", n, context.Cause(short), context.Cause(long))
		}
		begun := make(chan struct{})
		go func() {
			_, end := r.begin(t.Context())
			end()
			close(begun)
		}()
		synctest.Wait()
		select {
		case <-begun:
			t.Error("a read began while the log was emptied")
		default:
		}
		release()
		<-begun
	})
}

func TestAReadThatWaitsForAConnectionIsNotCutForTheSakeOfTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &reads{room: make(chan struct{}, 1)}
		long, endLong := r.begin(t.Context())
		context.AfterFunc(long, endLong)
		waited := make(chan error)
		go func() {
			ctx, end := r.begin(t.Context())
			defer end()
			waited <- context.Cause(ctx)
		}()
		synctest.Wait()
		n, release := r.cut(walPatience)
		release()
		if err := <-waited; n != 1 || err != nil {
			t.Errorf("%d were cut; the one that waited: %v", n, err)
		}
	})
}

func TestReadsThatEndByThemselvesAreNotWaitedForLongerThanTheyTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &reads{room: make(chan struct{}, 9)}
		_, end := r.begin(t.Context())
		time.AfterFunc(time.Millisecond, end)
		began := time.Now()
		n, release := r.cut(walPatience)
		release()
		if took := time.Since(began); n != 0 || took != time.Millisecond {
			t.Errorf("%d were cut after %v", n, took)
		}
	})
}
