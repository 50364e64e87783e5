package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"gatehouse/broker"
)

// Sessions keeps the broker's sessions in a file of its own; it is a
// broker.Store. Everything of one Apply is one transaction and one fsync. It
// speaks to the driver directly: its statements are few, fixed and hot.
type Sessions struct {
	file *file

	mu    sync.Mutex // guards conn and stmts: one Load or Apply at a time
	stmts map[string]*sql.Stmt
}

var _ broker.Store = (*Sessions)(nil)

// OpenSessions opens or creates the session store at path, in an existing folder.
// Errors are *OpenError. A nil log is slog.Default.
func OpenSessions(ctx context.Context, path string, log *slog.Logger) (*Sessions, error) {
	if log == nil {
		log = slog.Default()
	}
	f, err := openFile(ctx, fileOptions{path: path, schema: sessionsSchema, readers: 1, log: log})
	if err != nil {
		return nil, err
	}
	return &Sessions{file: f, stmts: make(map[string]*sql.Stmt)}, nil
}

// Failed reports once that the disk can no longer be trusted: see DB.Failed.
func (s *Sessions) Failed() <-chan error { return s.file.failed }

// Close closes the store. Apply must have returned.
func (s *Sessions) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, s.file.close())...)
}

// Apply implements broker.Store. Once begun it does not stop for ctx: half of a
// change set is no state.
func (s *Sessions) Apply(ctx context.Context, changes []broker.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.transact(changes)
	if isFatal(err) {
		s.file.fail(err)
	}
	return err
}

func (s *Sessions) transact(changes []broker.Change) error {
	if err := s.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("sessions: begin: %w", err)
	}
	a := applier{exec: s.exec, ids: s.ids, touched: make(map[int64]struct{})}
	err := a.apply(changes)
	if err == nil {
		if err = s.exec("COMMIT"); err == nil {
			return nil
		}
	}
	err = fmt.Errorf("sessions: apply: %w", err)
	if undo := s.exec("ROLLBACK"); undo != nil && primary(undo) != sqliteGeneric { // it may be undone already
		err = errors.Join(err, undo)
	}
	return err
}

// exec runs a statement.
func (s *Sessions) exec(query string, args ...any) error {
	stmt, err := s.prepared(query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(context.Background(), args...)
	return err
}

// ids runs a statement that returns one column of ids.
func (s *Sessions) ids(query string, args ...any) (ids []int64, err error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, err
	}
	err = scanned(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// prepared gives a statement that is parsed once and kept.
func (s *Sessions) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := s.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := s.file.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = stmt
	return stmt, nil
}
