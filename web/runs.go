package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/feed"
	"gatehouse/devices/schedule"
)

// ScheduleRuns are what became of due times.
type ScheduleRuns interface {
	Runs(ctx context.Context, id schedule.ID, limit int) ([]schedule.Run, error)
	History(ctx context.Context, q schedule.RunQuery) ([]schedule.Run, error)
	Statistics(ctx context.Context, within *devices.Reach) (schedule.Lateness, error)
}

// Run is one due time of a schedule for one device and what became of it.
type Run struct {
	Schedule schedule.ID      `json:"schedule"`
	Device   devices.DeviceID `json:"device" doc:"empty: it is not known any more"`
	Site     devices.SiteID   `json:"site"`
	Due      time.Time        `json:"due" doc:"of a manual run: when it was asked for"`
	At       time.Time        `json:"at" doc:"when the device was to be sent to: due and its part of the jitter"`
	Claimed  time.Time        `json:"claimed"`
	Manual   bool             `json:"manual" doc:"somebody asked for it; it is no due time"`
	By       string           `json:"by" doc:"of a manual run: the name of whoever asked for it"`
	Outcome  schedule.Outcome `json:"outcome" enum:"claimed,sent,skipped,failed"`
	Detail   string           `json:"detail" doc:"why it was skipped or failed"`
	Command  *feed.Command    `json:"command" doc:"what was sent, with its ladder; null if nothing was"`
	Checked  *time.Time       `json:"checked" doc:"when the result was looked at; null: not yet, or never"`
	Result   command.Step     `json:"result" doc:"how far the command had come then; empty: not looked at"`
	Again    *feed.Command    `json:"again" doc:"what was sent once more, with its ladder; null if nothing was"`
}

// RunList is a schedule's runs, newest first.
type RunList struct {
	Runs []Run `json:"runs"`
}

// RunPage is a page of the runs of all schedules, newest first.
type RunPage struct {
	Runs  []Run  `json:"runs"`
	Older string `json:"older" doc:"before of the next page; empty: there are no older ones"`
}

// ScheduleStatistics is how late due times were, and what became of them.
type ScheduleStatistics struct {
	From     time.Time   `json:"from"`
	Sent     int64       `json:"sent" doc:"how many were sent; the times are of these"`
	P50      *int64      `json:"p50Ms" doc:"between the instant of a device and its claim; null: there are none"`
	P99      *int64      `json:"p99Ms"`
	Max      *int64      `json:"maxMs"`
	Outcomes RunOutcomes `json:"outcomes"`
}

// RunOutcomes counts runs by outcome.
type RunOutcomes struct {
	Claimed int64 `json:"claimed"`
	Sent    int64 `json:"sent"`
	Skipped int64 `json:"skipped"`
	Failed  int64 `json:"failed"`
}

type runsRequest struct {
	ID    schedule.ID `path:"id" minLength:"1" maxLength:"64"`
	Limit int         `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type historyRequest struct {
	Schedule schedule.ID      `query:"schedule" maxLength:"64"`
	Site     devices.SiteID   `query:"site" maxLength:"64"`
	Device   devices.DeviceID `query:"device" maxLength:"64"`
	Outcome  schedule.Outcome `query:"outcome" enum:"claimed,sent,skipped,failed"`
	From     time.Time        `query:"from" doc:"due at this time or later"`
	To       time.Time        `query:"to" doc:"due before this time"`
	Before   string           `query:"before" maxLength:"256" doc:"older of the page before"`
	Limit    int              `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) runRoutes(a *api) {
	add(a, operation(http.MethodGet, "/schedules/{id}/runs", "listRuns", "schedules", "A schedule's runs, newest first", 200),
		func(ctx context.Context, i *runsRequest) (*out[RunList], error) {
			list, err := s.deps.Schedules.Runs(ctx, i.ID, i.Limit)
			if err != nil {
				return nil, err
			}
			return s.runList(ctx, list)
		})
	add(a, operation(http.MethodGet, "/schedules/runs", "listAllRuns", "schedules", "The runs of all schedules, newest first", 200), s.history)
	add(a, operation(http.MethodGet, "/schedules/statistics", "getScheduleStatistics", "schedules", "How late the due times of the last 30 days were sent, and what became of them", 200),
		func(ctx context.Context, _ *none) (*out[ScheduleStatistics], error) {
			sum, err := s.deps.Schedules.Statistics(ctx, within(ctx))
			return &out[ScheduleStatistics]{statisticsOfRuns(sum)}, err
		})
}

func (s *Server) history(ctx context.Context, i *historyRequest) (*out[RunPage], error) {
	before, err := placeIn(i.Before)
	if err != nil {
		return nil, err
	}
	list, err := s.deps.Schedules.History(ctx, schedule.RunQuery{
		Schedule: i.Schedule, Site: i.Site, Device: i.Device, Outcome: i.Outcome, From: i.From, To: i.To,
		Before: before, Limit: i.Limit, Within: within(ctx),
	})
	if err != nil {
		return nil, err
	}
	made, err := s.runList(ctx, list)
	if err != nil {
		return nil, err
	}
	page := RunPage{Runs: made.Body.Runs}
	if len(list) == i.Limit {
		page.Older = placeText(list[len(list)-1].Place())
	}
	return &out[RunPage]{page}, nil
}

// placeText is a place in the list of runs as a page names it.
func placeText(p schedule.Place) string {
	return strings.Join([]string{strconv.FormatInt(p.Due.UnixMicro(), 10), string(p.Schedule), string(p.Device), p.Key}, "_")
}

// placeIn is the reverse of placeText.
func placeIn(text string) (schedule.Place, error) {
	if text == "" {
		return schedule.Place{}, nil
	}
	parts := strings.SplitN(text, "_", 4)
	due, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || len(parts) != 4 {
		return schedule.Place{}, &devices.Error{Op: "schedule.runs", Code: devices.Invalid, Field: "before", Message: "must be older of a page of this list"}
	}
	return schedule.Place{Due: time.UnixMicro(due).UTC(), Schedule: schedule.ID(parts[1]), Device: devices.DeviceID(parts[2]), Key: parts[3]}, nil
}

func (s *Server) runList(ctx context.Context, list []schedule.Run) (*out[RunList], error) {
	runs := make([]Run, 0, len(list))
	for _, r := range list {
		run, err := s.run(ctx, r)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return &out[RunList]{RunList{runs}}, nil
}

func (s *Server) run(ctx context.Context, r schedule.Run) (run Run, err error) {
	run = Run{
		Schedule: r.Schedule, Device: r.Device, Site: r.Site, Due: instant(r.Due), At: instant(r.At), Claimed: instant(r.Claimed),
		Manual: r.Manual(), By: r.By, Outcome: r.Outcome, Detail: r.Detail, Checked: instantOrNull(r.Checked), Result: r.Result,
	}
	if run.Command, err = s.ladderOf(ctx, r.Command); err != nil {
		return Run{}, err
	}
	run.Again, err = s.ladderOf(ctx, r.Again)
	return run, err
}

// ladderOf is a command with its ladder; nil if there is none.
func (s *Server) ladderOf(ctx context.Context, id devices.CommandID) (*feed.Command, error) {
	if id == "" {
		return nil, nil
	}
	c, err := s.deps.Commander.Command(ctx, id)
	if devices.CodeOf(err) == devices.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	shown := feed.CommandOf(c)
	return &shown, nil
}

func statisticsOfRuns(l schedule.Lateness) ScheduleStatistics {
	sum := ScheduleStatistics{From: instant(l.From), Sent: l.Sent, Outcomes: RunOutcomes{
		Claimed: l.Outcomes[schedule.Claimed], Sent: l.Outcomes[schedule.SentOut],
		Skipped: l.Outcomes[schedule.Skipped], Failed: l.Outcomes[schedule.Broken],
	}}
	if l.Sent > 0 {
		p50, p99, longest := l.P50.Milliseconds(), l.P99.Milliseconds(), l.Max.Milliseconds()
		sum.P50, sum.P99, sum.Max = &p50, &p99, &longest
	}
	return sum
}
