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

// Snapshot is everything that the wall shows, at one moment. A feed message whose
// revision is not above the one here is old news.
type Snapshot struct {
	At       time.Time      `json:"at"`
	Sites    []Site         `json:"sites"`
	Zones    []Zone         `json:"zones"`
	Devices  []feed.Device  `json:"devices"`
	Commands []feed.Command `json:"commands" doc:"open ones, and those that ended less than a minute ago"`
	Today    []feed.Today   `json:"today"`
}

func (s *Server) liveRoutes(a *api) {
	add(a, operation(http.MethodGet, "/live/snapshot", "getSnapshot", "live", "Everything that the wall shows", 200),
		s.snapshot)
	add(a, operation(http.MethodPost, "/live/ticket", "createTicket", "live", "A ticket to read the feed at /mqtt", 200),
		func(ctx context.Context, _ *none) (*out[Ticket], error) {
			v := visitorOf(ctx)
			t := s.deps.Tickets.Issue(v.session, v.operator)
			return &out[Ticket]{Ticket{
				ClientID: t.ClientID, Username: t.Username, Password: t.Password,
				Path: mqttPath, Filters: []string{"gatehouse/v1/feed/#"}, Expires: instant(t.Expires),
			}}, nil
		})
}

func (s *Server) snapshot(context.Context, *none) (*out[Snapshot], error) {
	v := s.deps.Live.Snapshot()
	return &out[Snapshot]{Snapshot{
		At: instant(v.At), Sites: each(v.Sites, siteOf), Zones: each(v.Zones, zoneOf), Devices: each(v.Devices, deviceOf),
		Commands: each(v.Commands, commandOf), Today: each(v.Today, todayOf),
	}}, nil
}
