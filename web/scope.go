package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// RightsScope limits rights to parts of the property and to hours of the week.
type RightsScope struct {
	Sites []devices.SiteID `json:"sites" maxItems:"200" doc:"whole sites; with zones empty too: the whole property"`
	Zones []devices.ZoneID `json:"zones" maxItems:"300" doc:"of other sites"`
	Hours []RightsHours    `json:"hours" maxItems:"50" doc:"by the clock of each site; empty: always"`
}

// RightsHours are a part of some days of the week.
type RightsHours struct {
	Days []string `json:"days" minItems:"1" maxItems:"7" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"on which they begin"`
	From string   `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"22:00"`
	To   string   `json:"to" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" example:"06:00" doc:"if it is not after from: on the next day"`
}

// weekdays are the days as the API writes them, in the order of a week.
var weekdays = [...]struct {
	name string
	day  time.Weekday
}{
	{"monday", time.Monday}, {"tuesday", time.Tuesday}, {"wednesday", time.Wednesday}, {"thursday", time.Thursday},
	{"friday", time.Friday}, {"saturday", time.Saturday}, {"sunday", time.Sunday},
}

// scopeOf is a scope as the API writes it.
func scopeOf(s devices.Scope) RightsScope {
	out := RightsScope{Sites: []devices.SiteID{}, Zones: []devices.ZoneID{}, Hours: each(s.Hours, hoursOf)}
	for _, p := range s.Places {
		if p.Zone == "" {
			out.Sites = append(out.Sites, p.Site)
		} else {
			out.Zones = append(out.Zones, p.Zone)
		}
	}
	return out
}

func hoursOf(s devices.Span) RightsHours {
	h := RightsHours{Days: []string{}, From: clockOf(s.From), To: clockOf(s.To)}
	for _, w := range weekdays {
		if slices.Contains(s.Days, w.day) {
			h.Days = append(h.Days, w.name)
		}
	}
	return h
}

func clockOf(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// scopeIn is what a request says. A zone that does not exist is Invalid (Field scope.zones).
func (s *Server) scopeIn(in RightsScope) (devices.Scope, error) {
	var out devices.Scope
	for _, site := range in.Sites {
		out.Places = append(out.Places, devices.Place{Site: site})
	}
	zones := s.deps.Places.Zones()
	for _, id := range in.Zones {
		i := slices.IndexFunc(zones, func(z devices.Zone) bool { return z.ID == id })
		if i < 0 {
			return devices.Scope{}, &devices.Error{Op: "scope.read", Code: devices.Invalid, Field: "scope.zones", Message: "must be zones that exist"}
		}
		out.Places = append(out.Places, devices.Place{Site: zones[i].Site, Zone: id})
	}
	for _, h := range in.Hours {
		span := devices.Span{From: minutesOf(h.From), To: minutesOf(h.To)}
		for _, w := range weekdays {
			if slices.Contains(h.Days, w.name) {
				span.Days = append(span.Days, w.day)
			}
		}
		out.Hours = append(out.Hours, span)
	}
	return out, nil
}

// minutesOf reads what the pattern of RightsHours let through.
func minutesOf(clock string) int {
	return int(clock[0]-'0')*600 + int(clock[1]-'0')*60 + int(clock[3]-'0')*10 + int(clock[4]-'0')
}

// scopeField names the field of a person that is wrong as the API calls it.
func scopeField(err error) error {
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.Invalid {
		return err
	}
	renamed := *e
	switch e.Field {
	case "places":
		renamed.Field = "scope.sites"
	case "hours":
		renamed.Field = "scope.hours"
	}
	return &renamed
}

// createPerson makes an account.
func (s *Server) createPerson(ctx context.Context, i *in[NewPerson]) (*out[FirstPassword], error) {
	account := operators.NewAccount{Name: i.Body.Name, Role: i.Body.Role, Language: i.Body.Language}
	if i.Body.Scope != nil {
		var err error
		if account.Scope, err = s.scopeIn(*i.Body.Scope); err != nil {
			return nil, err
		}
	}
	o, password, err := s.deps.People.Create(ctx, actor(ctx), account)
	return &out[FirstPassword]{FirstPassword{s.personOf(o), password}}, scopeField(err)
}

// rightsIn is what of a person's rights a request changes.
func (s *Server) rightsIn(b PersonChange) (c operators.RightsChange, err error) {
	if b.Role != "" {
		c.Role = &b.Role
	}
	if b.Scope != nil {
		scope, err := s.scopeIn(*b.Scope)
		if err != nil {
			return c, err
		}
		c.Scope = &scope
	}
	return c, nil
}
