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
	Sites() []devices.Site
	Zones() []devices.Zone
	Devices() []devices.Live
	// Recent are the commands that are open, or ended less than a minute ago.
	Recent() []devices.Command
	Today(ctx context.Context) ([]feed.Today, error)
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

// snapshot reads the revisions before what they belong to: a change in between is
// then told again by the feed, never missed.
func (s *Server) snapshot(ctx context.Context, _ *none) (*out[Snapshot], error) {
	l := s.deps.Live
	sites := each(l.Sites(), siteOf)
	today, err := l.Today(ctx)
	if err != nil {
		return nil, err
	}
	return &out[Snapshot]{Snapshot{
		At: instant(s.now()), Sites: sites, Zones: each(l.Zones(), zoneOf), Devices: each(l.Devices(), deviceOf),
		Commands: each(l.Recent(), commandOf), Today: today,
	}}, nil
}
