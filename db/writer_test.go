package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// notes gives a database with a table that tests write to, and how to write.
func notes(t *testing.T) (d *DB, add func(u urgency, n int) error) {
	t.Helper()
	d = opened(t)
	ok(t, d.writer.do(context.Background(), normal, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE notes (place INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER UNIQUE)").Error
	}))
	return d, func(u urgency, n int) error {
		return d.writer.do(context.Background(), u, func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO notes (n) VALUES (?)", n).Error
		})
	}
}

// noted gives what is in the table, in the order in which it was written.
func noted(t *testing.T, d *DB) (all []int) {
	t.Helper()
	ok(t, d.file.read.Raw("SELECT n FROM notes ORDER BY place").Scan(&all).Error)
	return all
}

// held stops the writer inside an item until release is called.
func held(t *testing.T, d *DB) (release func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- d.writer.do(context.Background(), normal, func(*gorm.DB) error {
			close(entered)
			<-leave
			return nil
		})
	}()
	<-entered
	return func() {
		close(leave)
		ok(t, <-done)
	}
}

// queued puts a write into the queue and returns once it waits there.
func queued(d *DB, wait *sync.WaitGroup, results []error, i int, write func() error) {
	before := len(d.writer.urgent) + len(d.writer.normal)
	wait.Go(func() { results[i] = write() })
	for len(d.writer.urgent)+len(d.writer.normal) == before {
		// The other goroutine runs until it waits.
		yield()
	}
}

func TestOneBadItemDoesNotSpoilItsGroup(t *testing.T) {
	t.Parallel()
	d, add := notes(t)
	ok(t, add(normal, 3))
	release := held(t, d)
	var wait sync.WaitGroup
	results := make([]error, 6)
	for n := range results {
		queued(d, &wait, results, n, func() error { return add(normal, n) })
	}
	release()
	wait.Wait()
	for n, err := range results {
		if (n == 3) != isUnique(err) {
			t.Errorf("item %d: %v", n, err)
		}
	}
	if got, want := noted(t, d), []int{3, 0, 1, 2, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
}

func TestItemThatFailsLateLeavesNothing(t *testing.T) {
	t.Parallel()
	d, add := notes(t)
	release := held(t, d)
	var wait sync.WaitGroup
	results := make([]error, 2)
	late := errors.New("late")
	queued(d, &wait, results, 0, func() error {
		return d.writer.do(context.Background(), normal, func(tx *gorm.DB) error {
			return errors.Join(tx.Exec("INSERT INTO notes (n) VALUES (100)").Error, late)
		})
	})
	queued(d, &wait, results, 1, func() error { return add(normal, 1) })
	release()
	wait.Wait()
	if !errors.Is(results[0], late) || results[1] != nil {
		t.Errorf("results %v", results)
	}
	if got := noted(t, d); !slices.Equal(got, []int{1}) {
		t.Errorf("stored %v, want 1 only", got)
	}
}

func TestUrgentItemsGoFirstAndEachQueueKeepsItsOrder(t *testing.T) {
	t.Parallel()
	d, add := notes(t)
	release := held(t, d)
	var wait sync.WaitGroup
	results := make([]error, 6)
	for n := range results {
		queued(d, &wait, results, n, func() error { return add(urgency(n%2 == 1), n) })
	}
	release()
	wait.Wait()
	ok(t, errors.Join(results...))
	if got, want := noted(t, d), []int{1, 3, 5, 0, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("written in the order %v, want %v", got, want)
	}
}

func TestWaitingItemIsWithdrawnWithItsContext(t *testing.T) {
	t.Parallel()
	d, _ := notes(t)
	release := held(t, d)
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	results := make([]error, 1)
	ran := false
	queued(d, &wait, results, 0, func() error {
		return d.writer.do(ctx, normal, func(*gorm.DB) error { ran = true; return nil })
	})
	cancel()
	wait.Wait()
	release()
	ok(t, d.writer.do(context.Background(), normal, func(*gorm.DB) error { return nil }))
	if !errors.Is(results[0], context.Canceled) || ran {
		t.Errorf("error %v, ran %v; want it withdrawn", results[0], ran)
	}
}

func TestCloseAnswersEveryWaiter(t *testing.T) {
	t.Parallel()
	d, err := Open(context.Background(), Options{Dir: t.TempDir()})
	ok(t, err)
	release := held(t, d)
	var wait sync.WaitGroup
	results := make([]error, 20)
	for n := range results {
		queued(d, &wait, results, n, func() error {
			return d.writer.do(context.Background(), urgency(n%2 == 0), func(*gorm.DB) error { return nil })
		})
	}
	closed := make(chan error, 1)
	go func() { closed <- d.Close() }()
	<-d.writer.stop
	release() // the group that was begun is committed
	ok(t, <-closed)
	wait.Wait()
	for n, err := range results {
		if !errors.Is(err, errClosed) {
			t.Errorf("waiter %d: %v, want %v", n, err, errClosed)
		}
	}
	if err := d.writer.do(context.Background(), normal, func(*gorm.DB) error { return nil }); !errors.Is(err, errClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestFailedCommitFailsTheWholeGroup(t *testing.T) {
	t.Parallel()
	d, add := notes(t)
	// A deferred foreign key is checked by COMMIT: the one way to fail there at will.
	ok(t, d.writer.do(context.Background(), normal, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE wishes (n INTEGER REFERENCES notes (n) DEFERRABLE INITIALLY DEFERRED)").Error
	}))
	release := held(t, d)
	var wait sync.WaitGroup
	results := make([]error, 2)
	queued(d, &wait, results, 0, func() error { return add(normal, 1) })
	queued(d, &wait, results, 1, func() error {
		return d.writer.do(context.Background(), normal, func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO wishes (n) VALUES (99)").Error
		})
	})
	release()
	wait.Wait()
	for n, err := range results {
		if primary(err) != sqliteConstraint {
			t.Errorf("item %d: %v, want the error of the commit", n, err)
		}
	}
	if got := noted(t, d); len(got) != 0 {
		t.Errorf("stored %v by a commit that failed", got)
	}
	ok(t, add(normal, 2)) // the writer goes on
}

func TestParallelWritersNeverSeeALock(t *testing.T) {
	t.Parallel()
	d, add := notes(t)
	var wait sync.WaitGroup
	results := make([]error, 400)
	for n := range results {
		wait.Go(func() { results[n] = add(urgency(n%7 == 0), n) })
	}
	wait.Wait()
	ok(t, errors.Join(results...))
	if got := noted(t, d); len(got) != len(results) {
		t.Errorf("%d rows, want %d", len(got), len(results))
	}
}

func TestFatalErrorIsReportedAndNothingIsWrittenAfterIt(t *testing.T) {
	t.Parallel()
	d, add := notes(t)
	broken := notADatabase(t)
	err := d.writer.do(context.Background(), normal, func(*gorm.DB) error { return fmt.Errorf("sync: %w", broken) })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if err := <-d.Failed(); !errors.Is(err, broken) {
		t.Errorf("Failed gave %v", err)
	}
	if err := add(normal, 1); !errors.Is(err, errClosed) {
		t.Errorf("a write after a fatal error: %v", err)
	}
}

// notADatabase gives a true error of the driver after which nothing may be written.
func notADatabase(t *testing.T) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text")
	ok(t, os.WriteFile(path, []byte(strings.Repeat("text ", 2000)), 0o600))
	pool, err := sql.Open(driverName, "file:"+path)
	ok(t, err)
	_, err = pool.Exec("CREATE TABLE t (n INTEGER)")
	ok(t, pool.Close())
	if primary(err) != sqliteNotADB {
		t.Fatalf("error %v", err)
	}
	return err
}

func TestOnlyDamageAndBrokenDisksAreFatal(t *testing.T) {
	t.Parallel()
	const fsync, write, noMemory = sqliteIOErr | 4<<8, sqliteIOErr | 3<<8, 7
	for _, code := range []int{sqliteIOErr, fsync, write, sqliteCorrupt, sqliteNotADB, sqliteCorrupt | 1<<8} {
		if !fatalCode(code) {
			t.Errorf("code %d is not fatal", code)
		}
	}
	for _, code := range []int{0, sqliteFull, sqliteIOErrShmSize, sqliteBusy, sqliteUnique, sqliteReadOnly, noMemory} {
		if fatalCode(code) {
			t.Errorf("code %d is fatal", code)
		}
	}
}

func TestFullDiskIsAnsweredUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	d := opened(t)
	ctx := context.Background()
	register(t, d, gate)
	pages := func(n int) {
		ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error {
			var got int
			return tx.Raw(fmt.Sprintf("PRAGMA max_page_count = %d", n)).Scan(&got).Error
		}))
	}
	pages(1) // the present size
	stored := 0
	var err error
	for err == nil && stored < 10_000 {
		if _, _, err = d.Devices().AddEvent(ctx, passage(stored)); err == nil {
			stored++
		}
	}
	wantCode(t, err, devices.Unavailable)
	pages(1 << 20)
	_, _, err = d.Devices().AddEvent(ctx, passage(stored))
	ok(t, err)
	select {
	case err := <-d.Failed():
		t.Errorf("a full disk was taken for a broken one: %v", err)
	default:
	}
}
