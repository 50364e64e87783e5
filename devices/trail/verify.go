package trail

import (
	"context"
	"errors"
)

// Reader gives the rows as they are stored.
type Reader interface {
	// Rows gives the rows after one, in order, at most limit.
	Rows(ctx context.Context, after int64, limit int) ([]Row, error)
	// LastOf gives the newest row of a verb; nil: there is none.
	LastOf(ctx context.Context, verb string) (*Row, error)
	// Ever is the greatest number that a row ever had, as far as is remembered.
	Ever(ctx context.Context) (int64, error)
}

// batch is how many rows are read at once: one short read each, so that the database's
// log can be emptied in between.
const batch = 5000

// Verify reads the whole trail; the error is a *Broken if it is not what was written.
// A server may write it meanwhile. pause is called after each batch; nil: no pause.
func Verify(ctx context.Context, r Reader, heads []Named, pause func()) (Report, error) {
	for {
		report, overtaken, err := verifyOnce(ctx, r, heads, pause)
		if !overtaken || ctx.Err() != nil {
			return report, err
		}
	}
}

// verifyOnce is overtaken if a cut removed rows that were still to be read.
func verifyOnce(ctx context.Context, r Reader, heads []Named, pause func()) (_ Report, overtaken bool, err error) {
	cut, err := r.LastOf(ctx, VerbCut)
	if err != nil {
		return Report{}, false, err
	}
	ever, err := r.Ever(ctx) // before the rows: those come after it
	if err != nil {
		return Report{}, false, err
	}
	c, err := NewChecker(cut, heads)
	if err != nil {
		return Report{}, false, err
	}
	err = c.follow(ctx, r, pause)
	var broken *Broken
	if errors.As(err, &broken) {
		later, lerr := r.LastOf(ctx, VerbCut)
		return c.report, lerr == nil && later != nil && (cut == nil || later.ID != cut.ID), err
	}
	if err != nil {
		return c.report, false, err
	}
	report, err := c.End(ever)
	return report, false, err
}

// follow takes all rows that are there.
func (c *Checker) follow(ctx context.Context, r Reader, pause func()) error {
	for {
		rows, err := r.Rows(ctx, c.report.Last.Row, batch)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := c.Add(&rows[i]); err != nil {
				return err
			}
		}
		if len(rows) < batch {
			return nil
		}
		if pause != nil {
			pause()
		}
	}
}
