// Package db keeps everything the platform knows in SQLite files: it implements
// the stores that broker and devices declare, and nothing else. It holds no rule
// of the domain beyond what a transaction must decide (unique keys, revisions,
// append-only tables).
//
// Open gives the platform's database; its stores are
//
//	db.Devices()     devices.Store
//	db.Ledger()      ledger.Store
//	db.Schedules()   schedule.Store
//	db.Statistics()  statistics.Store
//	db.Operators()   operators.Store
//	db.APITokens()   operators.APITokenStore
//	db.Booths()      operators.BoothStore
//	db.Credentials() credentials.Store
//	db.Pictures()    pictures.Store
//	db.Plates()      plates.Store
//	db.Alarms()      alarms.Store
//
// OpenSessions gives a session store of the broker (broker.Store) in a file of its
// own: that of earlier versions, from which the server takes over what is there into
// the one of broker/journal.
//
// Promises:
//
//   - A write that returned nil is on the disk: WAL, synchronous=FULL, read back
//     from every connection at start. SQLite is never used in another mode.
//   - A write is one transaction, all or nothing, even though many callers share
//     one commit (see DESIGN.md, "group writer").
//   - After an I/O error of the disk nothing is acknowledged any more and Failed
//     reports it once: the program must end and start again. A full disk is not
//     that: callers get devices.Unavailable until there is room.
//   - Errors of the stores are *devices.Error; of Open and OpenSessions
//     *OpenError, which names file, problem and remedy. A failed Open leaves
//     nothing behind.
//   - schema.sql and sessions.sql say what each table promises.
//
// Times are stored as integer microseconds since 1970 UTC: milliseconds, which
// the wire uses, cannot tell the steps of a command on one machine apart. No time
// is NULL. Ids are text.
package db
