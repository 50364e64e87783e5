package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
)

// CopyTo makes a whole copy of the database at a path where nothing is, as of one
// moment, while others write. It is one read: if the write-ahead log becomes too long
// meanwhile the copy is cut like others, and the error says so. What an error leaves at
// the path is worth nothing.
func (d *DB) CopyTo(ctx context.Context, path string) (err error) {
	within, end := d.file.reads.begin(ctx)
	defer end()
	// A connection of its own: those of readers may write into no file, also not another.
	pool, err := sql.Open(driverName, dsn(fileOptions{path: d.file.path}, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(within, "VACUUM INTO ?", path)
	if cut := context.Cause(within); err != nil && errors.Is(cut, errCut) {
		err = fmt.Errorf("the database was written to so fast that its copy had to be given up: %w", cut)
	}
	return err
}

// CheckCopy is nil if SQLite finds nothing wrong with a file that CopyTo made. It reads
// all of it, and writes nothing.
func CheckCopy(ctx context.Context, path string) (err error) {
	pool, err := sql.Open(driverName, dsn(fileOptions{path: path, log: slog.Default()}, true)+"&immutable=1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	found, err := names(ctx, pool, "PRAGMA integrity_check(1)")
	if err == nil && (len(found) != 1 || found[0] != "ok") {
		err = &damage{fmt.Sprint(found)}
	}
	if err != nil {
		err = openError(path, err)
	}
	return err
}
