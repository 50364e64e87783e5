package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/feed"
	"gatehouse/devices/schedule"
)

// ScheduleLooks say what a schedule would do.
type ScheduleLooks interface {
	PreviewOf(ctx context.Context, q schedule.PreviewRequest) (times []schedule.PreviewTime, cut bool, err error)
	DryRun(ctx context.Context, d schedule.Draft) (schedule.Schedule, []schedule.Would, error)
	DryRunOf(ctx context.Context, id schedule.ID) (schedule.Schedule, []schedule.Would, error)
}

// PreviewRequest asks when a cron line would fire.
type PreviewRequest struct {
	Cron     string           `json:"cron" minLength:"1" maxLength:"100"`
	TimeZone string           `json:"timeZone" minLength:"1" maxLength:"64"`
	Days     []calendar.Kind  `json:"days,omitempty" maxItems:"3" enum:"workday,rest,holiday" doc:"on these days only; needs device"`
	Device   devices.DeviceID `json:"device,omitempty" maxLength:"64" doc:"by the calendar of its site"`
	From     time.Time        `json:"from,omitempty" doc:"with to: all times from then on; left out: the next ten"`
	To       time.Time        `json:"to,omitempty" doc:"at most 62 days after from"`
}

// Preview is the next ten times, or those of a span.
type Preview struct {
	Next  []time.Time `json:"next" doc:"at most 500"`
	Turns []ClockTurn `json:"turns" doc:"those of next at which the clock changes"`
	Cut   bool        `json:"cut" doc:"there are more times in the span"`
}

// ClockTurn is a due time at which daylight saving begins or ends.
type ClockTurn struct {
	Due   time.Time     `json:"due"`
	Clock schedule.Turn `json:"clock" enum:"skipped,doubled" doc:"skipped: the time that the rule names does not exist that day, it is due at the first moment after; doubled: the clock shows the time twice"`
}

// DryRunRequest is a schedule that is kept, or one that might be.
type DryRunRequest struct {
	ID    schedule.ID      `json:"id,omitempty" maxLength:"64" doc:"of one that is kept; left out with draft"`
	Draft *ScheduleRequest `json:"draft,omitempty" doc:"left out with id"`
}

// DryRun is what would be sent now, and what would become of it. Nothing is sent.
type DryRun struct {
	Action  devices.Action    `json:"action"`
	Args    map[string]string `json:"args"`
	Devices []DryRunDevice    `json:"devices"`
}

// DryRunDevice is what would become of an order to one device.
type DryRunDevice struct {
	Device  devices.DeviceID `json:"device"`
	Verdict string           `json:"verdict" enum:"sent,refused,absent,impossible" doc:"refused: a layer would refuse it; absent: it is not connected; impossible: it cannot do it"`
	Detail  string           `json:"detail" doc:"why it would not be sent, in English"`
	Ruling  *feed.Ruling     `json:"ruling" doc:"the layer that rules the opening now, which lets the order pass or refuses it; null: none"`
}

func (s *Server) scheduleLookRoutes(a *api) {
	add(a, operation(http.MethodPost, "/schedules/preview", "previewSchedule", "schedules", "The next ten times of a cron line, or those of a month", 200),
		func(ctx context.Context, i *in[PreviewRequest]) (*out[Preview], error) {
			times, cut, err := s.deps.Schedules.PreviewOf(ctx, schedule.PreviewRequest(i.Body))
			return &out[Preview]{schedulePreviewOf(times, cut)}, err
		})
	add(a, operation(http.MethodPost, "/schedules/dry-run", "dryRunSchedule", "schedules", "What would be sent, to whom, and which layer would refuse it; nothing is sent or kept", 200),
		func(ctx context.Context, i *in[DryRunRequest]) (*out[DryRun], error) {
			x, all, err := s.dryRun(ctx, i.Body)
			if err != nil {
				return nil, err
			}
			shown := scheduleOf(x)
			return &out[DryRun]{DryRun{Action: shown.Action, Args: shown.Args, Devices: each(all, wouldOf)}}, nil
		})
}

func schedulePreviewOf(times []schedule.PreviewTime, cut bool) Preview {
	p := Preview{Next: make([]time.Time, 0, len(times)), Turns: []ClockTurn{}, Cut: cut}
	for _, t := range times {
		p.Next = append(p.Next, instant(t.Due))
		if t.Turn != schedule.Steady {
			p.Turns = append(p.Turns, ClockTurn{Due: instant(t.Due), Clock: t.Turn})
		}
	}
	return p
}

func (s *Server) dryRun(ctx context.Context, r DryRunRequest) (schedule.Schedule, []schedule.Would, error) {
	if (r.ID == "") == (r.Draft == nil) {
		return schedule.Schedule{}, nil, &devices.Error{Op: "schedule.dry_run", Code: devices.Invalid, Field: "draft",
			Message: `either id or draft must be given, for example {"id":"..."}`}
	}
	if r.Draft == nil {
		return s.deps.Schedules.DryRunOf(ctx, r.ID)
	}
	d, err := r.Draft.draft()
	if err == nil {
		var x schedule.Schedule
		var all []schedule.Would
		if x, all, err = s.deps.Schedules.DryRun(ctx, d); err == nil {
			return x, all, nil
		}
	}
	return schedule.Schedule{}, nil, inDraft(err)
}

// inDraft names a field of a draft as one of the request.
func inDraft(err error) error {
	var e *devices.Error
	if !errors.As(err, &e) || e.Field == "" {
		return err
	}
	named := *e
	named.Field = "draft." + e.Field
	return &named
}

func wouldOf(w schedule.Would) DryRunDevice {
	d := DryRunDevice{Device: w.Device, Verdict: "sent"}
	if rules, ok := w.Stack.Rules(); ok {
		ruling := feed.RulingOf(rules)
		d.Ruling = &ruling
	}
	switch {
	case w.Invalid != nil:
		d.Verdict, d.Detail = "impossible", saidOf(w.Invalid)
	case w.Refuse != nil:
		d.Verdict, d.Detail = "refused", saidOf(w.Refuse)
	case w.Absent != "":
		d.Verdict, d.Detail = "absent", w.Absent
	}
	return d
}

// saidOf is what an error of the domain says to people.
func saidOf(err error) string {
	var e *devices.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "it cannot be told now"
}
