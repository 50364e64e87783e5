package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/feed"
	"gatehouse/devices/operators"
)

// Alarms has what needs somebody; alarms.Service is one.
type Alarms interface {
	Open() []alarms.Alarm
	Alarms(ctx context.Context, q alarms.Query) ([]alarms.Alarm, error)
	Count(ctx context.Context, q alarms.CountQuery) ([]alarms.Count, error)
	Get(ctx context.Context, id alarms.ID) (alarms.Alarm, []alarms.Entry, error)
	Acknowledge(ctx context.Context, by devices.Actor, id alarms.ID, comment string) (alarms.Alarm, error)
	Comment(ctx context.Context, by devices.Actor, id alarms.ID, text string) (alarms.Alarm, error)
	Assign(ctx context.Context, by devices.Actor, id alarms.ID, to alarms.Who) (alarms.Alarm, error)
	Resolve(ctx context.Context, by devices.Actor, id alarms.ID, comment string) (alarms.Alarm, error)
	Mute(ctx context.Context, by devices.Actor, r alarms.MuteRequest) (alarms.Mute, error)
	Unmute(ctx context.Context, by devices.Actor, d devices.DeviceID, t alarms.Type) error
	Mutes() []alarms.Mute
}

// Staff knows people by their login names; operators.Service does.
type Staff interface {
	ByName(ctx context.Context, name string) (operators.Operator, error)
	List(ctx context.Context) ([]operators.Operator, error)
}

// AlarmList is a page of alarms, the newest first.
type AlarmList struct {
	Alarms []feed.Alarm `json:"alarms"`
}

// AlarmHistory is one alarm with everything that happened to it.
type AlarmHistory struct {
	Alarm   feed.Alarm   `json:"alarm"`
	History []AlarmEntry `json:"history" doc:"the newest first, at most 200"`
}

// AlarmEntry is one line of an alarm's history.
type AlarmEntry struct {
	At    time.Time        `json:"at"`
	What  alarms.What      `json:"what" enum:"raised,repeated,over,returned,acknowledged,assigned,commented,escalated,muted,unmuted,resolved"`
	By    feed.Actor       `json:"by"`
	Text  string           `json:"text" doc:"a comment, a detail, an assignee"`
	Cause *feed.AlarmCause `json:"cause"`
}

// AlarmComment is what somebody says to what they do.
type AlarmComment struct {
	Comment string `json:"comment,omitempty" maxLength:"500"`
}

// AlarmText is a comment, or what was done.
type AlarmText struct {
	Text string `json:"text" minLength:"1" maxLength:"500"`
}

// AlarmAssignee is who is to see to an alarm.
type AlarmAssignee struct {
	Name string `json:"name" maxLength:"64" doc:"login name; empty: nobody"`
}

// AlarmPeople are those who could see to an alarm: they may handle alarms where it is.
type AlarmPeople struct {
	People []AlarmPerson `json:"people" doc:"by name"`
}

// AlarmPerson is one of them.
type AlarmPerson struct {
	ID   operators.ID `json:"id"`
	Name string       `json:"name" doc:"login name"`
}

// NewAlarmMute keeps the alarms of a device from being loud.
type NewAlarmMute struct {
	Device devices.DeviceID `json:"device" minLength:"1" maxLength:"64"`
	Type   alarms.Type      `json:"type,omitempty" maxLength:"64" doc:"left out: all types"`
	Until  time.Time        `json:"until" doc:"within the next 7 days"`
	Reason string           `json:"reason" minLength:"1" maxLength:"500"`
}

// AlarmMute is a mute that holds.
type AlarmMute struct {
	Device devices.DeviceID `json:"device"`
	Site   devices.SiteID   `json:"site"`
	Type   alarms.Type      `json:"type" doc:"empty: all types"`
	Since  time.Time        `json:"since"`
	Until  time.Time        `json:"until"`
	By     feed.Actor       `json:"by"`
	Reason string           `json:"reason"`
}

// AlarmMutes are the mutes that hold, in the order of their ends.
type AlarmMutes struct {
	Mutes []AlarmMute `json:"mutes"`
}

type alarmsRequest struct {
	Site     devices.SiteID   `query:"site" maxLength:"64"`
	Zone     devices.ZoneID   `query:"zone" maxLength:"64"`
	Device   devices.DeviceID `query:"device" maxLength:"64"`
	Type     alarms.Type      `query:"type" maxLength:"64"`
	Severity alarms.Severity  `query:"severity" enum:"critical,major,minor,warning"`
	State    string           `query:"state" enum:"open,raised,acknowledged,over,resolved" doc:"open: all but resolved; left out: all"`
	Assignee string           `query:"assignee" maxLength:"64" doc:"id of who sees to it"`
	Text     string           `query:"text" maxLength:"64" doc:"any part of the detail or of the device's name, in capitals or not"`
	Before   alarms.ID        `query:"before" maxLength:"64" doc:"raised before the alarm with this id"`
	Limit    int              `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (r alarmsRequest) query() alarms.Query {
	q := alarms.Query{Site: r.Site, Zone: r.Zone, Device: r.Device, Type: r.Type, Severity: r.Severity, Assignee: r.Assignee, Text: r.Text, Before: r.Before, Limit: r.Limit}
	if q.Open = r.State == "open"; !q.Open {
		q.State = alarms.State(r.State)
	}
	return q
}

type alarmID struct {
	ID alarms.ID `path:"id" minLength:"1" maxLength:"64"`
}

type alarmRequest[T any] struct {
	ID   alarms.ID `path:"id" minLength:"1" maxLength:"64"`
	Body T
}

type unmuteRequest struct {
	Device devices.DeviceID `query:"device" required:"true" minLength:"1" maxLength:"64"`
	Type   alarms.Type      `query:"type" maxLength:"64"`
}

func (s *Server) alarmRoutes(a *api) {
	s.alarmCountRoute(a)
	add(a, operation(http.MethodGet, "/alarms", "listAlarms", "alarms", "What needs, or needed, somebody, the newest first", 200),
		func(ctx context.Context, i *alarmsRequest) (*out[AlarmList], error) {
			q := i.query()
			q.Within = within(ctx)
			list, err := s.deps.Alarms.Alarms(ctx, q)
			return &out[AlarmList]{AlarmList{each(list, feed.AlarmOf)}}, err
		})
	add(a, operation(http.MethodGet, "/alarms/{id}", "getAlarm", "alarms", "An alarm with its history", 200),
		func(ctx context.Context, i *alarmID) (*out[AlarmHistory], error) {
			alarm, history, err := s.deps.Alarms.Get(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			return &out[AlarmHistory]{AlarmHistory{feed.AlarmOf(alarm), each(history, alarmEntryOf)}}, nil
		})
	add(a, operation(http.MethodPost, "/alarms/{id}/acknowledge", "acknowledgeAlarm", "alarms", "I have seen it: it is loud no more, and resolved once its cause is over", 200),
		func(ctx context.Context, i *alarmRequest[AlarmComment]) (*out[feed.Alarm], error) {
			return alarmOut(s.deps.Alarms.Acknowledge(ctx, actor(ctx), i.ID, i.Body.Comment))
		})
	add(a, operation(http.MethodPost, "/alarms/{id}/take", "takeAlarm", "alarms", "I see to it", 200),
		func(ctx context.Context, i *alarmID) (*out[feed.Alarm], error) {
			me := actor(ctx)
			return alarmOut(s.deps.Alarms.Assign(ctx, me, i.ID, alarms.Who{Kind: me.Kind, ID: me.ID, Name: me.Name}))
		})
	add(a, operation(http.MethodPut, "/alarms/{id}/assignee", "assignAlarm", "alarms", "Somebody is to see to it, or nobody any more", 200),
		func(ctx context.Context, i *alarmRequest[AlarmAssignee]) (*out[feed.Alarm], error) {
			alarm, _, err := s.deps.Alarms.Get(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			to, err := s.assignee(ctx, alarm, i.Body.Name)
			if err != nil {
				return nil, err
			}
			return alarmOut(s.deps.Alarms.Assign(ctx, actor(ctx), i.ID, to))
		})
	add(a, operation(http.MethodGet, "/alarms/{id}/assignees", "listAlarmAssignees", "alarms", "Who could see to an alarm", 200),
		func(ctx context.Context, i *alarmID) (*out[AlarmPeople], error) {
			alarm, _, err := s.deps.Alarms.Get(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			people, err := s.assignees(ctx, alarm)
			return &out[AlarmPeople]{AlarmPeople{people}}, err
		})
	add(a, operation(http.MethodPost, "/alarms/{id}/comments", "commentAlarm", "alarms", "Say something to an alarm", 200),
		func(ctx context.Context, i *alarmRequest[AlarmText]) (*out[feed.Alarm], error) {
			return alarmOut(s.deps.Alarms.Comment(ctx, actor(ctx), i.ID, i.Body.Text))
		})
	add(a, operation(http.MethodPost, "/alarms/{id}/resolve", "resolveAlarm", "alarms", "It is done; 409 while its condition is known to stand", 200),
		func(ctx context.Context, i *alarmRequest[AlarmText]) (*out[feed.Alarm], error) {
			return alarmOut(s.deps.Alarms.Resolve(ctx, actor(ctx), i.ID, i.Body.Text))
		})
}

func (s *Server) alarmMuteRoutes(a *api) {
	add(a, operation(http.MethodGet, "/alarms/mutes", "listAlarmMutes", "alarms", "Devices whose alarms are not loud for a while", 200),
		func(ctx context.Context, _ *none) (*out[AlarmMutes], error) {
			mutes := inReach(ctx, s.deps.Alarms.Mutes(), func(m alarms.Mute) (devices.SiteID, devices.ZoneID) { return s.placeOf(ctx, m.Device) })
			return &out[AlarmMutes]{AlarmMutes{each(mutes, alarmMuteOf)}}, nil
		})
	add(a, operation(http.MethodPost, "/alarms/mutes", "muteAlarms", "alarms", "Keep the alarms of a device from being loud until a time", 201),
		func(ctx context.Context, i *in[NewAlarmMute]) (*out[AlarmMute], error) {
			b := i.Body
			m, err := s.deps.Alarms.Mute(ctx, actor(ctx), alarms.MuteRequest{Device: b.Device, Type: b.Type, Until: b.Until, Reason: b.Reason})
			if err != nil {
				return nil, err
			}
			return &out[AlarmMute]{alarmMuteOf(m)}, nil
		})
	add(a, operation(http.MethodDelete, "/alarms/mutes", "unmuteAlarms", "alarms", "End a mute", 204),
		func(ctx context.Context, i *unmuteRequest) (*none, error) {
			return nil, s.deps.Alarms.Unmute(ctx, actor(ctx), i.Device, i.Type)
		})
}

// assignee finds who has a login name and may handle an alarm; nobody for an empty one.
// Whoever has it already keeps it.
func (s *Server) assignee(ctx context.Context, a alarms.Alarm, name string) (alarms.Who, error) {
	if name == "" {
		return alarms.Who{}, nil
	}
	refused := func(message string) error {
		return &devices.Error{Op: "alarm.assign", Code: devices.Invalid, Field: "name", Message: message}
	}
	o, err := s.deps.Staff.ByName(ctx, name)
	if devices.CodeOf(err) == devices.NotFound {
		return alarms.Who{}, refused("must be the login name of an account")
	}
	if err != nil {
		return alarms.Who{}, err
	}
	to := alarms.Who{Kind: devices.ActorOperator, ID: string(o.ID), Name: o.Name}
	if to.ID != a.Assignee.ID && !s.couldSeeTo(o, a) {
		return alarms.Who{}, refused("the assignee must be an account that may handle alarms where this one is: GET /alarms/" + string(a.ID) + "/assignees has them")
	}
	return to, nil
}

// couldSeeTo is whether somebody may handle alarms where one is, at some hour at least.
func (s *Server) couldSeeTo(o operators.Operator, a alarms.Alarm) bool {
	grant := s.deps.Rights.GrantOf(o)
	places := devices.Scope{Places: grant.Scope.Places}
	return !o.Disabled && grant.May(devices.HandleAlarms) && places.Covers(devices.Scope{Places: []devices.Place{{Site: a.Site, Zone: a.Zone}}})
}

// assignees are those who could see to an alarm.
func (s *Server) assignees(ctx context.Context, a alarms.Alarm) ([]AlarmPerson, error) {
	all, err := s.deps.Staff.List(ctx)
	if err != nil {
		return nil, err
	}
	people := []AlarmPerson{}
	for _, o := range all {
		if s.couldSeeTo(o, a) {
			people = append(people, AlarmPerson{ID: o.ID, Name: o.Name})
		}
	}
	return people, nil
}

func alarmPlace(a alarms.Alarm) (devices.SiteID, devices.ZoneID) { return a.Site, a.Zone }

func alarmOut(a alarms.Alarm, err error) (*out[feed.Alarm], error) {
	if err != nil {
		return nil, err
	}
	return &out[feed.Alarm]{feed.AlarmOf(a)}, nil
}

func alarmEntryOf(e alarms.Entry) AlarmEntry {
	entry := AlarmEntry{At: instant(e.At), What: e.What, By: feed.Actor{Kind: string(e.By.Kind), ID: e.By.ID, Name: e.By.Name}, Text: e.Text}
	if e.Cause.Kind != "" {
		entry.Cause = &feed.AlarmCause{Kind: string(e.Cause.Kind), ID: e.Cause.ID}
	}
	return entry
}

func alarmMuteOf(m alarms.Mute) AlarmMute {
	return AlarmMute{
		Device: m.Device, Site: m.Site, Type: m.Type, Since: instant(m.Since), Until: instant(m.Until),
		By: feed.Actor{Kind: string(m.By.Kind), ID: m.By.ID, Name: m.By.Name}, Reason: m.Reason,
	}
}
