package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
	"gatehouse/devices/feed"
)

// Integrators lets foreign programs read feeds; credentials.Service is one.
type Integrators interface {
	List(ctx context.Context, h credentials.Holder) ([]credentials.Credential, error)
	IssueIntegrator(ctx context.Context, by devices.Actor, n credentials.NewIntegrator) (credentials.Issued, credentials.Credential, error)
	RotateIntegrator(ctx context.Context, by devices.Actor, username string, ends time.Time) (credentials.Issued, credentials.Credential, error)
	Get(ctx context.Context, username string) (credentials.Credential, error)
	Revoke(ctx context.Context, by devices.Actor, username string) error
}

// Integrator is a foreign program that reads the feeds of some sites.
type Integrator struct {
	Username string           `json:"username"`
	Name     string           `json:"name"`
	Sites    []devices.SiteID `json:"sites"`
	Feeds    []string         `json:"feeds" enum:"device,command,alarm,layer,today" doc:"kinds of feeds that it may read; empty: all"`
	Created  time.Time        `json:"created"`
	Expires  time.Time        `json:"expires" doc:"when it is let in no more"`
	LastUsed *time.Time       `json:"lastUsed" doc:"null: never"`
}

// IntegratorList is every integrator.
type IntegratorList struct {
	Integrators []Integrator `json:"integrators"`
}

// NewIntegrator creates an integrator.
type NewIntegrator struct {
	Name    string           `json:"name" minLength:"1" maxLength:"100"`
	Sites   []devices.SiteID `json:"sites" minItems:"1" maxItems:"1000" doc:"whose feeds it may read"`
	Feeds   []string         `json:"feeds,omitempty" maxItems:"5" enum:"device,command,alarm,layer,today" doc:"kinds of feeds that it may read, the heartbeat always; left out: all"`
	Expires time.Time        `json:"expires,omitempty" doc:"at most a year ahead; left out: in a year"`
}

// IssuedIntegrator is an integrator's credential. It is shown once.
type IssuedIntegrator struct {
	Username string    `json:"username"`
	Password string    `json:"password"`
	Filters  []string  `json:"filters" doc:"what it may subscribe to"`
	MQTT     string    `json:"mqtt" doc:"host:port"`
	Expires  time.Time `json:"expires"`
}

// IntegratorRenewal gives an integrator another secret.
type IntegratorRenewal struct {
	Expires time.Time `json:"expires,omitempty" doc:"at most a year ahead; left out: in a year"`
}

type renewalRequest struct {
	Username string `path:"username" minLength:"1" maxLength:"64"`
	Body     IntegratorRenewal
}

type integratorRequest struct {
	Username string `path:"username" minLength:"1" maxLength:"64"`
}

func (s *Server) integratorRoutes(a *api) {
	add(a, operation(http.MethodGet, "/integrators", "listIntegrators", "integrators", "Foreign programs that may read feeds", 200),
		func(ctx context.Context, _ *none) (*out[IntegratorList], error) {
			list, err := s.deps.Integrators.List(ctx, credentials.ForIntegrator)
			return &out[IntegratorList]{IntegratorList{each(list, integratorOf)}}, err
		})
	add(a, operation(http.MethodPost, "/integrators", "createIntegrator", "integrators", "Let a foreign program read feeds", 201),
		func(ctx context.Context, i *in[NewIntegrator]) (*out[IssuedIntegrator], error) {
			made, kept, err := s.deps.Integrators.IssueIntegrator(ctx, actor(ctx), credentials.NewIntegrator{
				Name: i.Body.Name, Sites: i.Body.Sites, Feeds: i.Body.Feeds, Ends: i.Body.Expires,
			})
			return &out[IssuedIntegrator]{s.issuedIntegrator(made, kept)}, err
		})
	add(a, operation(http.MethodPost, "/integrators/{username}/secret", "rotateIntegrator", "integrators", "Give a foreign program another secret and end; the old one is refused at once", 200),
		func(ctx context.Context, i *renewalRequest) (*out[IssuedIntegrator], error) {
			made, kept, err := s.deps.Integrators.RotateIntegrator(ctx, actor(ctx), i.Username, i.Body.Expires)
			return &out[IssuedIntegrator]{s.issuedIntegrator(made, kept)}, err
		})
	add(a, operation(http.MethodDelete, "/integrators/{username}", "deleteIntegrator", "integrators", "End a foreign program's access and its connections", 204),
		s.deleteIntegrator)
}

func (s *Server) issuedIntegrator(made credentials.Issued, kept credentials.Credential) IssuedIntegrator {
	filters := []string{}
	for _, site := range kept.Sites {
		filters = append(filters, feed.KindFilters(site, kept.Feeds)...)
	}
	return IssuedIntegrator{Username: made.Username, Password: made.Password, Filters: filters, MQTT: s.deps.MQTTAddress, Expires: instant(kept.Ends)}
}

// deleteIntegrator makes sure that it is one: a device's credential has its own
// route and its own right.
func (s *Server) deleteIntegrator(ctx context.Context, i *integratorRequest) (*none, error) {
	c, err := s.deps.Integrators.Get(ctx, i.Username)
	if err != nil {
		return nil, err
	}
	if c.Holder != credentials.ForIntegrator {
		return nil, newProblem(devices.NotFound, "there is no integrator of this user name")
	}
	return nil, s.deps.Integrators.Revoke(ctx, actor(ctx), i.Username)
}

func integratorOf(c credentials.Credential) Integrator {
	return Integrator{
		Username: c.Username, Name: c.Name, Sites: each(c.Sites, func(s devices.SiteID) devices.SiteID { return s }),
		Feeds: each(c.Feeds, func(f string) string { return f }), Created: instant(c.Created), Expires: instant(c.Ends), LastUsed: instantOrNull(c.LastUsed),
	}
}
