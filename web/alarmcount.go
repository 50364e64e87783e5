package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
)

// AlarmCounts is how many alarms of each type were raised.
type AlarmCounts struct {
	Counts []AlarmCount `json:"counts" doc:"the gravest and the most first; types of which there were none are left out"`
}

// AlarmCount is that of one type.
type AlarmCount struct {
	Severity alarms.Severity `json:"severity" enum:"critical,major,minor,warning"`
	Type     alarms.Type     `json:"type"`
	Raised   int             `json:"raised"`
	Open     int             `json:"open" doc:"of these, those that are not resolved now"`
}

type alarmCountRequest struct {
	Site devices.SiteID `query:"site" required:"true" minLength:"1" maxLength:"64"`
	From time.Time      `query:"from" required:"true" doc:"raised at this time or later"`
	To   time.Time      `query:"to" required:"true" doc:"raised before this time"`
}

func (s *Server) alarmCountRoute(a *api) {
	add(a, operation(http.MethodGet, "/alarms/counts", "countAlarms", "alarms", "How many alarms of each type were raised in a part of time", 200),
		func(ctx context.Context, i *alarmCountRequest) (*out[AlarmCounts], error) {
			all, err := s.deps.Alarms.Count(ctx, alarms.CountQuery{Site: i.Site, From: i.From, To: i.To, Within: within(ctx)})
			return &out[AlarmCounts]{AlarmCounts{each(all, func(c alarms.Count) AlarmCount { return AlarmCount(c) })}}, err
		})
}
