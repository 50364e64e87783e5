package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices/presence"
	"gatehouse/devices/statistics"
)

// StatisticsSeries is what the devices of a site did on each day.
type StatisticsSeries struct {
	Site       string          `json:"site"`
	From       time.Time       `json:"from"`
	To         time.Time       `json:"to" doc:"the present day ends now"`
	OrderLimit int64           `json:"orderLimitMs" doc:"what GB 50396 asks of an order, until its effect"`
	Days       []StatisticsDay `json:"days" doc:"oldest first, each that was asked for; together they are the sum of getStatistics"`
}

// StatisticsDay is one day of a site.
type StatisticsDay struct {
	Day          string         `json:"day" doc:"YYYY-MM-DD in the site's time zone"`
	From         time.Time      `json:"from"`
	To           time.Time      `json:"to" doc:"with a change of the clocks a day has 23 or 25 hours; the present one ends now"`
	Orders       uint64         `json:"orders" doc:"that ended"`
	Confirmed    Times          `json:"confirmed" doc:"from the order until its effect was seen, movement included"`
	Passages     uint64         `json:"passages" doc:"that were granted"`
	Denied       uint64         `json:"denied"`
	Hours        []PassageHours `json:"hours" doc:"granted passages by direction"`
	Availability Availability   `json:"availability" doc:"of all devices together"`
	Lost         []LostTime     `json:"lost" doc:"why devices were not online, the longest first; together downMs"`
}

// LostTime is how long devices were offline for one cause.
type LostTime struct {
	Cause string `json:"cause" doc:"why the connection before it ended; empty: that was before the first day"`
	Ms    int64  `json:"ms"`
}

func (s *Server) seriesRoute(a *api) {
	add(a, operation(http.MethodGet, "/statistics/series", "getStatisticsSeries", "statistics", "How quick and how busy devices were, day by day", 200),
		func(ctx context.Context, i *statisticsRequest) (*out[StatisticsSeries], error) {
			r, err := s.deps.Statistics.Series(ctx, i.query(ctx))
			if err != nil {
				return nil, err
			}
			return &out[StatisticsSeries]{statisticsSeries(r)}, nil
		})
}

func statisticsSeries(r statistics.Series) StatisticsSeries {
	return StatisticsSeries{
		Site: string(r.Site.ID), From: instant(r.From), To: instant(r.To), OrderLimit: statistics.OrderLimit.Milliseconds(),
		Days: each(r.Days, func(d statistics.SeriesDay) StatisticsDay {
			return StatisticsDay{
				Day: d.Day, From: instant(d.From), To: instant(d.To),
				Orders: d.Counts.Orders, Confirmed: times(d.Counts.Confirmed), Passages: d.Counts.Passed(), Denied: d.Counts.Denied,
				Hours: passageHours(d.Counts), Availability: availability(d.Presence.Availability),
				Lost: each(d.Presence.Lost, func(l presence.Loss) LostTime { return LostTime{l.Cause, l.Time.Milliseconds()} }),
			}
		}),
	}
}
