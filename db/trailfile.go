package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"

	"gorm.io/gorm"

	"gatehouse/devices/trail"
)

// TrailFile is the audit trail of a database that is opened only to read it, also beside
// a running server. It is a trail.Reader.
type TrailFile struct {
	pool *sql.DB
	read *gorm.DB
}

// ReadTrail opens the platform's database in a folder only to read the audit trail. Errors
// are *OpenError.
func ReadTrail(ctx context.Context, dir string) (_ *TrailFile, err error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, openError(path, err)
	}
	f := &TrailFile{}
	defer func() {
		if err != nil {
			err = openError(path, errors.Join(err, f.Close()))
		}
	}()
	if err := probeWritable(path); err != nil { // SQLite reads beside others only where it may write
		return nil, err
	}
	if f.pool, err = sql.Open(driverName, dsn(fileOptions{path: path, log: slog.Default()}, true)); err != nil {
		return nil, err
	}
	f.pool.SetMaxOpenConns(1)
	if f.read, err = openGorm(f.pool); err != nil {
		return nil, err
	}
	return f, f.chained(ctx, path)
}

// chained is an error unless the file has a chain.
func (f *TrailFile) chained(ctx context.Context, path string) error {
	var mark int64
	if err := f.read.WithContext(ctx).Raw("PRAGMA application_id").Scan(&mark).Error; err != nil {
		return err
	}
	if mark != int64(platformSchema.mark) {
		return &OpenError{Path: path, Problem: "it is a database of another kind", Remedy: "name the server's data folder"}
	}
	var columns int64
	err := f.read.WithContext(ctx).Raw("SELECT count(*) FROM pragma_table_info('audit') WHERE name = 'hash'").Scan(&columns).Error
	if err == nil && columns == 0 {
		return &OpenError{Path: path, Problem: "it was written by a version whose audit trail is no chain", Remedy: "start this version of the server once"}
	}
	return err
}

// Close closes the file.
func (f *TrailFile) Close() error {
	if f.pool == nil {
		return nil
	}
	return f.pool.Close()
}

// Rows implements trail.Reader.
func (f *TrailFile) Rows(ctx context.Context, after int64, limit int) ([]trail.Row, error) {
	return rowsAfter(f.read.WithContext(ctx), after, limit)
}

// LastOf implements trail.Reader.
func (f *TrailFile) LastOf(ctx context.Context, verb string) (*trail.Row, error) {
	return lastOf(f.read.WithContext(ctx), verb)
}

// Ever implements trail.Reader.
func (f *TrailFile) Ever(ctx context.Context) (int64, error) { return ever(f.read.WithContext(ctx)) }
