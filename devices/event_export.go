package devices

import "context"

// MaxEventExport is how many events ExportEvents gives at most.
const MaxEventExport = 50_000

// ExportEvents gives every event of a selection, newest first, whatever its Older and Limit.
// More than MaxEventExport are the error TooMany.
func (c *Control) ExportEvents(ctx context.Context, q EventQuery) ([]Event, error) {
	return Whole(ctx, "events.export", MaxEventExport, func(ctx context.Context, after *Event, limit int) ([]Event, error) {
		q.Older, q.Limit = EventKey{}, limit
		if after != nil {
			q.Older = EventKey{Device: after.Device, ID: after.ID}
		}
		return c.Events(ctx, q)
	})
}
