package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// Layers holds openings and locks places down; devices.Control is one.
type Layers interface {
	Layers() []devices.Layer
	SetLayer(ctx context.Context, a devices.Actor, r devices.LayerRequest) ([]devices.Layer, error)
}

// NewLayer sets or releases a layer of one device, zone or site.
type NewLayer struct {
	Action    devices.LayerAction `json:"action" enum:"hold_open,hold_closed,release,lock_down,lockdown_release" doc:"release ends a hold"`
	Device    devices.DeviceID    `json:"device,omitempty" maxLength:"64" doc:"one of device, zone and site; a hold is of a device"`
	Direction string              `json:"direction,omitempty" enum:"in,out" doc:"of a turnstile; left out: both"`
	Zone      devices.ZoneID      `json:"zone,omitempty" maxLength:"64"`
	Site      devices.SiteID      `json:"site,omitempty" maxLength:"64"`
	Reason    string              `json:"reason,omitempty" maxLength:"200" doc:"required by hold_open, lock_down and lockdown_release"`
	Until     *time.Time          `json:"until,omitempty" doc:"a hold ends by itself then"`
}

// LayerList is layers, the strongest first.
type LayerList struct {
	Layers []feed.Layer `json:"layers"`
}

func (s *Server) layerRoutes(a *api) {
	add(a, operation(http.MethodGet, "/layers", "listLayers", "layers", "Every hold, lockdown and fire release that stands", 200),
		func(ctx context.Context, _ *none) (*out[LayerList], error) {
			return &out[LayerList]{LayerList{each(devices.LayersWithin(s.deps.Layers.Layers(), reachOf(ctx)), feed.LayerOf)}}, nil
		})
	add(a, operation(http.MethodPost, "/layers", "setLayer", "layers", "Hold or lock down, or release that; asking twice changes nothing", 200),
		func(ctx context.Context, i *in[NewLayer]) (*out[LayerList], error) {
			b := i.Body
			if b.Action == devices.LockdownRelease {
				if err := s.fresh(ctx); err != nil {
					return nil, err
				}
			}
			r := devices.LayerRequest{Action: b.Action, Device: b.Device, Direction: b.Direction, Zone: b.Zone, Site: b.Site, Reason: b.Reason}
			if b.Until != nil {
				r.Until = *b.Until
			}
			set, err := s.deps.Layers.SetLayer(ctx, actor(ctx), r)
			if err != nil {
				return nil, err
			}
			return &out[LayerList]{LayerList{each(set, feed.LayerOf)}}, nil
		})
}
