package timetable

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Store keeps timetables and their runs. Whatever it answers without an error is durable; times
// are kept to the millisecond.
type Store interface {
	Timetables(ctx context.Context) ([]Timetable, error)
	PutTimetable(ctx context.Context, t Timetable, a devices.AuditEntry) error // create or replace
	// DeleteTimetable deletes one; its runs stay. NotFound.
	DeleteTimetable(ctx context.Context, id ID, a devices.AuditEntry) error

	// Claim inserts runs, all or none, but for those that are there already, which stay as
	// they are; claimed says of each whether it was inserted. The sites of the runs get their
	// next revision, here and in Finish.
	Claim(ctx context.Context, runs []Run) (claimed []bool, err error)
	// Finish replaces outcome, detail and check of runs, and puts their results, all or
	// nothing. A result is one of (Timetable, Due, Device, Direction).
	Finish(ctx context.Context, runs []Run, results []Result) error
	// Last is the newest run of each timetable.
	Last(ctx context.Context) ([]Run, error)
	// Unchecked are the runs since a time that are done and were not checked.
	Unchecked(ctx context.Context, since time.Time) ([]Run, error)
	Results(ctx context.Context, id ID, due time.Time) ([]Result, error) // by device and direction
	// Runs selects runs, the newest first, of equals by timetable.
	Runs(ctx context.Context, q RunQuery) ([]Run, error)
	// Forget drops runs that were due before a time, with their results, at most some of them,
	// but never the newest run of a timetable; n is how many it dropped.
	Forget(ctx context.Context, before time.Time, most int) (n int, err error)
	// Told gives the mode commands of devices since a time, of each opening the oldest first.
	Told(ctx context.Context, since time.Time, of []devices.DeviceID) ([]Told, error)
}

// RunQuery selects runs; what is empty selects all.
type RunQuery struct {
	Timetable ID
	Sites     []devices.SiteID // nil: all
	Outcome   Outcome
	Device    devices.DeviceID // runs with a result of it
	From, To  time.Time        // of Due, half open
	// The next page: what comes after the run of this Due and timetable.
	Before   time.Time
	BeforeID ID
	Limit    int
}

// Told is the command that told an opening a mode.
type Told struct {
	Device    devices.DeviceID
	Direction string
	Command   devices.CommandID
}
