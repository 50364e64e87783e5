package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
)

// Places creates sites and zones; devices.Control is one.
type Places interface {
	AddSite(ctx context.Context, a devices.Actor, name, timeZone string) (devices.Site, error)
	AddZone(ctx context.Context, a devices.Actor, site devices.SiteID, name string) (devices.Zone, error)
}

// Site is one property.
type Site struct {
	ID       devices.SiteID   `json:"id"`
	Name     string           `json:"name"`
	TimeZone string           `json:"timeZone" doc:"IANA name" example:"Asia/Shanghai"`
	Revision devices.Revision `json:"revision"`
}

// Zone is a part of a site.
type Zone struct {
	ID   devices.ZoneID `json:"id"`
	Site devices.SiteID `json:"site"`
	Name string         `json:"name"`
}

// NewSite creates a site.
type NewSite struct {
	Name     string `json:"name" minLength:"1" maxLength:"80"`
	TimeZone string `json:"timeZone" minLength:"1" maxLength:"64" doc:"IANA name" example:"Asia/Shanghai"`
}

// NewZone creates a zone.
type NewZone struct {
	Name string `json:"name" minLength:"1" maxLength:"80"`
}

type zoneRequest struct {
	Site devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
	Body NewZone
}

func siteOf(s devices.Site) Site {
	return Site{ID: s.ID, Name: s.Name, TimeZone: s.TimeZone, Revision: s.Revision}
}

func zoneOf(z devices.Zone) Zone { return Zone{ID: z.ID, Site: z.Site, Name: z.Name} }

func (s *Server) placeRoutes(a *api) {
	add(a, operation(http.MethodPost, "/sites", "createSite", "places", "Create a site", 201),
		func(ctx context.Context, i *in[NewSite]) (*out[Site], error) {
			made, err := s.deps.Places.AddSite(ctx, actor(ctx), i.Body.Name, i.Body.TimeZone)
			return &out[Site]{siteOf(made)}, err
		})
	add(a, operation(http.MethodPost, "/sites/{site}/zones", "createZone", "places", "Create a zone of a site", 201),
		func(ctx context.Context, i *zoneRequest) (*out[Zone], error) {
			made, err := s.deps.Places.AddZone(ctx, actor(ctx), i.Site, i.Body.Name)
			return &out[Zone]{zoneOf(made)}, err
		})
}
