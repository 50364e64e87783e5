package schedule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
)

const (
	// previewTimes is how many due times a preview without a span has.
	previewTimes = 10
	// MaxPreview bounds the due times of a preview with a span.
	MaxPreview = 500
)

// Turn is what the clock on the wall does at a due time.
type Turn string

// The turns of a clock.
const (
	Steady  Turn = ""
	Gap     Turn = "skipped" // the clock skips the time that the rule names: due at the first instant after it
	Overlap Turn = "doubled" // the clock shows the time twice: due the first time, or in each if it runs in every hour
)

// PreviewRequest asks when a schedule would be due.
type PreviewRequest struct {
	Cron     string
	TimeZone string
	Days     []calendar.Kind
	Device   devices.DeviceID // whose site's calendar counts; needed with Days
	From, To time.Time        // both zero: the next ten; else at most 62 days
}

// PreviewTime is one due time.
type PreviewTime struct {
	Due  time.Time
	Turn Turn
}

// PreviewOf gives the due times of a rule: the next ten, or those of a span, at most
// MaxPreview; cut is whether there are more of them in the span. Errors are Invalid.
func (s *Service) PreviewOf(ctx context.Context, q PreviewRequest) (times []PreviewTime, cut bool, err error) {
	plan, err := ParseCron(q.Cron, q.TimeZone)
	if err != nil {
		return nil, false, err
	}
	x := Schedule{Cron: strings.Join(strings.Fields(q.Cron), " ")}
	if len(q.Days) > 0 {
		device, err := s.device(ctx, "device", q.Device)
		if err != nil {
			return nil, false, err
		}
		x.Site = device.Site
		if err := s.checkDays(ctx, &x, q.Days, plan); err != nil {
			return nil, false, err
		}
	}
	after, last, most := s.now(), time.Time{}, previewTimes
	if !q.From.IsZero() || !q.To.IsZero() {
		if err := checkSpan(q.From, q.To); err != nil {
			return nil, false, err
		}
		after, last, most = justBefore(q.From), justBefore(q.To), MaxPreview
	}
	days := s.look(ctx)
	times, cut = days.dated(x, plan).times(after, last, most)
	if days.err != nil {
		return nil, false, fmt.Errorf("schedule.preview: %w", days.err)
	}
	return times, cut, nil
}

// times are the due times after an instant up to another; zero: as many as there are.
func (d dated) times(after, last time.Time, most int) (times []PreviewTime, cut bool) {
	next := d.Next
	if !last.IsZero() {
		next = func(t time.Time) time.Time { return d.by(t, last) }
	}
	for due := next(after); !due.IsZero(); due = next(due) {
		if len(times) == most {
			return times, !last.IsZero()
		}
		times = append(times, PreviewTime{due, d.turn(due)})
	}
	return times, false
}

// turn is what the clock does at a due time.
func (p Plan) turn(due time.Time) Turn {
	seg := p.segment(due)
	if due.Equal(seg.start) && p.skippedDue(p.segment(justBefore(seg.start)), seg) {
		return Gap
	}
	if !seg.start.IsZero() {
		before := p.segment(justBefore(seg.start))
		if back := before.offset - seg.offset; back > 0 && due.Sub(seg.start) < back {
			return Overlap
		}
	}
	if !seg.end.IsZero() {
		back := seg.offset - p.segment(seg.end).offset
		if back > 0 && seg.end.Sub(due) <= back {
			return Overlap
		}
	}
	return Steady
}
