//go:build cgo

package db

import (
	"errors"

	"github.com/mattn/go-sqlite3"
)

// driverName is the database/sql driver: SQLite in C.
const driverName = "sqlite3"

// driverDSN are settings that only this driver knows. Prepared statements are
// cached by the driver: gorm's own cache leaves a goroutine behind.
const driverDSN = "&_stmt_cache_size=128"

// sqliteCode gives the extended result code of an error of SQLite.
func sqliteCode(err error) (code int, ok bool) {
	var e sqlite3.Error
	if errors.As(err, &e) {
		if e.ExtendedCode != 0 {
			return int(e.ExtendedCode), true
		}
		return int(e.Code), true
	}
	return 0, false
}
