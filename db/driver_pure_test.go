//go:build !cgo

package db

import (
	"database/sql"
	"errors"
)

// fatalError is an error of the driver after which nothing may be written. The
// driver lets nobody make its errors: a file that is no database gives one.
func fatalError() error {
	pool, err := sql.Open(driverName, "file:/proc/version?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	_, err = pool.Exec("SELECT * FROM sqlite_schema")
	if closing := pool.Close(); closing != nil {
		return errors.Join(err, closing)
	}
	return err
}
