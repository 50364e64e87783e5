package web

import (
	"context"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

const (
	// runsAtOnce is how many runs are read at a time once a page turns out to lack some.
	runsAtOnce = 500
	// mostReads bounds what one page costs whose reader sees hardly any run.
	mostReads = 20
)

// pageOfRuns gives a page of the runs that somebody may see: those that they may not see leave
// no gap in it, so that a page that is not full is the last one. After mostReads it gives what
// it has.
func pageOfRuns(
	ctx context.Context, read func(context.Context, timetable.RunQuery) ([]timetable.Run, error),
	q timetable.RunQuery, visible func(timetable.ID, devices.SiteID) bool,
) (page []timetable.Run, _ error) {
	limit := q.Limit
	for range mostReads {
		runs, err := read(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if visible(r.Timetable, r.Site) {
				page = append(page, r)
			}
		}
		if len(page) >= limit || len(runs) < q.Limit {
			break
		}
		last := runs[len(runs)-1]
		q.Before, q.BeforeID, q.Limit = last.Due, last.Timetable, runsAtOnce
	}
	return page[:min(len(page), limit)], nil
}
