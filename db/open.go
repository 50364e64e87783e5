package db

import (
	"context"
	"log/slog"
	"path/filepath"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/bans"
	"gatehouse/devices/calendar"
	"gatehouse/devices/credentials"
	"gatehouse/devices/ledger"
	"gatehouse/devices/operators"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plans"
	"gatehouse/devices/plates"
	"gatehouse/devices/replay"
	"gatehouse/devices/schedule"
	"gatehouse/devices/shift"
	"gatehouse/devices/statistics"
	"gatehouse/devices/timetable"
	"gatehouse/devices/trail"
)

// FileName is the name of the platform's database in Options.Dir.
const FileName = "gatehouse.db"

// Options says where the platform's database lies.
type Options struct {
	Dir string       // an existing folder; the file is FileName in it
	Log *slog.Logger // nil: slog.Default
	// DataKey seals the keys of people in the audit trail, 32 bytes. Without it nothing is
	// written that tells of a person.
	DataKey []byte
	// Readers is how many reads run at once; 0: 4.
	Readers int
}

// DB is the platform's database. Safe for concurrent use.
type DB struct {
	file   *file
	writer *writer
	people *peopleKeys
}

// Open opens or creates the platform's database, brings its schema up to date and
// starts its writer. Errors are *OpenError.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	people, err := newPeopleKeys(o.DataKey)
	if err != nil {
		return nil, err
	}
	f, err := openFile(people.in(ctx), fileOptions{
		path: filepath.Join(o.Dir, FileName), schema: platformSchema, readers: o.Readers, log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	w := newWriter(f.conn, f.write.WithContext(people.in(context.Background())), f.fail)
	w.wal = &walGuard{path: f.path + "-wal", limit: walLimit, most: walMost, reads: &f.reads, empty: w.emptyLog, log: o.Log}
	return &DB{file: f, writer: w.start(), people: people}, nil
}

// Close ends the writer, answers every waiting caller with an error, and closes
// the file. A group that is being committed is committed first.
func (d *DB) Close() error {
	d.writer.close()
	return d.file.close()
}

// Failed reports once that the disk can no longer be trusted (an I/O error, or a
// damaged file). Nothing is acknowledged after it; the program must end.
func (d *DB) Failed() <-chan error { return d.file.failed }

// Devices is the store of the registry, commands, events and the audit trail.
func (d *DB) Devices() devices.Store { return deviceStore{d} }

// Ledger is the store of billing rows.
func (d *DB) Ledger() ledger.Store { return ledgerStore{d} }

// Schedules is the store of timed commands and their runs.
func (d *DB) Schedules() schedule.Store { return scheduleStore{d} }

// Calendar is the store of own days of calendars.
func (d *DB) Calendar() calendar.Store { return calendarStore{d} }

// Shifts keeps who is on duty.
func (d *DB) Shifts() shift.Store { return shiftStore{d} }

// Timetables is the store of timetables and their runs.
func (d *DB) Timetables() timetable.Store { return timetableStore{d} }

// Bans is the store of whom the broker keeps out.
func (d *DB) Bans() bans.Store { return banStore{d} }

// Plans is the store of site plans.
func (d *DB) Plans() plans.Store { return planStore{d} }

// Statistics is the store of what devices did by day.
func (d *DB) Statistics() statistics.Store { return statisticsStore{d} }

// Operators is the store of accounts and their sessions.
func (d *DB) Operators() operators.Store { return operatorStore{d} }

// APITokens keeps the tokens of programs.
func (d *DB) APITokens() operators.APITokenStore { return apiTokenStore{d} }

// Booths keeps the browsers that guards share.
func (d *DB) Booths() operators.BoothStore { return boothStore{d} }

// Credentials is the store of platform-made credentials.
func (d *DB) Credentials() credentials.Store { return credentialStore{d} }

// Plates is the store of readings of number plates.
func (d *DB) Plates() plates.Store { return plateStore{d} }

// Pictures is the store of picture records.
func (d *DB) Pictures() pictures.Store { return pictureStore{d} }

// Alarms is the store of alarms; it follows what the other stores commit.
func (d *DB) Alarms() alarms.Store { return alarmStore{d} }

// Replay is where replays read what is kept.
func (d *DB) Replay() replay.Source { return replaySource{d} }

// Trail is the store of the audit trail.
func (d *DB) Trail() trail.Store { return trailStore{d} }
