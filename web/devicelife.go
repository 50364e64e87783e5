package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// DeviceChange renames a device, moves it to another zone of its site, or both.
type DeviceChange struct {
	Name string         `json:"name,omitempty" minLength:"1" maxLength:"80"`
	Zone devices.ZoneID `json:"zone,omitempty" minLength:"1" maxLength:"64" doc:"of the device's own site"`
}

// Why says why something is done that cannot be taken back.
type Why struct {
	Reason string `json:"reason" minLength:"1" maxLength:"200"`
}

// DeviceTransfer enrols a device anew in a zone of another site.
type DeviceTransfer struct {
	Zone   devices.ZoneID `json:"zone" minLength:"1" maxLength:"64" doc:"of another site"`
	Reason string         `json:"reason" minLength:"1" maxLength:"200"`
}

// RetiredDevice is a device that is out of service.
type RetiredDevice struct {
	Device  feed.Device `json:"device" doc:"as it was known last"`
	Retired time.Time   `json:"retired"`
}

// RetiredList has the newest first.
type RetiredList struct {
	Devices []RetiredDevice `json:"devices"`
}

type changeRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Body DeviceChange
}

type whyRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Body Why
}

type transferRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Body DeviceTransfer
}

func (s *Server) deviceLifeRoutes(a *api) {
	device := func(live devices.Live, err error) (*out[feed.Device], error) {
		if err != nil {
			return nil, err
		}
		return &out[feed.Device]{feed.DeviceOf(live)}, nil
	}
	add(a, operation(http.MethodPatch, "/devices/{id}", "changeDevice", "devices", "Rename a device, or move it within its site", 200),
		func(ctx context.Context, i *changeRequest) (*out[feed.Device], error) {
			if i.Body.Zone != "" { // it may leave a lockdown of its zone
				if err := s.fresh(ctx); err != nil {
					return nil, err
				}
			}
			return device(s.deps.Registry.EditDevice(ctx, actor(ctx), i.ID, devices.DeviceEdit(i.Body)))
		})
	add(a, operation(http.MethodPost, "/devices/{id}/retire", "retireDevice", "devices",
		"Take a device out of service for good: its credential ends, its history stays", 204),
		func(ctx context.Context, i *whyRequest) (*none, error) {
			return nil, s.deps.Registry.Retire(ctx, actor(ctx), i.ID, i.Body.Reason)
		})
	add(a, operation(http.MethodPost, "/devices/{id}/replace", "replaceDevice", "devices",
		"Retire a broken device; a new one takes its place, its schedules and its history", 201),
		func(ctx context.Context, i *whyRequest) (*out[feed.Device], error) {
			return device(s.deps.Registry.Replace(ctx, actor(ctx), i.ID, i.Body.Reason))
		})
	add(a, operation(http.MethodPost, "/devices/{id}/transfer", "transferDevice", "devices",
		"Move a device to another site: it is enrolled anew there and keeps its history", 201),
		func(ctx context.Context, i *transferRequest) (*out[feed.Device], error) {
			return device(s.deps.Registry.Transfer(ctx, actor(ctx), i.ID, i.Body.Zone, i.Body.Reason))
		})
	add(a, operation(http.MethodGet, "/devices/retired", "listRetired", "devices", "Devices that are out of service, the newest first", 200),
		func(ctx context.Context, _ *none) (*out[RetiredList], error) {
			return &out[RetiredList]{RetiredList{each(devices.LivesWithin(s.deps.Registry.Retired(), reachOf(ctx)), func(l devices.Live) RetiredDevice {
				return RetiredDevice{Device: feed.DeviceOf(l), Retired: instant(l.Device.Retired)}
			})}}, nil
		})
}
