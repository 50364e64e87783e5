package db

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Settled is true if the platform's database in a folder has an account; false also
// where there is no database yet. It only reads, also beside a server that runs, and
// changes no schema. Errors are *OpenError.
func Settled(ctx context.Context, dir string) (settled bool, err error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return false, openError(path, err)
	}
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, openError(path, err)
	}
	pool, err := sql.Open(driverName, dsn(fileOptions{path: path}, true))
	if err != nil {
		return false, openError(path, err)
	}
	err = pool.QueryRowContext(ctx, "SELECT count(*) > 0 FROM operators").Scan(&settled)
	if err = errors.Join(err, pool.Close()); err != nil {
		return false, openError(path, err)
	}
	return settled, nil
}
