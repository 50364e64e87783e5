package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices/feed"
	"gatehouse/devices/schedule"
)

// Run is one due time of a schedule and what became of it.
type Run struct {
	Due     time.Time        `json:"due"`
	Claimed time.Time        `json:"claimed"`
	Outcome schedule.Outcome `json:"outcome" enum:"claimed,sent,skipped,failed"`
	Detail  string           `json:"detail" doc:"why it was skipped or failed"`
	Command *feed.Command    `json:"command" doc:"what was sent, with its ladder; null if nothing was"`
}

// RunList is a schedule's runs, newest first.
type RunList struct {
	Runs []Run `json:"runs"`
}

type runsRequest struct {
	ID    schedule.ID `path:"id" minLength:"1" maxLength:"64"`
	Limit int         `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) runRoutes(a *api) {
	add(a, operation(http.MethodGet, "/schedules/{id}/runs", "listRuns", "schedules", "A schedule's runs, newest first", 200),
		func(ctx context.Context, i *runsRequest) (*out[RunList], error) {
			list, err := s.deps.Schedules.Runs(ctx, i.ID, i.Limit)
			if err != nil {
				return nil, err
			}
			runs := make([]Run, 0, len(list))
			for _, r := range list {
				run, err := s.run(ctx, r)
				if err != nil {
					return nil, err
				}
				runs = append(runs, run)
			}
			return &out[RunList]{RunList{runs}}, nil
		})
}

func (s *Server) run(ctx context.Context, r schedule.Run) (Run, error) {
	run := Run{Due: instant(r.Due), Claimed: instant(r.Claimed), Outcome: r.Outcome, Detail: r.Detail}
	if r.Command == "" {
		return run, nil
	}
	c, err := s.deps.Commander.Command(ctx, r.Command)
	if err != nil {
		return Run{}, err
	}
	shown := feed.CommandOf(c)
	run.Command = &shown
	return run, nil
}
