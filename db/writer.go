package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"gorm.io/gorm"
)

const (
	groupSize = 512  // items in one transaction, at most
	queueSize = 4096 // items that wait in each queue; then callers wait
)

// errClosed is given to callers whose write was not begun when the database
// closed.
var errClosed = errors.New("the database is closed")

// urgency says which queue a write waits in.
type urgency bool

const (
	normal urgency = false
	urgent urgency = true // commands and their ladders: before everything else
)

// writer is the only goroutine that writes. It gathers what waits into one
// transaction, so that many callers share one fsync, and answers each after the
// commit. See DESIGN.md.
type writer struct {
	conn *sql.Conn
	tx   *gorm.DB // gorm on conn
	fail func(error)
	wal  *walGuard // nil: nobody looks

	urgent, normal chan *item
	stop, ended    chan struct{}
	closing        atomic.Bool
}

// item is one caller's write.
type item struct {
	run   func(tx *gorm.DB) error
	done  chan error // takes one answer without waiting
	taken atomic.Bool
}

func newWriter(conn *sql.Conn, tx *gorm.DB, fail func(error)) *writer {
	w := &writer{
		conn: conn, tx: tx, fail: fail,
		urgent: make(chan *item, queueSize), normal: make(chan *item, queueSize),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	return w
}

// start lets it write.
func (w *writer) start() *writer {
	go w.loop()
	return w
}

// do runs a write in the next group and returns after its commit. run has the
// connection for itself and sees what was written before it; its error undoes its
// own changes only. A ctx that ends while the write still waits withdraws it;
// once it has begun, the caller learns what became of it.
func (w *writer) do(ctx context.Context, u urgency, run func(tx *gorm.DB) error) error {
	queue := w.normal
	if u == urgent {
		queue = w.urgent
	}
	it := &item{run: run, done: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case queue <- it:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ended:
		return errClosed
	}
	select {
	case err := <-it.done:
		return err
	case <-ctx.Done():
		if it.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
	case <-w.ended:
	}
	return w.await(it)
}

// await waits for the answer to an item that was begun, or for the writer's end.
func (w *writer) await(it *item) error {
	select {
	case err := <-it.done:
		return err
	case <-w.ended:
	}
	select {
	case err := <-it.done: // answered just before the end
		return err
	default:
		return errClosed
	}
}

// close lets the present group finish and ends the writer. Whatever still waits
// is answered with errClosed.
func (w *writer) close() {
	if w.closing.CompareAndSwap(false, true) {
		close(w.stop)
	}
	<-w.ended
}

// loop commits group after group until close, or until the disk fails.
func (w *writer) loop() {
	defer close(w.ended)
	group := make([]*item, 0, groupSize)
	for {
		group = w.gather(group[:0])
		if len(group) == 0 {
			return
		}
		if err := w.commit(group); err != nil {
			w.fail(err)
			return
		}
		if w.wal != nil {
			w.wal.look()
		}
		clear(group)
	}
}

// gather waits for one item and takes what else is there, urgent ones first. It
// gives nothing once the writer is to stop.
func (w *writer) gather(group []*item) []*item {
	for {
		select {
		case <-w.stop:
			return nil
		default:
		}
		group = take(take(group, w.urgent), w.normal)
		if len(group) > 0 {
			return group
		}
		select {
		case <-w.stop:
			return nil
		case it := <-w.urgent:
			group = accept(group, it)
		case it := <-w.normal:
			group = accept(group, it)
		}
	}
}

// take moves what waits in a queue to the group until the group is full.
func take(group []*item, queue <-chan *item) []*item {
	for len(group) < groupSize {
		select {
		case it := <-queue:
			group = accept(group, it)
		default:
			return group
		}
	}
	return group
}

// accept adds an item unless its caller has withdrawn it.
func accept(group []*item, it *item) []*item {
	if it.taken.CompareAndSwap(false, true) {
		return append(group, it)
	}
	return group
}

// commit runs a group in one transaction and answers every item of it. The error
// is a fatal one: nothing may be written after it.
func (w *writer) commit(group []*item) error {
	results := make([]error, len(group))
	broken := w.run(group, results)
	for i, it := range group {
		if results[i] == nil {
			results[i] = broken
		}
		it.done <- results[i]
	}
	if isFatal(broken) {
		return broken
	}
	for _, err := range results {
		if isFatal(err) {
			return err
		}
	}
	return nil
}

// run gives each item its result. The error is one that undid the whole group.
func (w *writer) run(group []*item, results []error) error {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for i, it := range group {
		var broken error
		if results[i], broken = w.runItem(it, len(group) == 1); broken != nil {
			return errors.Join(broken, w.rollback())
		}
	}
	if len(group) == 1 && results[0] != nil {
		return w.rollback()
	}
	if err := w.exec("COMMIT"); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), w.rollback())
	}
	return nil
}

// runItem runs one item inside a savepoint, so that its failure spoils no other;
// an item that is alone needs none. broken means that SQLite has given up, or may
// have given up, the whole transaction.
func (w *writer) runItem(it *item, alone bool) (result, broken error) {
	if alone {
		return it.run(w.tx), nil
	}
	if err := w.exec("SAVEPOINT item"); err != nil {
		return nil, fmt.Errorf("savepoint: %w", err)
	}
	result = it.run(w.tx)
	if result != nil {
		if err := w.exec("ROLLBACK TO item"); err != nil {
			return result, errors.Join(fmt.Errorf("group undone: %w", result), err)
		}
	}
	if err := w.exec("RELEASE item"); err != nil {
		return result, fmt.Errorf("release: %w", err)
	}
	return result, nil
}

// rollback ends the transaction. SQLite may have ended it by itself: that is no
// error.
func (w *writer) rollback() error {
	if err := w.exec("ROLLBACK"); err != nil && primary(err) != sqliteGeneric {
		return fmt.Errorf("rollback: %w", err)
	}
	return nil
}

// exec runs a statement that no caller's context may interrupt: it would undo the
// others' work.
func (w *writer) exec(statement string) error {
	_, err := w.conn.ExecContext(context.Background(), statement)
	return err
}
