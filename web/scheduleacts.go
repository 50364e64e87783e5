package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

// ScheduleActs are what people do to a schedule.
type ScheduleActs interface {
	Pause(ctx context.Context, by devices.Actor, id schedule.ID, until time.Time) (schedule.Schedule, error)
	Resume(ctx context.Context, by devices.Actor, id schedule.ID) (schedule.Schedule, error)
	SkipNext(ctx context.Context, by devices.Actor, id schedule.ID) (schedule.Schedule, error)
	KeepNext(ctx context.Context, by devices.Actor, id schedule.ID) (schedule.Schedule, error)
	RunNow(ctx context.Context, by devices.Actor, id schedule.ID, key string) ([]schedule.Run, error)
}

// PauseRequest pauses a schedule.
type PauseRequest struct {
	Until time.Time `json:"until,omitempty" doc:"when it resumes by itself, at most a year ahead; left out: when somebody resumes it"`
}

type pauseSchedule struct {
	ID   schedule.ID `path:"id" minLength:"1" maxLength:"64"`
	Body PauseRequest
}

type runSchedule struct {
	ID  schedule.ID `path:"id" minLength:"1" maxLength:"64"`
	Key string      `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"64" pattern:"^[!-~]+$" doc:"made by the caller for this one run: the same key gives the same run"`
}

func (s *Server) scheduleActRoutes(a *api) {
	add(a, operation(http.MethodPost, "/schedules/{id}/pause", "pauseSchedule", "schedules", "Pause a timed command, until a time or until it is resumed", 200),
		func(ctx context.Context, i *pauseSchedule) (*out[Schedule], error) {
			return scheduleOut(s.deps.Schedules.Pause(ctx, actor(ctx), i.ID, i.Body.Until))
		})
	add(a, operation(http.MethodPost, "/schedules/{id}/resume", "resumeSchedule", "schedules", "End the pause of a timed command; nothing is caught up", 200),
		func(ctx context.Context, i *scheduleID) (*out[Schedule], error) {
			return scheduleOut(s.deps.Schedules.Resume(ctx, actor(ctx), i.ID))
		})
	add(a, operation(http.MethodPut, "/schedules/{id}/skip-next", "skipNextRun", "schedules", "Leave the next due time of a timed command out, once", 200),
		func(ctx context.Context, i *scheduleID) (*out[Schedule], error) {
			return scheduleOut(s.deps.Schedules.SkipNext(ctx, actor(ctx), i.ID))
		})
	add(a, operation(http.MethodDelete, "/schedules/{id}/skip-next", "keepNextRun", "schedules", "Take back that the next due time is left out", 200),
		func(ctx context.Context, i *scheduleID) (*out[Schedule], error) {
			return scheduleOut(s.deps.Schedules.KeepNext(ctx, actor(ctx), i.ID))
		})
	add(a, operation(http.MethodPost, "/schedules/{id}/run", "runSchedule", "schedules", "Send what a timed command sends at once, also while it is paused", 202),
		func(ctx context.Context, i *runSchedule) (*out[RunList], error) {
			runs, err := s.deps.Schedules.RunNow(ctx, actor(ctx), i.ID, i.Key)
			if err != nil {
				return nil, err
			}
			return s.runList(ctx, runs)
		})
}
