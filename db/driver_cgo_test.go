//go:build cgo

package db

import "github.com/mattn/go-sqlite3"

// fatalError is a failed fsync as the driver reports it.
func fatalError() error {
	return sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrFsync}
}
