package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/timetable"
)

// TimetablePreviewRequest asks what a timetable will do, without keeping it.
type TimetablePreviewRequest struct {
	Timetable TimetableRequest `json:"timetable"`
	Replaces  timetable.ID     `json:"replaces,omitempty" maxLength:"64" doc:"the timetable that it would replace"`
	From      time.Time        `json:"from" doc:"of the month that is looked at"`
	To        time.Time        `json:"to" doc:"at most 62 days after from"`
}

// TimetablePreview is what a timetable will do.
type TimetablePreview struct {
	TimeZone string             `json:"timeZone"`
	Now      *TimetableSpan     `json:"now" doc:"the period that it has now, which begins as soon as it is kept; null: none"`
	Next     []TimetableSpan    `json:"next" doc:"the next ten that begin"`
	Month    []TimetableSpan    `json:"month"`
	More     bool               `json:"more" doc:"there are more than month has"`
	Overlaps []TimetableOverlap `json:"overlaps" doc:"other timetables that say something of the same openings at the same time within a month"`
}

// TimetableOverlap is another timetable, and which of both counts.
type TimetableOverlap struct {
	Timetable timetable.ID     `json:"timetable"`
	Name      string           `json:"name"`
	Start     time.Time        `json:"start" doc:"of the first time"`
	End       time.Time        `json:"end"`
	Openings  int              `json:"openings" doc:"that both cover"`
	Wins      bool             `json:"wins" doc:"this one counts, not the other"`
	Why       timetable.Reason `json:"why" enum:"more_exact,closes,older" doc:"of the one that counts: it names the opening more exactly, it holds closed, or it is older"`
}

// TimetableDryRunRequest asks what a timetable would do at a moment, and to what.
type TimetableDryRunRequest struct {
	Timetable TimetableRequest `json:"timetable"`
	Replaces  timetable.ID     `json:"replaces,omitempty" maxLength:"64" doc:"the timetable that it would replace"`
	At        *time.Time       `json:"at,omitempty" doc:"left out: now, or the next beginning if it holds nothing now"`
}

// TimetableDryRun is what a timetable would do. Nothing was sent.
type TimetableDryRun struct {
	At       time.Time          `json:"at"`
	Mode     devices.Mode       `json:"mode" enum:"controlled,held_open,held_closed" doc:"that it says then; controlled: it holds nothing"`
	Until    *time.Time         `json:"until"`
	Openings []TimetableWouldBe `json:"openings"`
}

// TimetableWouldBe is what would be of one opening, with the layers that it has now.
type TimetableWouldBe struct {
	Device    devices.DeviceID `json:"device"`
	Direction string           `json:"direction"`
	Name      string           `json:"name"`
	Mode      devices.Mode     `json:"mode" enum:"controlled,held_open,held_closed,locked_down,fire_release" doc:"that all its layers would make"`
	Layer     arbiter.Layer    `json:"layer" enum:",fire,lockdown,hold,schedule" doc:"that would rule; empty: none"`
	By        string           `json:"by" doc:"who set what would rule; of the layer schedule the timetable's name"`
	Wins      bool             `json:"wins" doc:"this timetable would rule it"`
	Waits     bool             `json:"waits" doc:"for its first arrival"`
	Reported  devices.Mode     `json:"reported" doc:"the mode that it reports now; empty: nothing"`
	Online    bool             `json:"online"`
	Able      bool             `json:"able" doc:"it says that it takes modes"`
	Sends     bool             `json:"sends" doc:"it would be told the mode"`
}

func (s *Server) timetableLooks(a *api) {
	add(a, operation(http.MethodPost, "/timetables/preview", "previewTimetable", "timetables", "What a timetable will do; nothing is kept", 200),
		func(ctx context.Context, i *in[TimetablePreviewRequest]) (*out[TimetablePreview], error) {
			p, err := s.deps.Timetables.Preview(ctx, i.Body.Timetable.draft(), i.Body.Replaces, i.Body.From, i.Body.To)
			return &out[TimetablePreview]{previewOf(p)}, ofDraft(err)
		})
	add(a, operation(http.MethodPost, "/timetables/dry-run", "dryRunTimetable", "timetables", "What a timetable would do at a moment, to which openings, and which layer would win; nothing is kept or sent", 200),
		func(ctx context.Context, i *in[TimetableDryRunRequest]) (*out[TimetableDryRun], error) {
			var at time.Time
			if i.Body.At != nil {
				at = *i.Body.At
			}
			d, err := s.deps.Timetables.DryRun(ctx, i.Body.Timetable.draft(), i.Body.Replaces, at)
			return &out[TimetableDryRun]{dryRunOf(d)}, ofDraft(err)
		})
}

// ofDraft names the fields of a draft as the request has them.
func ofDraft(err error) error {
	var e *devices.Error
	if !errors.As(err, &e) || slices.Contains([]string{"", "from", "to", "at"}, e.Field) {
		return err
	}
	inside := *e
	inside.Field = "timetable." + e.Field
	return &inside
}

func previewOf(p timetable.Preview) TimetablePreview {
	v := TimetablePreview{TimeZone: p.TimeZone, Next: each(p.Next, spanOf), Month: each(p.Month, spanOf), More: p.More,
		Overlaps: each(p.Overlaps, func(o timetable.Overlap) TimetableOverlap {
			return TimetableOverlap{Timetable: o.With, Name: o.Name, Start: instant(o.Start), End: instant(o.End), Openings: o.Openings, Wins: o.Wins, Why: o.Why}
		})}
	if p.Now != nil {
		now := spanOf(*p.Now)
		v.Now = &now
	}
	return v
}

func dryRunOf(d timetable.DryRun) TimetableDryRun {
	v := TimetableDryRun{At: instant(d.At), Mode: devices.Controlled, Openings: each(d.Openings, func(w timetable.WouldBe) TimetableWouldBe {
		return TimetableWouldBe{
			Device: w.Device, Direction: w.Direction, Name: w.Name, Mode: w.Mode, Layer: w.Layer, By: w.By, Wins: w.Wins, Waits: w.Waits,
			Reported: w.Reported, Online: w.Online, Able: w.Able, Sends: w.Sends,
		}
	})}
	if d.Span != nil {
		v.Mode, v.Until = d.Span.Mode, instantOrNull(d.Span.End)
	}
	return v
}
