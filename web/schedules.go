package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/schedule"
)

// Schedules has the timed commands; schedule.Service is one.
type Schedules interface {
	List(ctx context.Context) ([]schedule.Schedule, error)
	Get(ctx context.Context, id schedule.ID) (schedule.Schedule, error)
	Create(ctx context.Context, by devices.Actor, d schedule.Draft) (schedule.Schedule, error)
	Update(ctx context.Context, by devices.Actor, id schedule.ID, d schedule.Draft) (schedule.Schedule, error)
	Delete(ctx context.Context, by devices.Actor, id schedule.ID) error
	ScheduleActs
	ScheduleLooks
	ScheduleRuns
}

// Schedule is one timed command.
type Schedule struct {
	ID              schedule.ID        `json:"id"`
	Site            devices.SiteID     `json:"site"`
	Device          devices.DeviceID   `json:"device" doc:"the first of devices"`
	Devices         []devices.DeviceID `json:"devices" doc:"to which it goes, of one site"`
	Name            string             `json:"name"`
	Cron            string             `json:"cron"`
	TimeZone        string             `json:"timeZone"`
	Action          devices.Action     `json:"action"`
	Args            map[string]string  `json:"args"`
	Paused          bool               `json:"paused" doc:"until somebody resumes it"`
	PausedUntil     *time.Time         `json:"pausedUntil" doc:"when it resumes by itself; null: it is not paused until a time"`
	Late            schedule.Late      `json:"late" enum:"skip,catch_up"`
	SkipLateSeconds int64              `json:"skipLateSeconds" doc:"with skip: a run that is later than this is skipped"`
	Days            []calendar.Kind    `json:"days" enum:"workday,rest,holiday" doc:"kinds of days of the site's calendar on which it is due; empty: every day"`
	JitterSeconds   int64              `json:"jitterSeconds" doc:"the devices are spread over so long"`
	CheckMinutes    int64              `json:"checkMinutes" doc:"the result is looked at after so long; 0: never"`
	Next            *time.Time         `json:"next" doc:"the next due time that is not left out; null when paused, or if no such day is known"`
	LeftOut         *LeftOut           `json:"leftOut" doc:"the due time that is left out; null: none is"`
}

// LeftOut is a due time that somebody chose to leave out.
type LeftOut struct {
	Due time.Time `json:"due"`
	By  string    `json:"by" doc:"name of whoever chose it"`
}

// ScheduleList is every schedule.
type ScheduleList struct {
	Schedules []Schedule `json:"schedules"`
}

// ScheduleRequest creates or replaces a schedule.
type ScheduleRequest struct {
	Device          devices.DeviceID   `json:"device,omitempty" maxLength:"64" doc:"the only device; left out with devices"`
	Devices         []devices.DeviceID `json:"devices,omitempty" maxItems:"500" doc:"several devices of one site; left out with device"`
	Name            string             `json:"name" minLength:"1" maxLength:"100"`
	Cron            string             `json:"cron" minLength:"1" maxLength:"100" doc:"minute hour day month weekday, or @hourly @daily @weekly @monthly @yearly" example:"30 7 * * 1-5"`
	TimeZone        string             `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; left out: the site's"`
	Action          devices.Action     `json:"action" enum:"open,close,stop,pass,snapshot,record,restart,set_time"`
	Args            map[string]text    `json:"args,omitempty" maxProperties:"8"`
	Paused          bool               `json:"paused,omitempty"`
	Late            schedule.Late      `json:"late,omitempty" enum:"skip,catch_up" doc:"of a run that could not be sent when it was due: skip (also if left out) leaves it out when it is too late, catch_up sends it, of several the newest; it is not for open and pass"`
	SkipLateSeconds int64              `json:"skipLateSeconds,omitempty" minimum:"10" maximum:"86400" default:"300"`
	Days            []calendar.Kind    `json:"days,omitempty" maxItems:"3" enum:"workday,rest,holiday" doc:"due on these days of the site's calendar only; left out: on every day"`
	JitterSeconds   int64              `json:"jitterSeconds,omitempty" minimum:"0" maximum:"600" doc:"spread the devices over so long"`
	CheckMinutes    *int64             `json:"checkMinutes,omitempty" minimum:"0" maximum:"30" doc:"look at the result after so long, and send a closing that was not confirmed once more; 0: no; left out: 2"`
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
			if r := reachOf(ctx); !r.Everything() {
				list = slices.DeleteFunc(list, func(x schedule.Schedule) bool { return s.scheduleWithin(ctx, r, x) != nil })
			}
			return &out[ScheduleList]{ScheduleList{each(list, scheduleOf)}}, err
		})
	add(a, operation(http.MethodPost, "/schedules", "createSchedule", "schedules", "Create a timed command", 201),
		func(ctx context.Context, i *in[ScheduleRequest]) (*out[Schedule], error) {
			d, err := i.Body.draft()
			if err != nil {
				return nil, err
			}
			return scheduleOut(s.deps.Schedules.Create(ctx, actor(ctx), d))
		})
	add(a, operation(http.MethodPut, "/schedules/{id}", "replaceSchedule", "schedules", "Replace a timed command", 200),
		func(ctx context.Context, i *putSchedule) (*out[Schedule], error) {
			d, err := i.Body.draft()
			if err != nil {
				return nil, err
			}
			return scheduleOut(s.deps.Schedules.Update(ctx, actor(ctx), i.ID, d))
		})
	add(a, operation(http.MethodDelete, "/schedules/{id}", "deleteSchedule", "schedules", "Delete a timed command", 204),
		func(ctx context.Context, i *scheduleID) (*none, error) {
			return nil, s.deps.Schedules.Delete(ctx, actor(ctx), i.ID)
		})
	s.scheduleActRoutes(a)
	s.scheduleLookRoutes(a)
}

// scheduleWithin is nil if every device of a schedule is in reach: who sees it sees all of it.
func (s *Server) scheduleWithin(ctx context.Context, r devices.Reach, x schedule.Schedule) error {
	for _, id := range x.Devices() {
		if err := s.findDevice(ctx, r, id); err != nil {
			return err
		}
	}
	return nil
}

func (r ScheduleRequest) draft() (schedule.Draft, error) {
	all := r.Devices
	if r.Device != "" {
		if len(all) > 0 {
			return schedule.Draft{}, &devices.Error{Op: "schedule.check", Code: devices.Invalid, Field: "devices",
				Message: `must be left out with device: say device for one, or devices for several, for example ["` + string(r.Device) + `"]`}
		}
		all = []devices.DeviceID{r.Device}
	}
	check := schedule.DefaultCheck
	if r.CheckMinutes != nil {
		check = time.Duration(*r.CheckMinutes) * time.Minute
	}
	return schedule.Draft{
		Devices: all, Name: r.Name, Cron: r.Cron, TimeZone: r.TimeZone, Action: r.Action,
		Args: texts(r.Args), Paused: r.Paused, Late: r.Late, SkipLate: time.Duration(r.SkipLateSeconds) * time.Second,
		Days: r.Days, Jitter: time.Duration(r.JitterSeconds) * time.Second, Check: check,
	}, nil
}

func scheduleOut(x schedule.Schedule, err error) (*out[Schedule], error) {
	if err != nil {
		return nil, err
	}
	return &out[Schedule]{scheduleOf(x)}, nil
}

func scheduleOf(s schedule.Schedule) Schedule {
	args := s.Args
	if args == nil {
		args = map[string]string{}
	}
	made := Schedule{
		ID: s.ID, Site: s.Site, Devices: s.Devices(), Name: s.Name, Cron: s.Cron, TimeZone: s.TimeZone, Action: s.Action,
		Args: args, Paused: s.Paused, PausedUntil: instantOrNull(s.PausedUntil), Late: s.Late, SkipLateSeconds: int64(s.SkipLate / time.Second),
		Days: append([]calendar.Kind{}, s.Days...), JitterSeconds: int64(s.Jitter / time.Second), CheckMinutes: int64(s.Check / time.Minute),
		Next: instantOrNull(s.Next),
	}
	if len(made.Devices) > 0 {
		made.Device = made.Devices[0]
	}
	if !s.LeftOut.Due.IsZero() {
		made.LeftOut = &LeftOut{Due: instant(s.LeftOut.Due), By: s.LeftOut.By}
	}
	return made
}
