package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// readLimit is how long one read may take. A longer one would keep the
// write-ahead log from being emptied.
const readLimit = 5 * time.Second

// defaultLimit is the number of rows of a list when the caller names none.
const defaultLimit = 100

// write runs f in the next group of the writer and returns after the commit.
func (d *DB) write(ctx context.Context, op string, u urgency, f func(tx *gorm.DB) error) error {
	return domainError(op, d.writer.do(ctx, u, f))
}

// read runs f on a connection that only reads.
func (d *DB) read(ctx context.Context, op string, f func(tx *gorm.DB) error) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	ctx, end := d.file.reads.begin(ctx)
	defer end()
	err := f(d.file.read.WithContext(ctx))
	if err != nil && errors.Is(context.Cause(ctx), errCut) {
		err = &devices.Error{Op: op, Code: devices.Unavailable, Message: "the database has too much to write; ask again", Err: errCut}
	}
	return domainError(op, err)
}

// domainError turns an error of the database into one of the domain. One that is
// the domain's already only learns its operation.
func domainError(op string, err error) error {
	var known *devices.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		if known.Op == "" {
			known.Op = op
		}
		return known
	case errors.Is(err, gorm.ErrRecordNotFound):
		return &devices.Error{Op: op, Code: devices.NotFound, Message: "there is none"}
	case isFull(err):
		return &devices.Error{Op: op, Code: devices.Unavailable, Message: "the disk is full", Err: err}
	case errors.Is(err, errClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		primary(err) == sqliteBusy, primary(err) == sqliteInterrupt:
		return &devices.Error{Op: op, Code: devices.Unavailable, Message: "the database did not answer", Err: err}
	case isForeignKey(err):
		return &devices.Error{Op: op, Code: devices.NotFound, Message: "it names something that does not exist", Err: err}
	case isUnique(err):
		return &devices.Error{Op: op, Code: devices.Conflict, Message: "it exists already", Err: err}
	default:
		return &devices.Error{Op: op, Code: devices.Internal, Message: "the database refused", Err: err}
	}
}

// notFound is the error of a row that is not there.
func notFound(what, id string) error {
	return &devices.Error{Code: devices.NotFound, Field: what, Message: "there is no " + what + " " + id}
}

// conflict is the error of a key that has other content.
func conflict(field, message string) error {
	return &devices.Error{Code: devices.Conflict, Field: field, Message: message}
}

// limited gives the number of rows to read.
func limited(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return n
}

// raise gives a site its next revision.
func raise(tx *gorm.DB, site devices.SiteID) (devices.Revision, error) {
	var r int64 // gorm counts the rows of plain types only
	res := tx.Raw("UPDATE sites SET revision = revision + 1 WHERE id = ? RETURNING revision", site).Scan(&r)
	return devices.Revision(r), changed(res, "site", string(site))
}

// raiseSites gives those of some sites that are there their next revision.
func raiseSites(tx *gorm.DB, sites ...devices.SiteID) error {
	return tx.Exec("UPDATE sites SET revision = revision + 1 WHERE id IN ?", sites).Error
}

// one reads a single row; what and id name it if it is not there.
func one[T any](tx *gorm.DB, what, id string) (T, error) {
	var row T
	err := tx.Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = notFound(what, id)
	}
	return row, err
}

// changed is the error of a statement that was to change one row and found none.
func changed(res *gorm.DB, what, id string) error {
	if res.Error == nil && res.RowsAffected == 0 {
		return notFound(what, id)
	}
	return res.Error
}

// equal selects by a column; an empty value selects all.
func equal[T ~string](tx *gorm.DB, column string, value T) *gorm.DB {
	if value == "" {
		return tx
	}
	return tx.Where(column+" = ?", value)
}

// within selects by a time, half open; the zero time is no bound.
func within(tx *gorm.DB, column string, from, to time.Time) *gorm.DB {
	if !from.IsZero() {
		tx = tx.Where(column+" >= ?", stamp(from))
	}
	if !to.IsZero() {
		tx = tx.Where(column+" < ?", stamp(to))
	}
	return tx
}

// mapped turns rows into what they stand for.
func mapped[R, T any](rows []R, f func(R) T) []T {
	out := make([]T, 0, len(rows))
	for _, r := range rows {
		out = append(out, f(r))
	}
	return out
}

// scanned calls each for every row, and closes rows.
func scanned(rows *sql.Rows, each func() error) error {
	for rows.Next() {
		if err := each(); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
