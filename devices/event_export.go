package devices

import (
	"context"
	"fmt"
)

// MaxEventExport is how many events ExportEvents gives at most.
const MaxEventExport = 50_000

// eventPage is how many events one read of the store gives to an export: none is long.
const eventPage = 1000

// ExportEvents gives every event of a selection, newest first, whatever its Older and Limit.
// More than MaxEventExport are the error Invalid: half of them would be taken for all.
func (c *Control) ExportEvents(ctx context.Context, q EventQuery) (all []Event, err error) {
	q.Older, q.Limit = EventKey{}, eventPage
	for {
		page, err := c.Events(ctx, q)
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(all) > MaxEventExport {
			return nil, &Error{Op: "events.export", Code: Invalid, Field: "from", Message: fmt.Sprintf("more than %d events: choose one day, one type or one device", MaxEventExport)}
		}
		if len(page) < q.Limit {
			return all, nil
		}
		last := page[len(page)-1]
		q.Older = EventKey{Device: last.Device, ID: last.ID}
	}
}
