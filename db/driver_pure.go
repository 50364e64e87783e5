//go:build !cgo

package db

import (
	"errors"

	"modernc.org/sqlite"
)

// driverName is the database/sql driver: SQLite translated to Go, for systems
// without a C compiler.
const driverName = "sqlite"

// driverDSN are settings that only this driver knows.
const driverDSN = ""

// sqliteCode gives the extended result code of an error of SQLite.
func sqliteCode(err error) (code int, ok bool) {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}
