package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/schedule"
)

// Schedules has the timed commands; schedule.Service is one.
type Schedules interface {
	List(ctx context.Context) ([]schedule.Schedule, error)
	Create(ctx context.Context, by devices.Actor, d schedule.Draft) (schedule.Schedule, error)
	Update(ctx context.Context, by devices.Actor, id schedule.ID, d schedule.Draft) (schedule.Schedule, error)
	Delete(ctx context.Context, by devices.Actor, id schedule.ID) error
	Runs(ctx context.Context, id schedule.ID, limit int) ([]schedule.Run, error)
}

// Schedule is one timed command.
type Schedule struct {
	ID              schedule.ID       `json:"id"`
	Site            devices.SiteID    `json:"site"`
	Device          devices.DeviceID  `json:"device"`
	Name            string            `json:"name"`
	Cron            string            `json:"cron"`
	TimeZone        string            `json:"timeZone"`
	Action          devices.Action    `json:"action"`
	Args            map[string]string `json:"args"`
	Paused          bool              `json:"paused"`
	SkipLateSeconds int64             `json:"skipLateSeconds" doc:"a run that is later than this is skipped"`
	Next            *time.Time        `json:"next" doc:"null when paused"`
}

// ScheduleList is every schedule.
type ScheduleList struct {
	Schedules []Schedule `json:"schedules"`
}

// ScheduleRequest creates or replaces a schedule.
type ScheduleRequest struct {
	Device          devices.DeviceID `json:"device" minLength:"1" maxLength:"64"`
	Name            string           `json:"name" minLength:"1" maxLength:"100"`
	Cron            string           `json:"cron" minLength:"1" maxLength:"100" doc:"minute hour day month weekday, or @hourly @daily @weekly @monthly @yearly" example:"30 7 * * 1-5"`
	TimeZone        string           `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; left out: the site's"`
	Action          devices.Action   `json:"action" enum:"open,close,stop,pass,snapshot,record,restart,set_time"`
	Args            map[string]text  `json:"args,omitempty" maxProperties:"8"`
	Paused          bool             `json:"paused,omitempty"`
	SkipLateSeconds int64            `json:"skipLateSeconds,omitempty" minimum:"10" maximum:"86400" default:"300"`
}

// PreviewRequest asks when a cron line would fire.
type PreviewRequest struct {
	Cron     string `json:"cron" minLength:"1" maxLength:"100"`
	TimeZone string `json:"timeZone" minLength:"1" maxLength:"64"`
}

// Preview is the next ten times.
type Preview struct {
	Next []time.Time `json:"next"`
}

type putSchedule struct {
	ID   schedule.ID `path:"id" minLength:"1" maxLength:"64"`
	Body ScheduleRequest
}

type scheduleID struct {
	ID schedule.ID `path:"id" minLength:"1" maxLength:"64"`
}

func (s *Server) scheduleRoutes(a *api) {
	add(a, operation(http.MethodGet, "/schedules", "listSchedules", "schedules", "Every timed command", 200),
		func(ctx context.Context, _ *none) (*out[ScheduleList], error) {
			list, err := s.deps.Schedules.List(ctx)
			mine := inReach(ctx, list, func(x schedule.Schedule) (devices.SiteID, devices.ZoneID) { return s.placeOf(ctx, x.Device) })
			return &out[ScheduleList]{ScheduleList{each(mine, scheduleOf)}}, err
		})
	add(a, operation(http.MethodPost, "/schedules", "createSchedule", "schedules", "Create a timed command", 201),
		func(ctx context.Context, i *in[ScheduleRequest]) (*out[Schedule], error) {
			made, err := s.deps.Schedules.Create(ctx, actor(ctx), i.Body.draft())
			return &out[Schedule]{scheduleOf(made)}, err
		})
	add(a, operation(http.MethodPut, "/schedules/{id}", "replaceSchedule", "schedules", "Replace a timed command", 200),
		func(ctx context.Context, i *putSchedule) (*out[Schedule], error) {
			made, err := s.deps.Schedules.Update(ctx, actor(ctx), i.ID, i.Body.draft())
			return &out[Schedule]{scheduleOf(made)}, err
		})
	add(a, operation(http.MethodDelete, "/schedules/{id}", "deleteSchedule", "schedules", "Delete a timed command", 204),
		func(ctx context.Context, i *scheduleID) (*none, error) {
			return nil, s.deps.Schedules.Delete(ctx, actor(ctx), i.ID)
		})
	add(a, operation(http.MethodPost, "/schedules/preview", "previewSchedule", "schedules", "The next ten times of a cron line", 200),
		func(_ context.Context, i *in[PreviewRequest]) (*out[Preview], error) {
			next, err := schedule.Preview(i.Body.Cron, i.Body.TimeZone, s.now(), 10)
			return &out[Preview]{Preview{each(next, instant)}}, err
		})
}

func (r ScheduleRequest) draft() schedule.Draft {
	return schedule.Draft{
		Device: r.Device, Name: r.Name, Cron: r.Cron, TimeZone: r.TimeZone, Action: r.Action,
		Args: texts(r.Args), Paused: r.Paused, SkipLate: time.Duration(r.SkipLateSeconds) * time.Second,
	}
}

func scheduleOf(s schedule.Schedule) Schedule {
	args := s.Args
	if args == nil {
		args = map[string]string{}
	}
	return Schedule{
		ID: s.ID, Site: s.Site, Device: s.Device, Name: s.Name, Cron: s.Cron, TimeZone: s.TimeZone, Action: s.Action,
		Args: args, Paused: s.Paused, SkipLateSeconds: int64(s.SkipLate / time.Second), Next: instantOrNull(s.Next),
	}
}
