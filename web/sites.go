package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// Places creates and renames sites and zones; devices.Control is one.
type Places interface {
	AddSite(ctx context.Context, a devices.Actor, name, timeZone string) (devices.Site, error)
	AddZone(ctx context.Context, a devices.Actor, site devices.SiteID, name string) (devices.Zone, error)
	RenameSite(ctx context.Context, a devices.Actor, id devices.SiteID, name string) (devices.Site, error)
	Zones() []devices.Zone
	RenameZone(ctx context.Context, a devices.Actor, id devices.ZoneID, name string) (devices.Zone, error)
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

// NewName renames something.
type NewName struct {
	Name string `json:"name" minLength:"1" maxLength:"80"`
}

type renameSite struct {
	Site devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
	Body NewName
}

type renameZone struct {
	Zone devices.ZoneID `path:"zone" minLength:"1" maxLength:"64"`
	Body NewName
}

func (s *Server) placeRoutes(a *api) {
	add(a, operation(http.MethodPost, "/sites", "createSite", "places", "Create a site", 201),
		func(ctx context.Context, i *in[NewSite]) (*out[feed.Site], error) {
			made, err := s.deps.Places.AddSite(ctx, actor(ctx), i.Body.Name, i.Body.TimeZone)
			return &out[feed.Site]{feed.SiteOf(made)}, err
		})
	add(a, operation(http.MethodPost, "/sites/{site}/zones", "createZone", "places", "Create a zone of a site", 201),
		func(ctx context.Context, i *zoneRequest) (*out[feed.Zone], error) {
			made, err := s.deps.Places.AddZone(ctx, actor(ctx), i.Site, i.Body.Name)
			return &out[feed.Zone]{feed.ZoneOf(made)}, err
		})
	add(a, operation(http.MethodPatch, "/sites/{site}", "renameSite", "places", "Rename a site", 200),
		func(ctx context.Context, i *renameSite) (*out[feed.Site], error) {
			site, err := s.deps.Places.RenameSite(ctx, actor(ctx), i.Site, i.Body.Name)
			return &out[feed.Site]{feed.SiteOf(site)}, err
		})
	add(a, operation(http.MethodPatch, "/zones/{zone}", "renameZone", "places", "Rename a zone", 200),
		func(ctx context.Context, i *renameZone) (*out[feed.Zone], error) {
			zone, err := s.deps.Places.RenameZone(ctx, actor(ctx), i.Zone, i.Body.Name)
			return &out[feed.Zone]{feed.ZoneOf(zone)}, err
		})
}
