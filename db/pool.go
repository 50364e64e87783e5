package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// dsn names the file and everything that each new connection must set. Both
// drivers read the same keys. mode=rw: a connection never makes a file.
func dsn(o fileOptions, queryOnly bool) string {
	path := filepath.ToSlash(o.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… on Windows
	}
	q := "mode=rw&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on"
	if queryOnly {
		q += "&_query_only=on&_txlock=deferred"
	} else {
		q += "&_txlock=immediate"
	}
	if o.vfs != "" {
		q += "&vfs=" + url.QueryEscape(o.vfs)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q + driverDSN
}

// pragmas are the settings that every connection must have, with the values that
// SQLite gives back for them.
func pragmas(queryOnly bool) map[string]string {
	only := "0"
	if queryOnly {
		only = "1"
	}
	return map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": only,
	}
}

// verify reads the settings of one connection back.
func verify(ctx context.Context, c *sql.Conn, path string, queryOnly bool) error {
	for name, want := range pragmas(queryOnly) {
		var got string
		if err := c.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
			return err
		}
		if got == want {
			continue
		}
		if name == "journal_mode" {
			return &OpenError{
				Path:    path,
				Problem: fmt.Sprintf("its file system refuses write-ahead logging (journal mode is %q)", got),
				Remedy:  "put the data folder on a local disk: network file systems cannot keep it safely",
			}
		}
		return fmt.Errorf("setting %s is %s, not %s", name, got, want)
	}
	return nil
}

// openWriter opens the one connection that writes.
func (f *file) openWriter(ctx context.Context, o fileOptions) error {
	pool, err := sql.Open(driverName, dsn(o, false))
	if err != nil {
		return err
	}
	f.pool = pool
	pool.SetMaxOpenConns(1)
	if f.conn, err = pool.Conn(ctx); err != nil {
		return err
	}
	if err := verify(ctx, f.conn, o.path, false); err != nil {
		return err
	}
	if _, err := f.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA journal_size_limit = %d", walLimit)); err != nil {
		return err
	}
	f.write, err = openGorm(f.conn)
	return err
}

// openReaders opens the connections that only read, and verifies each.
func (f *file) openReaders(ctx context.Context, o fileOptions) (err error) {
	if f.readers, err = sql.Open(driverName, dsn(o, true)); err != nil {
		return err
	}
	f.readers.SetMaxOpenConns(o.readers)
	f.readers.SetMaxIdleConns(o.readers)
	f.reads.room = make(chan struct{}, o.readers)
	if err := verifyAll(ctx, f.readers, o); err != nil {
		return err
	}
	f.read, err = openGorm(f.readers)
	return err
}

// verifyAll holds every connection of a pool of readers at once, so that each is
// opened, and verifies it.
func verifyAll(ctx context.Context, pool *sql.DB, o fileOptions) (err error) {
	held := make([]*sql.Conn, 0, o.readers)
	defer func() {
		for _, c := range held {
			err = errors.Join(err, c.Close())
		}
	}()
	for range o.readers {
		c, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		held = append(held, c)
		if err := verify(ctx, c, o.path, true); err != nil {
			return err
		}
	}
	return nil
}

// openGorm puts gorm on connections that are open already. Transactions are
// ours (see writer), errors are returned and not logged.
func openGorm(pool gorm.ConnPool) (*gorm.DB, error) {
	return gorm.Open(sqlite.New(sqlite.Config{DriverName: driverName, Conn: pool}), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	})
}
