package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// checkBudget is how much of the start the integrity check may take. What it has
// not finished by then goes on in the background, table by table.
const checkBudget = 250 * time.Millisecond

// check looks for damage. It answers at once for a file that fits the budget;
// of a larger one it reports what it finds later through Failed.
func (f *file) check(ctx context.Context, budget time.Duration) (complete bool, err error) {
	if budget == 0 {
		budget = checkBudget
	}
	within, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	err = quickCheck(within, f.conn, "")
	if err == nil {
		return true, nil
	}
	if within.Err() != nil && ctx.Err() == nil && !isFatal(err) {
		return false, nil
	}
	return false, err
}

// checkBehind goes on with the check while the program runs. Each table is one
// short read, so that the write-ahead log can be emptied in between.
func (f *file) checkBehind() {
	ctx, stop := context.WithCancel(context.Background())
	f.stopCheck = stop
	f.checks.Go(func() {
		start := time.Now()
		err := f.checkTables(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			f.fail(err)
		default:
			f.log.Info("database checked", "file", f.path, "took", time.Since(start).Round(time.Millisecond))
		}
	})
}

func (f *file) checkTables(ctx context.Context) error {
	tables, err := names(ctx, f.readers, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	for _, t := range tables {
		if err = f.checkTable(ctx, t); err != nil {
			break
		}
	}
	return err
}

// checkTable checks one table. It is a read that can be cut; then the table is
// checked at another start.
func (f *file) checkTable(ctx context.Context, table string) error {
	within, end := f.reads.begin(ctx)
	defer end()
	err := quickCheck(within, f.readers, table)
	if err != nil && errors.Is(context.Cause(within), errCut) {
		f.log.Warn("table not checked", "file", f.path, "table", table, "error", errCut)
		return nil
	}
	return err
}

// quickCheck gives the first damage that SQLite finds in the file, or in one
// table.
func quickCheck(ctx context.Context, from querier, table string) error {
	pragma := "PRAGMA quick_check(1)"
	if table != "" {
		pragma = fmt.Sprintf("PRAGMA quick_check(%q)", table) // our own table names
	}
	found, err := names(ctx, from, pragma)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0] == "ok" {
		return nil
	}
	return &damage{found[0]}
}

// damage is what an integrity check found.
type damage struct{ what string }

// Error implements error.
func (d *damage) Error() string { return d.what }

// querier is a connection, or a pool of them.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// names reads a column of text.
func names(ctx context.Context, from querier, query string) (out []string, err error) {
	rows, err := from.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	err = scanned(rows, func() error {
		var s string
		err := rows.Scan(&s)
		out = append(out, s)
		return err
	})
	return out, err
}
