package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/operators"
)

// Live gives the first picture of everything, from which the feed goes on;
// devices.Control is one.
type Live interface {
	Snapshot() devices.Snapshot
}

// Tickets gives a browser its way to the feed; operators.Tickets is one.
type Tickets interface {
	// Issue makes a ticket for a session; it ends with it.
	Issue(session operators.Session, o operators.Operator) operators.Ticket
}

// Ticket lets a browser connect once to the broker, to read the feed.
type Ticket struct {
	ClientID string    `json:"clientId"`
	Username string    `json:"username"`
	Password string    `json:"password" doc:"good for one CONNECT until expires"`
	Path     string    `json:"path" doc:"of the WebSocket on this host, subprotocol mqtt" example:"/mqtt"`
	Filters  []string  `json:"filters" doc:"what may be subscribed to"`
	Expires  time.Time `json:"expires"`
}

// snapshot is what of everything is in reach. It reads the alarms after the revisions
// that say what it holds.
func (s *Server) snapshot(ctx context.Context) feed.Snapshot {
	live := s.deps.Live.Snapshot().Within(reachOf(ctx))
	return feed.SnapshotOf(live, inReach(ctx, s.deps.Alarms.Open(), alarmPlace))
}

func (s *Server) liveRoutes(a *api) {
	add(a, operation(http.MethodGet, "/live/snapshot", "getSnapshot", "live", "Everything that the wall shows", 200),
		func(ctx context.Context, _ *none) (*out[feed.Snapshot], error) {
			return &out[feed.Snapshot]{s.snapshot(ctx)}, nil
		})
	add(a, operation(http.MethodPost, "/live/ticket", "createTicket", "live", "A ticket to read the feed at /mqtt", 200),
		func(ctx context.Context, _ *none) (*out[Ticket], error) {
			v := visitorOf(ctx)
			t := s.deps.Tickets.Issue(v.session, v.operator)
			return &out[Ticket]{Ticket{
				ClientID: t.ClientID, Username: t.Username, Password: t.Password,
				Path: mqttPath, Filters: feed.Filters(v.reach), Expires: instant(t.Expires),
			}}, nil
		})
}
