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
	IssueIntegrator(ctx context.Context, by devices.Actor, name string, sites []devices.SiteID) (credentials.Issued, credentials.Credential, error)
	Get(ctx context.Context, username string) (credentials.Credential, error)
	Revoke(ctx context.Context, by devices.Actor, username string) error
}

// Integrator is a foreign program that reads the feeds of some sites.
type Integrator struct {
	Username string           `json:"username"`
	Name     string           `json:"name"`
	Sites    []devices.SiteID `json:"sites"`
	Created  time.Time        `json:"created"`
	LastUsed *time.Time       `json:"lastUsed" doc:"null: never"`
}

// IntegratorList is every integrator.
type IntegratorList struct {
	Integrators []Integrator `json:"integrators"`
}

// NewIntegrator creates an integrator.
type NewIntegrator struct {
	Name  string           `json:"name" minLength:"1" maxLength:"100"`
	Sites []devices.SiteID `json:"sites" minItems:"1" maxItems:"1000" doc:"whose feeds it may read"`
}

// IssuedIntegrator is an integrator's credential. It is shown once.
type IssuedIntegrator struct {
	Username string   `json:"username"`
	Password string   `json:"password"`
	Filters  []string `json:"filters" doc:"what it may subscribe to"`
	MQTT     string   `json:"mqtt" doc:"host:port"`
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
			made, kept, err := s.deps.Integrators.IssueIntegrator(ctx, actor(ctx), i.Body.Name, i.Body.Sites)
			if err != nil {
				return nil, err
			}
			return &out[IssuedIntegrator]{IssuedIntegrator{
				Username: made.Username, Password: made.Password,
				Filters: each(kept.Sites, feed.SiteFilter), MQTT: s.deps.MQTTAddress,
			}}, nil
		})
	add(a, operation(http.MethodDelete, "/integrators/{username}", "deleteIntegrator", "integrators", "End a foreign program's access and its connections", 204),
		s.deleteIntegrator)
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
		Created: instant(c.Created), LastUsed: instantOrNull(c.LastUsed),
	}
}
