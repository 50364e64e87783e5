package db

import (
	"errors"
	"syscall"
)

// Result codes of SQLite (https://www.sqlite.org/rescode.html): the primary code
// is the lower byte of the extended one.
const (
	sqliteGeneric    = 1
	sqliteBusy       = 5
	sqliteReadOnly   = 8
	sqliteInterrupt  = 9
	sqliteIOErr      = 10
	sqliteCorrupt    = 11
	sqliteFull       = 13
	sqliteCantOpen   = 14
	sqliteConstraint = 19
	sqliteNotADB     = 26

	sqliteForeignKey = sqliteConstraint | 3<<8
	sqlitePrimaryKey = sqliteConstraint | 6<<8
	sqliteUnique     = sqliteConstraint | 8<<8
	sqliteRowID      = sqliteConstraint | 10<<8
	// sqliteIOErrShmSize is what SQLite says when a full disk has no room for its
	// shared-memory file. Nothing durable lies there.
	sqliteIOErrShmSize = sqliteIOErr | 19<<8
)

// primary gives the primary result code of err, 0 if it is not of SQLite.
func primary(err error) int {
	code, _ := sqliteCode(err)
	return code & 0xff
}

// isUnique says whether err is a row that is there already.
func isUnique(err error) bool {
	code, _ := sqliteCode(err)
	return code == sqliteUnique || code == sqlitePrimaryKey || code == sqliteRowID
}

// isForeignKey says whether err names a row that does not exist.
func isForeignKey(err error) bool {
	code, _ := sqliteCode(err)
	return code == sqliteForeignKey
}

// isFull says whether the disk has no room.
func isFull(err error) bool {
	code, _ := sqliteCode(err)
	return code&0xff == sqliteFull || code == sqliteIOErrShmSize || errors.Is(err, syscall.ENOSPC)
}

// isFatal says whether the file or its disk can no longer be trusted. Linux drops
// the dirty pages of a failed fsync, so that a second try may succeed and lie:
// nothing may be acknowledged after such an error.
func isFatal(err error) bool {
	code, _ := sqliteCode(err)
	return fatalCode(code) && !isFull(err)
}

func fatalCode(code int) bool {
	switch code & 0xff {
	case sqliteIOErr, sqliteCorrupt, sqliteNotADB:
		return code != sqliteIOErrShmSize
	}
	return false
}
